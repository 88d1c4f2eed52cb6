#!/usr/bin/env bash
# Opening TIFF pictures whose 0 is white (PhotometricInterpretation 0, WhiteIsZero) with Pillow.
# Expected: black and white are exchanged for all of them, so that paper is light; for 1, 2, 4 and 8 bits they are.
# Observed: numbers of 16 bits and floating-point numbers stay as they are: paper is dark, ink is light.
# Why it matters: scans of one device in 8 and in 16 bits are negatives of each other, and nothing says so; a net that
# reads dark digits on white paper is at chance on the others. deltarule exchanges them for all.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/python" -m pip install -q --disable-pip-version-check numpy==2.4.6 pillow==13.0.0 tifffile==2026.3.3
cd "$place"
"$place/venv/bin/python" - <<'PYTHON'
import sys
import numpy as np, PIL, tifffile
from PIL import Image

print("Pillow", PIL.__version__, "tifffile", tifffile.__version__)
light = {}
for dtype, ink in (("bool", 1), ("uint8", 255), ("uint16", 65535), ("float32", 1)):
    paper_with_ink = np.array([[0, 0, ink, 0]], dtype)
    tifffile.imwrite("x.tif", paper_with_ink, photometric="miniswhite")
    image = Image.open("x.tif")
    found = np.asarray(image).astype(float)[0]
    light[dtype] = bool(found[0] > found[2])
    print(f"{dtype:8} mode {image.mode:5} {found.tolist()} the paper is {'light' if light[dtype] else 'dark'}")
sys.exit(light != {"bool": True, "uint8": True, "uint16": False, "float32": False})
PYTHON
