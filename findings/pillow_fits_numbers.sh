#!/usr/bin/env bash
# Opening FITS images, the format of astronomy, with Pillow: unsigned 16 bits, signed 16 bits, and a compressed image.
# Expected: the numbers that were written, as astropy reads them; FITS stores unsigned numbers with BZERO = 32768.
# Observed: BZERO and the sign are ignored, so black becomes a middle grey and all above 32767 starts again at 0. Of an
# image that is compressed by the standard's RICE_1, Pillow shows eight bytes of the table that describes it.
# Why it matters: a folder of sky images, or of frames of a telescope's camera, trains on scrambled brightness or on
# noise without a word. deltarule applies sign, BSCALE and BZERO, and refuses compressed images.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/python" -m pip install -q --disable-pip-version-check numpy==2.4.6 pillow==13.0.0 astropy==8.0.2
cd "$place"
"$place/venv/bin/python" -W ignore - <<'PYTHON'
import sys
import astropy, numpy as np, PIL
from astropy.io import fits
from PIL import Image

print("Pillow", PIL.__version__, "astropy", astropy.__version__)
images = {"unsigned": np.array([[0, 1000, 40000, 65535]], np.uint16), "signed": np.array([[-500, 0, 500]], np.int16)}
seen = {}
for name, image in images.items():
    fits.writeto(f"{name}.fits", image)
    assert np.array_equal(fits.getdata(f"{name}.fits"), image)
    seen[name] = np.asarray(Image.open(f"{name}.fits")).tolist()
    print(f"{name}: written {image.tolist()}, Pillow reads {seen[name]}")
fits.CompImageHDU(images["unsigned"], compression_type="RICE_1").writeto("compressed.fits")
assert np.array_equal(fits.getdata("compressed.fits"), images["unsigned"])
seen["compressed"] = np.asarray(Image.open("compressed.fits")).shape
print("compressed: written (1, 4), Pillow reads", seen["compressed"])
sys.exit(seen != {"unsigned": [[32768, 33768, 7232, 32767]], "signed": [[65036, 0, 500]], "compressed": (1, 8)})
PYTHON
