#!/usr/bin/env bash
# Giving ONNX Runtime an input whose numbers are in the byte order of big-endian machines (dtype ">f4", ">i4").
# Expected: the same outputs as for the same numbers in the machine's own order, or an error, as from PyTorch and JAX.
# Observed: the bytes are taken as they are: 1.0, 2.0 and -3.0 become numbers near 0, and 1 becomes 16777216. No error, no
# warning; run() and OrtValue do the same.
# Why it matters: IDX and FITS files are big-endian, so numpy.frombuffer of them gives such arrays, and NumPy computes
# with them correctly. An exported network answers the same for all of them. deltarule reads either order.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/python" -m pip install -q --disable-pip-version-check numpy==2.4.6 onnx==1.23.2 onnxruntime==1.32.0
"$place/venv/bin/python" - <<'PYTHON'
import sys
import numpy as np, onnxruntime
from onnx import TensorProto, helper

onnxruntime.set_default_logger_severity(4)
print("numpy", np.__version__, "onnxruntime", onnxruntime.__version__)
seen = {}
for kind, code in ((TensorProto.FLOAT, "f4"), (TensorProto.INT32, "i4")):
    ends = [[helper.make_tensor_value_info(name, kind, ["n"])] for name in ("x", "y")]
    graph = helper.make_graph([helper.make_node("Identity", ["x"], ["y"])], "g", *ends)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    session = onnxruntime.InferenceSession(model.SerializeToString())
    for order in "<>":
        x = np.array([1, 2, -3], order + code)
        values = session.run(None, {"x": x})[0], onnxruntime.OrtValue.ortvalue_from_numpy(x).numpy()
        seen[order + code] = [bool(np.array_equal(value, x)) for value in values]
        print(f"{order + code}: given {x.tolist()}, run() gives {values[0].tolist()}")
        if order == ">":
            assert np.array_equal(values[0], x.view("<" + code))
sys.exit(seen != {"<f4": [True, True], ">f4": [False, False], "<i4": [True, True], ">i4": [False, False]})
PYTHON
