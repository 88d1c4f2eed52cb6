#!/usr/bin/env bash
# Weights of examples in scikit-learn's multi-layer perceptron, all multiplied by the same number.
# Expected: no effect, as the loss is a weighted average and only ratios of weights count.
# Observed: the loss and its gradient are averages, but the penalty alpha is divided by the sum of the weights of a
# mini-batch: with weights of 1,000 the penalty all but vanishes, and with 0.001 it rules.
# Why it matters: a weight in other units (people instead of thousands) silently changes the regularization; whoever
# compares weighted training with deltarule, whose weights multiply the cost alone, must scale weights to the mean 1.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/python" -m pip install -q --disable-pip-version-check numpy==2.4.6 scipy==1.17.1 scikit-learn==1.9.1
"$place/venv/bin/python" - <<'PYTHON'
import sys, warnings
import numpy as np, sklearn
from sklearn.neural_network import MLPRegressor

warnings.simplefilter("ignore")
print("scikit-learn", sklearn.__version__)
rng = np.random.default_rng(0)
x = rng.normal(size=(200, 3))
y = x[:, 0]
norms = {}
for weight in (0.001, 1.0, 1000.0):
    model = MLPRegressor(hidden_layer_sizes=(8,), solver="lbfgs", alpha=10.0, random_state=0, max_iter=2000, tol=1e-9)
    model.fit(x, y, sample_weight=np.full(200, weight))
    norms[weight] = float(sum(np.square(w).sum() for w in model.coefs_))
    print(f"all weights {weight:g}: the sum of squared network weights is {norms[weight]:.3g}")
sys.exit(not norms[0.001] < 0.5 * norms[1.0] < 0.5 * norms[1000.0] * 0.99)
PYTHON
