"""How much memory a process took at most."""

from __future__ import annotations

import re
import resource
import sys
from pathlib import Path


def peak_memory() -> int:
    """Bytes of this process resident at most, from its start."""
    status = Path("/proc/self/status")
    if status.exists():  # the other way also counts what the process that started this one had taken
        return int(re.search(r"VmHWM:\s+(\d+) kB", status.read_text()).group(1)) * 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
