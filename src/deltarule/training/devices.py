"""The execution of a resumed run: on as many devices as before, if this machine has them."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from deltarule.engines.devices import count_local_devices
from deltarule.engines.execution import Execution
from deltarule.errors import FileError, InvalidArgument
from deltarule.models.files import MODEL_FILE


def restore_execution(folder: str | Path, settings: Mapping[str, Any]) -> Execution:
    """Return the execution of a run to resume, with a warning if this machine has fewer devices than before.

    Raises :class:`FileError` if the settings are damaged.
    """
    execution, notice = read_execution(folder, settings)
    if notice:
        warnings.warn(notice, stacklevel=4)
    return execution


def read_execution(folder: str | Path, settings: Mapping[str, Any]) -> tuple[Execution, str]:
    """Return the execution in a run's settings, and a notice if this machine has fewer devices than it used.

    Then it uses as many of this machine's devices as divide the mini-batches evenly. Raises :class:`FileError` if the
    settings are damaged.
    """
    try:
        before = Execution(engine=settings["engine"], threads=settings["threads"], devices=settings["devices"])
        batch_size = int(settings["batch_size"])
    except (InvalidArgument, LookupError, TypeError, ValueError) as error:
        raise FileError(f"its settings are damaged: {error}", path=Path(folder) / MODEL_FILE) from None
    if before.devices == 1:
        return before, ""
    here = min(before.devices, count_local_devices())
    now = next(n for n in range(here, 0, -1) if batch_size % n == 0)
    # a number of threads applies only to a single device
    execution = replace(before, threads=None, devices=now)
    if now == before.devices:
        return execution, ""
    return execution, (
        f"{folder} was trained on {before.devices} devices and this machine has {here}: it resumes on {now}, "
        "with the same result up to rounding"
    )
