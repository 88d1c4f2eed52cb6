#!/usr/bin/env bash
# Opening one and the same picture with Pillow from TIFF files of all layouts: either order of bytes, compressed or not,
# colours together for each pixel or one after the other (PlanarConfiguration 2).
# Expected: the same numbers from all of them.
# Observed: two groups are scrambled. Without compression, colours of 16 bits one after the other are read as one byte
# for each pixel. With compression, floating-point numbers in the order of big-endian machines are reversed byte by byte.
# Why it matters: microscopes, satellites and big-endian programs write these; the picture has the right size and mode,
# so that a net trains on noise. deltarule corrects both.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/python" -m pip install -q --disable-pip-version-check numpy==2.4.6 pillow==13.0.0 tifffile==2026.3.3
cd "$place"
"$place/venv/bin/python" - <<'PYTHON'
import sys
from itertools import product
import numpy as np, PIL, tifffile
from PIL import Image

print("Pillow", PIL.__version__, "tifffile", tifffile.__version__)
ramp = np.arange(48, dtype=np.uint16).reshape(6, 8) * 1000
colours = np.stack([ramp, ramp // 2, ramp // 4])
pictures = {
    "float32": (ramp.astype(np.float32) / 47000, {}),
    "colours together": (np.moveaxis(colours, 0, -1), {"photometric": "rgb", "planarconfig": "contig"}),
    "colours one by one": (colours, {"photometric": "rgb", "planarconfig": "separate"}),
}
wrong = set()
for (name, (picture, options)), order, compression in product(pictures.items(), "<>", (None, "zlib")):
    tifffile.imwrite("x.tif", picture, byteorder=order, compression=compression, **options)
    assert np.array_equal(tifffile.imread("x.tif"), picture)
    wanted = picture if name == "float32" else np.moveaxis(colours, 0, -1) >> 8
    found = np.asarray(Image.open("x.tif"))
    is_right = np.array_equal(found, wanted)
    if not is_right:
        wrong.add((name, order, compression))
    print(f"{name:18} {order} {compression}: {'right' if is_right else 'WRONG'} {found[0, :4].tolist()}")
sys.exit(wrong != {("float32", ">", "zlib"), ("colours one by one", "<", None), ("colours one by one", ">", None)})
PYTHON
