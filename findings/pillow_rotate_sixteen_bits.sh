#!/usr/bin/env bash
# Rotating or shearing a grey picture of 16 bits (mode I;16) with Pillow, between the pixels (BILINEAR or BICUBIC).
# Expected: the same as in mode F or I, or an error as from reduce() and filter().
# Observed: numbers below 256 that have little to do with the picture. With NEAREST, and in resize(), it is right.
# Why it matters: rotation is the commonest augmentation; Pillow opens each grey PNG of 16 bits in this mode, so a net
# sees noise wherever a picture is turned. Convert to mode F first.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/python" -m pip install -q --disable-pip-version-check numpy==2.4.6 pillow==13.0.0
"$place/venv/bin/python" - <<'PYTHON'
import sys
import numpy as np, PIL
from PIL import Image

print("Pillow", PIL.__version__)
ramp = np.add.outer(np.arange(9), np.arange(9)).astype(np.uint16) * 4000
sixteen, real = Image.fromarray(ramp), Image.fromarray(ramp.astype(np.float32))
differences = {}
for name in ("NEAREST", "BILINEAR", "BICUBIC"):
    how = Image.Resampling[name]
    shear = (9, 9), Image.Transform.AFFINE, (1, 0.3, 0, 0, 1, 0), how
    for step, change in {"rotate": lambda i: i.rotate(10, how), "shear": lambda i: i.transform(*shear),
                         "resize": lambda i: i.resize((5, 5), how)}.items():
        ours, wanted = (np.asarray(change(i)).astype(float).clip(0, 65535) for i in (sixteen, real))
        differences[step, name] = bool(np.abs(ours - wanted).max() > 2)
        row = len(ours) // 2
        print(f"{step:7} {name:9} I;16 {ours[row, :4].astype(int).tolist()} F {wanted[row, :4].astype(int).tolist()}")
sys.exit(differences != {(step, name): step != "resize" and name != "NEAREST" for step, name in differences})
PYTHON
