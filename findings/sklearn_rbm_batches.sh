#!/usr/bin/env bash
# Training scikit-learn's BernoulliRBM on a mini-batch that does not have batch_size rows: partial_fit() with another
# number, or the short last mini-batch of fit().
# Expected: both phases are averages, so that the number of rows makes no difference but noise. Fair coins are modelled
# by weights near 0 from the start, and the biases of the visible units stay near 0.
# Observed: both sums are divided by the number of rows, but the second one has batch_size chains. partial_fit() of 100
# rows with the default batch_size of 10 all but loses the negative phase: each step adds to every bias, whatever the
# data. In fit() one row in the last mini-batch counts the negative phase ten times.
# Why it matters: partial_fit() with the rows at hand learns that everything is on, without an error or a warning, and
# 1,001 rows spoil what 1,000 rows learn. Give partial_fit() exactly batch_size rows. deltarule averages each phase
# over its own number.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/python" -m pip install -q --disable-pip-version-check numpy==2.4.6 scipy==1.17.1 scikit-learn==1.9.1
"$place/venv/bin/python" - <<'PYTHON'
import sys
import numpy as np, sklearn
from sklearn.neural_network import BernoulliRBM

print("scikit-learn", sklearn.__version__)
coins = (np.random.default_rng(0).random((1001, 20)) < 0.5).astype(float)
bias = {}
for batch_size in (100, 10):
    model = BernoulliRBM(8, batch_size=batch_size, learning_rate=0.1, random_state=0)
    for _ in range(20):
        for i in range(0, 1000, 100):
            model.partial_fit(coins[i : i + 100])
    bias["partial_fit", batch_size] = float(model.intercept_visible_.mean())
    on = float(np.mean([model.gibbs(coins).mean() for _ in range(5)]))
    print(f"partial_fit, 100 rows, batch_size={batch_size}: mean visible bias {bias['partial_fit', batch_size]:.2f},"
          f" {on:.0%} of the sampled units are on")
for rows in (1000, 1001):
    model = BernoulliRBM(8, batch_size=10, learning_rate=0.1, n_iter=1, random_state=0).fit(coins[:rows])
    bias["fit", rows] = float(model.intercept_visible_.mean())
    print(f"fit, {rows} rows, batch_size=10: mean visible bias {bias['fit', rows]:.3f}")
is_near_zero = {key: abs(value) < 0.1 for key, value in bias.items()}
sys.exit(is_near_zero != {("partial_fit", 100): True, ("partial_fit", 10): False,
                          ("fit", 1000): True, ("fit", 1001): False} or bias["fit", 1001] > 0)
PYTHON
