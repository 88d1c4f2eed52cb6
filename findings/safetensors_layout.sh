#!/usr/bin/env bash
# Saving an array that is not C-contiguous with safetensors' NumPy side.
# Expected: the file holds the array's values, or save() refuses the array as its PyTorch side does.
# Observed: save() writes the memory in its order under the array's shape; the loaded array is permuted, without an error.
# Why it matters: a kernel of another library, transposed to (n_out, n_in), reads 10 % instead of 90 % after loading.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/python" -m pip install -q --disable-pip-version-check numpy==2.4.6 safetensors==0.8.0
"$place/venv/bin/python" - <<'PYTHON'
import sys
import numpy as np, safetensors
from safetensors.numpy import load, save

print("numpy", np.__version__, "safetensors", safetensors.__version__)
plain = np.arange(6, dtype=np.float32).reshape(2, 3)
permuted = {}
for name, array in {"C order": plain, "transposed": plain.T, "Fortran order": np.asfortranarray(plain),
                    "every second": np.arange(12, dtype=np.float32)[::2]}.items():
    back = load(save({"a": array}))["a"]
    permuted[name] = not np.array_equal(back, array)
    print(f"{name:14} saved {array.ravel().tolist()} loaded {back.ravel().tolist()}")
sys.exit(permuted != {"C order": False, "transposed": True, "Fortran order": True, "every second": True})
PYTHON
