"""The default folders of results."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from deltarule.experiments.records import Settings

FULL = Path("results")
"""The default folder of full results."""

TRIALS = Path("runs") / "experiments"
"""The default folder of miniatures and changed settings; each has a subfolder, so that results never mix."""


def choose_folder(quick: bool, changed: Settings) -> Path:
    """Choose the default folder of the results.

    >>> choose_folder(False, {}).as_posix(), choose_folder(True, {"eta": 0.5}).as_posix()
    ('results', 'runs/experiments/quick,eta=0.5')
    """
    if not (quick or changed):
        return FULL
    whole = ",".join([*(["quick"] if quick else []), *(f"{k}={json.dumps(v)}" for k, v in sorted(changed.items()))])
    name = re.sub(r"[^\w=.,+-]", "", whole)[:80]
    return TRIALS / (name if name == whole else f"{name}-{hashlib.sha256(whole.encode()).hexdigest()[:6]}")
