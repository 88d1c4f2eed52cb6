"""An entry for the record: the recipe fast-99 in PyTorch, with images channels last.

python pytorch_channels_last.py FOLDER SEED OUT
"""

import torch
from pytorch_eager import main

if __name__ == "__main__":
    main(torch.channels_last)
