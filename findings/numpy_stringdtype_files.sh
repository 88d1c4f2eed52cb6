#!/usr/bin/env bash
# Saving an array of NumPy's variable-width text, StringDType, with numpy.save and numpy.savez.
# Expected: a plain array in the file, as for the fixed-width text type U, as it has a type of its own and no objects.
# Observed: a pickle is written, with a warning, and can be read with allow_pickle=True alone.
# Why it matters: labels of this type end up as a pickle in an .npz file, which deltarule and every careful reader
# refuse. y.astype("U"), the usual remedy, is refused for this type as well; np.array(y.tolist()) writes text.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/python" -m pip install -q --disable-pip-version-check numpy==2.4.6
cd "$place"
"$place/venv/bin/python" -W ignore - <<'PYTHON'
import sys
import numpy as np

print("numpy", np.__version__)
labels = np.array(["oak", "ash"], np.dtypes.StringDType())
seen = {}
for name, array in (("U", np.array(labels.tolist())), ("StringDType", labels)):
    np.save("labels.npy", array)
    try:
        seen[name] = np.load("labels.npy", allow_pickle=False).tolist()
    except ValueError as error:
        seen[name] = "a pickle"
        print(name, "->", str(error)[:80])
    else:
        print(name, "->", seen[name])
try:
    labels.astype("U")
    seen["astype"] = "taken"
except TypeError as error:
    seen["astype"] = "TypeError"
    print('astype("U") ->', str(error)[:80])
sys.exit(seen != {"U": ["oak", "ash"], "StringDType": "a pickle", "astype": "TypeError"})
PYTHON
