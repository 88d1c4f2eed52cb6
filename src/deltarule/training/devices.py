"""The execution of a resumed run: with the engine and on as many devices as before, if this machine has them."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from deltarule.engines import jax_setup, native_library
from deltarule.engines.devices import count_local_devices
from deltarule.engines.execution import Execution
from deltarule.errors import FileError, InvalidArgument
from deltarule.models.files import MODEL_FILE
from deltarule.training.engine_changes import EQUAL_LEVELS

SAME = "with the same result up to rounding"
"""The end of each notice."""


def restore_execution(folder: str | Path, settings: Mapping[str, Any]) -> Execution:
    """Return the execution of a run to resume, with a warning if this machine lacks its engine or its devices.

    Raises :class:`FileError` if the settings are damaged.
    """
    execution, notice = read_execution(folder, settings)
    if notice:
        warnings.warn(notice, stacklevel=4)
    return execution


def read_execution(folder: str | Path, settings: Mapping[str, Any]) -> tuple[Execution, str]:
    """Return the execution in a run's settings, and a notice if this machine lacks its engine or its devices.

    Without the engine, ``auto`` chooses another one. With fewer devices, it uses as many of them as divide the
    mini-batches evenly. Raises :class:`FileError` if the settings are damaged.
    """
    try:
        before = Execution(engine=settings["engine"], threads=settings["threads"], devices=settings["devices"])
        batch_size, level = int(settings["batch_size"]), str(settings.get("level", ""))
    except (InvalidArgument, LookupError, TypeError, ValueError) as error:
        raise FileError(f"its settings are damaged: {error}", path=Path(folder) / MODEL_FILE) from None
    if fault := _find_fault(before.engine):
        problem = f"{folder} was trained with the {before.engine} engine, which does not work here ({fault})"
        return Execution(), f"{problem}: it resumes with another engine, {SAME}"
    if before.devices == 1:
        return before, _compare_levels(folder, level) if before.engine == "native" else ""
    here = min(before.devices, count_local_devices())
    now = next(n for n in range(here, 0, -1) if batch_size % n == 0)
    # a number of threads applies only to a single device
    execution = replace(before, threads=None, devices=now)
    if now == before.devices:
        return execution, ""
    machine = f"{folder} was trained on {before.devices} devices and this machine has {here}"
    return execution, f"{machine}: it resumes on {now}, {SAME}"


def _find_fault(engine: str) -> str:
    """Return why an engine cannot compute here, in one line; empty if it can."""
    faults = {"native": native_library.find_fault, "jax": jax_setup.find_fault}
    return faults[engine]() if engine in faults else ""


def _compare_levels(folder: str | Path, before: str) -> str:
    """Return a notice if this processor has instructions whose results differ in the last bits; otherwise empty."""
    here = native_library.describe_level()
    if before == here or {before, here} <= set(EQUAL_LEVELS):
        return ""
    return (
        f"{folder} was trained with the instructions {before} and the native engine uses {here} here: it resumes with "
        f"those, {SAME}"
    )
