"""Who shares the work of a run that goes on: as many devices as before, where they are, or those that are asked for."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from deltarule.engines.devices import Spread, found_here
from deltarule.errors import FileError


def devices_now(folder: str | Path, settings: Mapping[str, Any]) -> tuple[int, str]:
    """How many devices of this machine a run goes on with, and what is to be said where they are not as many as before.

    Of the devices that are here it takes as many as divide its mini-batches evenly. Raises
    :class:`FileError` if the settings are damaged.
    """
    before, batch_size = _number(folder, settings, "devices"), _number(folder, settings, "batch_size")
    if before == 1:
        return 1, ""
    here = min(before, found_here())
    now = next(n for n in range(here, 0, -1) if batch_size % n == 0)
    if now == before:
        return now, ""
    return now, (
        f"{folder} was trained by {before} devices, of which {here} {'is' if here == 1 else 'are'} here: it goes on "
        f"with {now}, to the same result but for rounding"
    )


def shared(
    folder: str | Path,
    settings: Mapping[str, Any],
    devices: int | None,
    coordinator: str | None,
    processes: int,
    process: int,
) -> dict[str, Any]:
    """The arguments of ``fit`` by which a run goes on; ``devices`` None means as many as it has been trained by.

    Warns if they are not here. Raises :class:`InvalidArgument` for what does not fit together, and
    :class:`FileError` if the settings are damaged.
    """
    spread, before = (
        Spread(1 if devices is None else devices, coordinator, processes, process),
        _number(folder, settings, "devices"),
    )
    if devices is None and processes > 1:
        devices = max(1, before // processes)
    elif devices is None:
        devices, news = devices_now(folder, settings)
        if news:
            warnings.warn(news, stacklevel=3)
    given = {"devices": devices, "coordinator": coordinator, "processes": processes, "process": process}
    # a number of threads is of one device alone
    return given if before == 1 == devices * spread.processes else {**given, "threads": None}


def _number(folder: str | Path, settings: Mapping[str, Any], name: str) -> int:
    number = settings.get(name, 1)  # earlier versions did not know of devices
    if type(number) is not int or number < 1:
        raise FileError(f"{folder} is damaged: it says {name} {str(number)[:60]!r}")
    return number
