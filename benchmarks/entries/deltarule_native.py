"""An entry for the record: the recipe fast-99 with deltarule's native engine.

python deltarule_native.py FOLDER SEED OUT
"""

import sys
from pathlib import Path

import numpy as np

from deltarule import Dataset, fit
from deltarule.data.idx import read_idx
from deltarule.recipes import recipe


def main():
    folder, seed, out = Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
    images = read_idx(folder / "train-images-idx3-ubyte")[:50_000]
    labels = read_idx(folder / "train-labels-idx1-ubyte")[:50_000]
    train = Dataset(images, labels, "training", scale=255.0)
    fast = recipe("fast-99")
    model = fit(fast.network((28, 28), 10), train, fast.training, seed=seed, engine="native")
    labels = model.predict(read_idx(folder / "t10k-images-idx3-ubyte"))
    out.write_bytes(np.asarray(labels, np.uint8).tobytes())


if __name__ == "__main__":
    main()
