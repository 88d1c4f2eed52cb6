#!/usr/bin/env bash
# A regressor of scikit-learn's multi-layer perceptron with two targets, converted by skl2onnx.
# Expected: the outputs of the file have the shape (n, 2), as those of predict.
# Observed: the last node is Reshape to (-1, 1), so n rows of two values come out as 2n rows of one.
# Why it matters: nothing warns, and code that takes the first n rows mixes targets and examples; deltarule refuses to
# read such a file, as it would be no layer.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/python" -m pip install -q --disable-pip-version-check \
    numpy==2.4.6 scipy==1.17.1 scikit-learn==1.9.1 onnx==1.23.2 skl2onnx==1.20.0 onnxruntime==1.32.0
"$place/venv/bin/python" - <<'PYTHON'
import sys, warnings
import numpy as np, onnxruntime, skl2onnx
from sklearn.neural_network import MLPRegressor

warnings.simplefilter("ignore")
onnxruntime.set_default_logger_severity(4)
print("skl2onnx", skl2onnx.__version__)
x = np.random.default_rng(0).normal(size=(60, 4)).astype(np.float32)
model = MLPRegressor(hidden_layer_sizes=(5,), max_iter=20, random_state=0).fit(x, x[:, :2])
file = skl2onnx.to_onnx(model, x[:1]).SerializeToString()
(found,) = onnxruntime.InferenceSession(file).run(None, {"X": x[:3]})
print("predict gives", model.predict(x[:3]).shape, "and the file", found.shape)
sys.exit(found.shape != (6, 1))
PYTHON
