"""Memory: the data set is not copied to floats, so a training run on 50,000 images needs little."""

from __future__ import annotations

import pytest

from .cases import run_python

PROGRAM = """
import resource, sys
from pathlib import Path
import numpy as np
from deltarule import Dataset, Network, fit

rng = np.random.default_rng(0)
x = rng.integers(0, 256, (50_000, 28, 28), np.uint8)
data = Dataset(x, x[:, 0, 0] % 10, "noise", 255.0, tuple("0123456789"))
fit(Network.dense([784, 30, 10]), data, epochs=1, batch_size=100, engine={engine!r}, threads=1)

status = Path("/proc/self/status")  # whose peak, unlike getrusage's, is not that of the process that started this one
if status.exists():
    peak = next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM"))
else:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (1024 if sys.platform == "darwin" else 1)
print(peak)
"""


@pytest.mark.parametrize(("engine", "megabytes"), [("numpy", 200), ("native", 200), ("jax", 500)])
def test_peak_memory(engine, megabytes):
    kibibytes = int(run_python(PROGRAM.format(engine=engine)))
    assert 40_000 < kibibytes < megabytes * 1000_000 / 1024
    print(f"{engine}: {kibibytes / 1000:.0f} MB")
