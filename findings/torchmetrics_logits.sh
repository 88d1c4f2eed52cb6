#!/usr/bin/env bash
# The accuracy of a binary classifier that outputs weighted inputs z (logits), by torchmetrics' BinaryAccuracy.
# Expected: the same accuracy for any division into mini-batches; z above 0 means class 1.
# Observed: each mini-batch is examined alone. If all its numbers lie between 0 and 1 they are taken as probabilities, and
# z = 0.3 is class 0; if one of them does not, the sigmoid is applied to all, and z = 0.3 is class 1.
# Why it matters: one and the same network has another accuracy with another mini-batch size, most of all early in
# training or with strong weight decay, when z is small, and in a short last mini-batch. Apply the sigmoid yourself.
# deltarule computes figures from the outputs of the whole set.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/python" -m pip install -q --disable-pip-version-check numpy==2.4.6 torch==2.13.0 torchmetrics==1.9.0
"$place/venv/bin/python" - <<'PYTHON'
import sys
import torch, torchmetrics
from torchmetrics.classification import BinaryAccuracy

print("torch", torch.__version__, "torchmetrics", torchmetrics.__version__)
z = torch.tensor([0.2, 0.4, 0.3, -0.1, -2.0, 0.1, 0.9, 0.3])
y = (z > 0).long()
accuracy = {}
for name, numbers in (("z", z), ("sigmoid(z)", torch.sigmoid(z))):
    for size in (8, 2, 1):
        metric = BinaryAccuracy()
        for i in range(0, len(z), size):
            metric.update(numbers[i : i + size], y[i : i + size])
        accuracy[name, size] = float(metric.compute())
        print(f"{name}, mini-batches of {size}: accuracy {accuracy[name, size]}")
wanted = {("z", 8): 1.0, ("z", 2): 0.625, ("z", 1): 0.375}
sys.exit(accuracy != wanted | {("sigmoid(z)", size): 1.0 for size in (8, 2, 1)})
PYTHON
