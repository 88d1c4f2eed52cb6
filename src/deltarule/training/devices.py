"""Who shares the work of a run that goes on: as many devices as before, where they are."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from deltarule.engines.devices import found_here
from deltarule.engines.execution import Execution
from deltarule.errors import FileError, InvalidArgument
from deltarule.models.files import MODEL_FILE


def restore_execution(folder: str | Path, settings: Mapping[str, Any]) -> Execution:
    """The execution with which a run goes on: as before, but with the devices that this machine has, and a warning.

    Raises :class:`FileError` if the settings are damaged.
    """
    execution, news = read_execution(folder, settings)
    if news:
        warnings.warn(news, stacklevel=4)
    return execution


def read_execution(folder: str | Path, settings: Mapping[str, Any]) -> tuple[Execution, str]:
    """The execution that settings record, and what is to be said where fewer devices are here than there were.

    Of the devices that are here it takes as many as divide its mini-batches evenly. Raises
    :class:`FileError` if the settings are damaged.
    """
    try:
        before = Execution(engine=settings["engine"], threads=settings["threads"], devices=settings["devices"])
        batch_size = int(settings["batch_size"])
    except (InvalidArgument, LookupError, TypeError, ValueError) as error:
        raise FileError(f"its settings are damaged: {error}", path=Path(folder) / MODEL_FILE) from None
    if before.devices == 1:
        return before, ""
    here = min(before.devices, found_here())
    now = next(n for n in range(here, 0, -1) if batch_size % n == 0)
    # a number of threads is of one device alone
    execution = replace(before, threads=None, devices=now)
    if now == before.devices:
        return execution, ""
    return execution, (
        f"{folder} was trained by {before.devices} devices, of which {here} {'is' if here == 1 else 'are'} here: it "
        f"goes on with {now}, to the same result but for rounding"
    )
