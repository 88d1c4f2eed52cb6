#!/usr/bin/env bash
# The operator Sigmoid of ONNX Runtime in float32, on a CPU.
# Expected: numbers between 0 and 1, as exact as float32 can hold them.
# Observed: 1.00000012 for some z near 17, 0 for some z near -16 and for all of -18 or lower, where σ is 1.5e-8.
# Why it matters: a probability above 1 makes ln(1 - a) NaN, and probabilities that are quotients of small outputs, such
# as σ(-20) and σ(-22), become equal; deltarule writes outputs as 1 / (1 + exp(-z)) instead.
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
print("onnxruntime", onnxruntime.__version__)


def compute(z, *operators):
    names = ["x", *(f"a{i}" for i in range(1, len(operators))), "y"]
    one = helper.make_tensor("one", TensorProto.FLOAT, [], [1.0])
    nodes = [
        helper.make_node(operator, [names[i], *(["one"] if operator == "Add" else [])], [names[i + 1]])
        for i, operator in enumerate(operators)
    ]
    value = helper.make_tensor_value_info
    ends = [value("x", TensorProto.FLOAT, ["n"])], [value("y", TensorProto.FLOAT, ["n"])]
    graph = helper.make_graph(nodes, "g", *ends, [one])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    return onnxruntime.InferenceSession(model.SerializeToString()).run(None, {"x": z})[0]


z = np.linspace(-80, 30, 110001).astype(np.float32)
exact = 1 / (1 + np.exp(-z.astype(np.float64)))
found, formula = compute(z, "Sigmoid"), compute(z, "Neg", "Exp", "Add", "Reciprocal")
print(f"Sigmoid: at most {found.max():.9g}; 0 up to z = {z[found == 0].max():.4g}")
print(f"1 / (1 + exp(-z)): at most {formula.max():.9g}; relative error {np.abs(formula / exact - 1).max():.2g}")
sys.exit(not (found.max() > 1 and (found[z <= -18] == 0).all() and formula.max() <= 1 and (formula > 0).all()))
PYTHON
