#!/usr/bin/env bash
# Opening JPEG 2000 pictures with more than 8 bits for each colour with Pillow, as archives and scanners write them.
# Expected: the high bytes, as for a PNG of 16 bits: white stays white, 255.
# Observed: the numbers are rounded to 8 bits, and what rounds to 256 starts again at 0: white becomes black. Grey of more
# than 8 bits is right; grey with transparency, and colours, are not.
# Why it matters: the paper of a scan, and overexposed parts of a photograph, turn black without a word; black ink on
# white paper becomes a black page. deltarule refuses such files and asks for a PNG.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/python" -m pip install -q --disable-pip-version-check numpy==2.4.6 pillow==13.0.0 imagecodecs==2026.3.6
"$place/venv/bin/python" - <<'PYTHON'
import io, sys
import imagecodecs, numpy as np, PIL
from PIL import Image

print("Pillow", PIL.__version__, "imagecodecs", imagecodecs.__version__)
seen = {}
for bits in (8, 12, 16):
    top = 2**bits - 1
    grey = np.full((32, 32), top, np.uint16 if bits > 8 else np.uint8)
    grey[:, :16] = top // 2
    for name, picture in {"grey": grey, "colours": np.stack([grey] * 3, axis=-1)}.items():
        code = imagecodecs.jpeg2k_encode(picture, bitspersample=bits, reversible=True)
        assert np.array_equal(imagecodecs.jpeg2k_decode(code), picture)
        image = Image.open(io.BytesIO(code))
        half, white = np.asarray(image)[0, [0, 31]].reshape(2, -1)[:, 0].tolist()
        seen[name, bits] = white
        print(f"{name} of {bits} bits: {top // 2} and {top} are opened in mode {image.mode} as {half} and {white}")
sys.exit(seen != {("grey", 8): 255, ("colours", 8): 255, ("grey", 12): 65520, ("colours", 12): 0,
                  ("grey", 16): 65535, ("colours", 16): 0})
PYTHON
