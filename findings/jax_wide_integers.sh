#!/usr/bin/env bash
# Putting whole numbers of more than 32 bits on a device with JAX's default of 32 bits.
# Expected: an error or at least a warning where a value does not fit, as for numbers in jnp.asarray.
# Observed: jax.device_put keeps the low 32 bits of int64 and uint64 arrays, without a warning, and refuses big-endian
# arrays of values that fit with a TypeError; NumPy trains on both.
# Why it matters: counts, identifiers or nanoseconds as inputs train on other numbers: 13 % where NumPy reaches 66 %.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/python" -m pip install -q --disable-pip-version-check numpy==2.4.6 jax==0.10.2 jaxlib==0.10.2
"$place/venv/bin/python" -W error - <<'PYTHON'
import sys
import numpy as np, jax

print("numpy", np.__version__, "jax", jax.__version__)
seen = {}
for dtype in ("int64", "uint64"):
    found = np.asarray(jax.device_put(np.array([2**40 + 7, 5], dtype)))
    seen[dtype] = (str(found.dtype), found.tolist())
    print(dtype, [2**40 + 7, 5], "->", *seen[dtype])
try:
    jax.device_put(np.array([1.0, 2.0], ">f4"))
    seen[">f4"] = "taken"
except TypeError as error:
    seen[">f4"] = "TypeError"
    print(">f4 ->", type(error).__name__, str(error)[:80])
sys.exit(seen != {"int64": ("int32", [7, 5]), "uint64": ("uint32", [7, 5]), ">f4": "TypeError"})
PYTHON
