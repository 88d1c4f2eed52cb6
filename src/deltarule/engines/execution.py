"""Execution: the engine, threads, devices and processes.

They change at most the last bits of each step; in a long training such differences grow.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from deltarule.core.constraints import Constraints, instance, one_of, optional, validate, whole
from deltarule.errors import InvalidArgument

ENGINES = ("auto", "numpy", "native", "jax")

MOST_THREADS = 1024
"""More than the cores of any machine; the libraries that start threads fail with far more."""


@dataclass(frozen=True, kw_only=True)
class Execution:
    """The settings that determine where and how fast a network is trained.

    In float32 the engine and the threads change the rounding of each step, so a model's ``settings`` record them.

    Args:
        engine: ``"numpy"``, ``"native"``, ``"jax"``, or ``"auto"``, which chooses: on a CPU the native engine, if it
            can run the network.
        threads: The number of threads; None leaves it to the engine. For the native engine it is the number of
            parts of a mini-batch, which fixes the bits; fewer cores may work on them.
        devices: The number of devices of each process. Each mini-batch is divided over all devices.
        coordinator: ``"host:port"`` of process 0, to which the other processes connect.
        processes: The number of processes. Only process 0 writes files.
        process: The number of this process, from 0.

    Raises:
        InvalidArgument: If values are out of range or do not fit together.

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
                expected=f"a number below the number of processes, {self.processes}",
                value=self.process,
                remedy="start all processes with the same number of processes, and number them from 0",
            )
        if (self.coordinator is None) != (self.processes == 1):
            raise InvalidArgument(
                argument="coordinator",
                expected='"host:port" of process 0 for several processes, and no coordinator for one',
                value=self.coordinator,
                remedy="give each process the number of processes and the address of process 0, or neither",
            )

    @property
    def address(self) -> tuple[str, int]:
        """The host and port of the coordinator, for several processes."""
        assert self.coordinator is not None
        host, _, port = self.coordinator.rpartition(":")
        return host, int(port)

    @property
    def total(self) -> int:
        """The number of devices of all processes."""
        return self.devices * self.processes

    @property
    def is_distributed(self) -> bool:
        """True if there is more than one device or process."""
        return self.total > 1

    def check_batch(self, batch_size: int) -> None:
        """Raise :class:`InvalidArgument` if a mini-batch cannot be divided evenly over the devices."""
        n, lower = self.total, batch_size // self.total * self.total
        if batch_size % n:
            raise InvalidArgument(
                argument="batch_size",
                expected=f"a multiple of {n}, the number of devices",
                value=batch_size,
                remedy=f"use {lower} or {lower + n}" if lower else f"use {n}",
            )


EXECUTION = optional(instance(Execution, 'an Execution such as Execution(engine="numpy")'))


def _check_address(coordinator: object) -> None:
    host, _, port = coordinator.rpartition(":") if isinstance(coordinator, str) else ("", "", "")
    if not host or not port.isdecimal() or not 0 < int(port) < 2**16:
        raise InvalidArgument(
            argument="coordinator", expected='"host:port", such as "192.168.1.10:5000"', value=coordinator
        )
