"""The modules that a command imports: only those that it needs, so that it starts quickly."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from deltarule.data import load

PREDICT = """\
import sys
from deltarule.cli.__main__ import main
sys.argv = ["deltarule", "predict", *sys.argv[1:]]
try:
    main()
finally:
    print(*sorted(sys.modules), file=sys.stderr)
"""

UNUSED = (
    *("jax", "matplotlib", "scipy", "sklearn", "pandas"),
    *("typer", "pydantic", "rich", "importlib.metadata", "numpy.ma", "numpy.random", "pooch", "requests"),
    *("deltarule.cli.app", "deltarule.cli.options", "deltarule.data.images", "deltarule.data.columns"),
    *("deltarule.data.label_matching", "deltarule.handwriting.glyphs", "deltarule.core.distortions"),
    *(
        "deltarule.training",
        "deltarule.plotting",
        "deltarule.recipes",
        "deltarule.book",
        "deltarule.experiments.experiment",
    ),
    *("deltarule.data.sources", "deltarule.data.table_sources", "deltarule.digit_strings.training"),
    *("deltarule.handwriting.dataset", "deltarule.lab"),
)


@pytest.mark.parametrize("has_run", [True, False], ids=["a run", "the digit reader"])
def test_predict_imports_only_what_it_needs(kept, has_run):
    ink = np.pad(load("digits")[2].x[0].reshape(8, 8), 3)
    Image.fromarray((255 - 15 * ink.astype(int)).astype(np.uint8)).resize((140, 140)).save("photo.png")
    words = [str(kept), "photo.png"] if has_run else ["photo.png"]
    done = subprocess.run(
        [sys.executable, "-c", PREDICT, *words], capture_output=True, text=True, timeout=60, check=False
    )
    assert "photo.png: " in done.stdout, done.stderr[:400]
    modules = set(done.stderr.split())
    allowed = set() if has_run else {"deltarule.data.table_sources", "deltarule.data.columns"}
    assert modules & set(UNUSED) - allowed == set()
    assert {"numpy", "deltarule.models.loading"} <= modules


DEMO = """\
import sys
from deltarule.cli.__main__ import main
from deltarule.training.callbacks import Progress
def leave(self, moment):
    print(*sorted(sys.modules), file=sys.stderr)
    sys.exit(7)
Progress.on_epoch = leave
sys.argv = ["deltarule", "demo", "--data", "digits"]
main()
"""

UNUSED_BY_THE_DEMO = (
    *("jax", "matplotlib", "typer", "pydantic", "rich", "importlib.metadata", "pooch", "requests"),
    *("deltarule.plotting", "deltarule.recipes", "deltarule.cli.app", "deltarule.cli.options", "deltarule.cli.outcome"),
    *("deltarule.data.user_data", "deltarule.data.download", "deltarule.data.images", "deltarule.data.columns"),
)


def test_the_first_epoch_of_the_demo_imports_only_what_it_needs(tmp_path):
    done = subprocess.run([sys.executable, "-c", DEMO], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 7, done.stderr[:400]
    modules = set(done.stderr.split())
    assert modules & set(UNUSED_BY_THE_DEMO) == set()
    assert "deltarule.training.fit" in modules
