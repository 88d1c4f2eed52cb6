"""The peak memory of a process."""

from __future__ import annotations

import re
import resource
import sys
from pathlib import Path


def peak_memory() -> int:
    """Return the peak resident memory of this process in bytes, since its start."""
    status = Path("/proc/self/status")
    if status.exists():  # getrusage also counts the memory of the parent process
        return int(re.search(r"VmHWM:\s+(\d+) kB", status.read_text()).group(1)) * 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
