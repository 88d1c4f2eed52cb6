"""The lab as the command exports it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from deltarule.lab.pages import LESSONS

EXPORTED = ("reader", "playground", *(page.name for page in LESSONS), "inside", "index")
"""The pages of the exported lab."""


def run_command(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "deltarule.cli", "lab", *words], cwd=cwd, capture_output=True, text=True, timeout=300
    )


def export_lab(folder: Path) -> None:
    """Export the lab by the command, and check that it prints what it writes."""
    completed = run_command("export", folder.name, cwd=folder.parent)
    assert completed.returncode == 0, completed.stderr
    names = [Path(line).name for line in completed.stdout.splitlines()]
    assert sorted(names) == sorted(path.name for path in folder.iterdir())
    assert names == [f"{name}.html" for name in EXPORTED]
