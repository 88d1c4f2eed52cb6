"""A description of the machine that does not identify it: its processor and cores."""

from __future__ import annotations

import os
import platform
import re
from pathlib import Path


def describe_machine() -> str:
    """Describe the machine by its processor and cores, such as "AMD EPYC, 2 cores"."""
    return f"{find_processor_name()}, {count_cores()} cores"


def find_processor_name() -> str:
    """Return the name of the processor."""
    info = Path("/proc/cpuinfo")
    found = re.search(r"^model name\s*:\s*(.+)$", info.read_text(), re.MULTILINE) if info.exists() else None
    return (found.group(1) if found else platform.processor() or platform.machine()).strip()


def count_cores() -> int:
    """Count the cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
