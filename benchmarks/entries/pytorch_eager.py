"""An entry for the record: the recipe fast-99 in PyTorch, as one writes it.

python pytorch_eager.py FOLDER SEED OUT
"""

import math
import sys
from pathlib import Path

import numpy as np
import torch
from torch import nn

EPOCHS, BATCH, PEAK, RISE = 1, 128, 0.01, 0.25


def read_idx(path, header):
    return np.frombuffer(path.read_bytes(), np.uint8, offset=header)


def build_network():
    network = nn.Sequential(
        *(nn.Conv2d(1, 8, 5), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(8, 40, 3), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Flatten(), nn.Linear(1000, 128), nn.ReLU(), nn.Linear(128, 10)),
    )
    for layer in network:
        if isinstance(layer, nn.Conv2d | nn.Linear):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            nn.init.zeros_(layer.bias)
    return network


def choose_eta(step, steps):
    """Return η of a step: it rises from PEAK / 25 to PEAK, then falls to PEAK / 10,000, both by half a cosine."""
    t = step / steps
    start, end, share = (PEAK / 25, PEAK, t / RISE) if t < RISE else (PEAK, PEAK / 1e4, (t - RISE) / (1 - RISE))
    return end + (start - end) * (1 + math.cos(math.pi * share)) / 2


def main(memory=torch.contiguous_format):
    folder, seed, out = Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
    torch.manual_seed(seed)
    images = torch.from_numpy(read_idx(folder / "train-images-idx3-ubyte", 16).reshape(-1, 1, 28, 28)[:50_000].copy())
    labels = torch.from_numpy(read_idx(folder / "train-labels-idx1-ubyte", 8)[:50_000].astype(np.int64))
    network = build_network().to(memory_format=memory)
    cost = nn.CrossEntropyLoss(label_smoothing=0.1)
    optimizer = torch.optim.Adam(network.parameters(), betas=(0.7, 0.9), fused=True)
    steps, step = EPOCHS * math.ceil(len(images) / BATCH), 0
    for _ in range(EPOCHS):
        order = torch.randperm(len(images))
        shuffled = images[order].to(torch.float32, memory_format=memory).div_(255)
        for x, y in zip(shuffled.split(BATCH), labels[order].split(BATCH), strict=True):
            optimizer.param_groups[0]["lr"] = choose_eta(step, steps)
            optimizer.zero_grad()
            cost(network(x), y).backward()
            optimizer.step()
            step += 1
    test = torch.from_numpy(read_idx(folder / "t10k-images-idx3-ubyte", 16).reshape(-1, 1, 28, 28).copy())
    with torch.no_grad():
        parts = [network(part.to(torch.float32, memory_format=memory) / 255).argmax(1) for part in test.split(1000)]
    out.write_bytes(torch.cat(parts).to(torch.uint8).numpy().tobytes())


if __name__ == "__main__":
    main()
