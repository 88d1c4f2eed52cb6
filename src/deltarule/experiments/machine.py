"""What an experiment ran on, in words that name no machine."""

from __future__ import annotations

import os
import platform
import re
from pathlib import Path


def machine_in_words() -> str:
    """Processor and cores, such as "AMD EPYC, 2 cores"."""
    return f"{processor()}, {cores()} cores"


def processor() -> str:
    """What the processor is called."""
    info = Path("/proc/cpuinfo")
    found = re.search(r"^model name\s*:\s*(.+)$", info.read_text(), re.MULTILINE) if info.exists() else None
    return (found.group(1) if found else platform.processor() or platform.machine()).strip()


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
