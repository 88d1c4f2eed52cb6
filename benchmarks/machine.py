"""A description of the machine in general words."""

from __future__ import annotations

import os
import platform
import re
from typing import Any

from deltarule.engines.machine import count_cores, find_processor_name


def machine() -> dict[str, Any]:
    """Return processor, cores, memory and system, without the machine's name and paths."""
    return {
        "processor": find_processor_name(),
        "cores": count_cores(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "system": f"{platform.system()} {'.'.join(platform.release().split('.')[:2])}",
        "architecture": platform.machine(),
        "python": platform.python_version(),
    }


def slug(machine: dict[str, Any]) -> str:
    """Build the name of the machine's file from its processor and cores.

    >>> slug({"processor": "AMD EPYC(tm) 7763", "cores": 2})
    'amd-epyc-7763-2-cores'
    """
    words = re.sub(r"\((?:r|tm|c)\)", " ", f"{machine['processor']} {machine['cores']} cores".lower())
    return re.sub(r"[^a-z0-9]+", "-", words).strip("-")
