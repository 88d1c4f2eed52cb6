#!/usr/bin/env bash
# Oversampling images of bytes (uint8) with SMOTE of imbalanced-learn.
# Expected: each new image lies between two images of its class, as for the same numbers in float64.
# Observed: the difference of two images is computed in bytes and starts again at 255 below 0. Wherever the neighbour is
# darker, the new pixel moves towards white instead of black, and may leave the range of the class.
# Why it matters: MNIST and most pictures are uint8, and the scrambled pixels look plausible: a network trains on them
# without an error or a warning. Convert to float first. deltarule makes no such images; rare classes can have a weight.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/python" -m pip install -q --disable-pip-version-check numpy==2.4.6 scipy==1.17.1 scikit-learn==1.9.1 imbalanced-learn==0.14.2
"$place/venv/bin/python" - <<'PYTHON'
import sys
import imblearn, numpy as np
from imblearn.over_sampling import SMOTE
from sklearn.datasets import load_digits

print("numpy", np.__version__, "imbalanced-learn", imblearn.__version__)
x, y = load_digits(return_X_y=True)
rows = np.r_[np.flatnonzero(y == 0), np.flatnonzero(y == 1)[:30]]
x, y = x[rows] * 15, y[rows]
ones, new = x[y == 1], {}
for dtype in ("float64", "uint8"):
    found, _ = SMOTE(random_state=0).fit_resample(x.astype(dtype), y)
    new[dtype] = found[len(x) :].astype(float)
    outside = (new[dtype] < ones.min(axis=0) - 1) | (new[dtype] > ones.max(axis=0) + 1)
    print(f"{dtype:8} {len(new[dtype])} new images, pixels outside the range of their class: {outside.mean():.1%}")
is_changing = np.abs(new["float64"] - np.round(new["float64"])) > 1e-9
difference = np.abs(new["uint8"] - new["float64"])
wrong = float((difference > 1)[is_changing].mean())
print(f"of the pixels in which the two images differ, {wrong:.0%} are wrong, by {difference.max():.0f} of 255 at most")
for dtype, images in new.items():
    print(f"a row of pixels of a new image, {dtype}: {images[0, 16:24].astype(int).tolist()}")
sys.exit(not 0.2 < wrong < 0.8)
PYTHON
