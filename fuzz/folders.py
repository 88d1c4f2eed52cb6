"""Folders for the files of targets: in memory where the system has one for that, and deleted at the end."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

MEMORY = "/dev/shm"
"""The folder in memory on Linux. To write a small file anew takes microseconds there, and milliseconds on a disk."""


def make_folder() -> Path:
    """Make a folder for the files of the targets of this process."""
    path = tempfile.mkdtemp(prefix="fuzz", dir=MEMORY if os.access(MEMORY, os.W_OK) else None)
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return Path(path)
