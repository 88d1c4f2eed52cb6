#!/usr/bin/env bash
# PyTorch: a convolution of images with one channel whose channel axis was moved, as movedim(-1, 1) does.
# Expected: the same numbers as for a copy of the tensor in the usual order.
# Observed: 20 images of 3 x 3 with the strides (9, 1, 3, 1), a kernel of 1 x 2 and a stride of (1, 2): the second number of
# the result is that of the third row, and the third is wrong; no error, on CPUs. contiguous() does not help, as these
# strides count as contiguous; clone(memory_format=torch.contiguous_format) does.
# Why it matters: a network with its channels last gives wrong answers after such a conversion.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/python" -m pip install -q --disable-pip-version-check numpy==2.4.6 torch==2.13.0
"$place/venv/bin/python" - <<'PYTHON'
import sys
import torch

print("torch", torch.__version__)
x = torch.arange(20 * 9.0).reshape(20, 3, 3, 1)
conv = torch.nn.Conv2d(1, 1, (1, 2), stride=(1, 2), bias=False)
torch.nn.init.ones_(conv.weight)  # the sum of the first two numbers of each row
want = x[:, :, 0, 0] + x[:, :, 1, 0]
moved = x.movedim(-1, 1)
right = {}
with torch.no_grad():
    for name, tensor in {"moved": moved, "contiguous": moved.contiguous(),
                         "cloned": moved.clone(memory_format=torch.contiguous_format)}.items():
        got = conv(tensor).flatten(1)
        right[name] = torch.equal(got, want)
        print(f"{name:10} strides {tensor.stride()} got {got[0].tolist()} expected {want[0].tolist()}")
sys.exit(right != {"moved": False, "contiguous": False, "cloned": True})
PYTHON
