"""Execution: where a network is trained and how fast, which decides at most the last bits of the result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from deltarule.core.constraints import Constraints, instance, one_of, optional, validate, whole
from deltarule.errors import InvalidArgument

ENGINES = ("auto", "numpy", "jax")

MOST_THREADS = 1024
"""More than any machine has cores; far more would make the libraries that start them fail in ways of their own."""


@dataclass(frozen=True, kw_only=True)
class Execution:
    """Where and how fast a network is trained.

    ``engine`` is ``"numpy"``, ``"jax"``, or ``"auto"``, the one that is done first; ``threads`` None leaves their
    number to the engine. Each mini-batch is shared by ``devices`` of each of ``processes``, of which this one is
    number ``process``, from 0; the processes meet at ``coordinator``, ``"host:port"``, where process 0 runs, which
    alone writes files. In float32 engine and threads decide the last bits of the result, so they are recorded.

    Raises :class:`InvalidArgument` for values out of range or that do not fit together.

    >>> Execution(engine="jax", devices=2).total
    2
    """

    engine: str = "auto"
    threads: int | None = None
    devices: int = 1
    coordinator: str | None = None
    processes: int = 1
    process: int = 0

    constraints: ClassVar[Constraints] = {
        "engine": one_of(*ENGINES),
        "threads": optional(whole(1, MOST_THREADS)),
        "devices": whole(1),
        "processes": whole(1),
        "process": whole(0),
    }

    def __post_init__(self) -> None:
        validate(self)
        for name in ("threads", "devices", "processes", "process"):  # which may be NumPy's
            if getattr(self, name) is not None:
                object.__setattr__(self, name, int(getattr(self, name)))
        if self.coordinator is not None:
            _check_address(self.coordinator)
        if self.process >= self.processes:
            raise InvalidArgument(
                argument="process",
                expected=f"a number from 0 to {self.processes - 1}, as there are {self.processes} processes",
                value=self.process,
                remedy="give processes, how many there are, to all of them",
            )
        if (self.coordinator is None) != (self.processes == 1):
            raise InvalidArgument(
                argument="coordinator",
                expected='"host:port", where process 0 runs, for several processes, and no coordinator for one',
                value=self.coordinator,
                remedy="give both processes and coordinator to all processes, or neither",
            )

    @property
    def address(self) -> tuple[str, int]:
        """Host and port of the coordinator, for several processes."""
        assert self.coordinator is not None
        host, _, port = self.coordinator.rpartition(":")
        return host, int(port)

    @property
    def total(self) -> int:
        """How many devices there are in all."""
        return self.devices * self.processes

    @property
    def is_distributed(self) -> bool:
        """Whether there is more than one device, or process."""
        return self.total > 1

    def check_batch(self, batch_size: int) -> None:
        """Raise :class:`InvalidArgument` if a mini-batch cannot be divided evenly over the devices."""
        n, lower = self.total, batch_size // self.total * self.total
        if batch_size % n:
            raise InvalidArgument(
                argument="batch_size",
                expected=f"a multiple of {n}, to be divided evenly over {n} devices",
                value=batch_size,
                remedy=f"take {lower} or {lower + n}" if lower else f"take {n}",
            )


EXECUTION = optional(instance(Execution, 'an Execution such as Execution(engine="numpy")'))


def _check_address(coordinator: object) -> None:
    host, _, port = coordinator.rpartition(":") if isinstance(coordinator, str) else ("", "", "")
    if not host or not port.isdecimal() or not 0 < int(port) < 2**16:
        raise InvalidArgument(
            argument="coordinator", expected='"host:port", such as "192.168.1.10:5000"', value=coordinator
        )
