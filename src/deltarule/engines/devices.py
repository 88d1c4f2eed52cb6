"""Over what each mini-batch is divided: the devices of this machine, and processes on several machines."""

from __future__ import annotations

import socket
import time
from contextlib import ExitStack, closing
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar

from deltarule.core.constraints import Constraints, validate, whole
from deltarule.engines.jax_start import AXIS, fault
from deltarule.errors import InvalidArgument

PATIENCE = 60.0
"""Seconds in which all processes have to come to the coordinator."""


@dataclass(frozen=True)
class Spread:
    """``devices`` of each of ``processes`` share the work; this is number ``process`` of them, from 0.

    The processes meet at ``coordinator``, ``"host:port"``, where process 0 runs. Raises
    :class:`InvalidArgument` for what does not fit together.
    """

    devices: int = 1
    coordinator: str | None = None
    processes: int = 1
    process: int = 0
    constraints: ClassVar[Constraints] = {"devices": whole(1), "processes": whole(1), "process": whole(0)}

    def __post_init__(self) -> None:
        validate(self)
        if self.coordinator is not None:
            _address(self.coordinator)
        if self.processes == 1 and (self.process or self.coordinator is not None):
            given = f"process {self.process}" if self.process else f"coordinator {self.coordinator!r}"
            raise InvalidArgument(
                f"{given}: it is for several processes, and processes is 1: "
                "give processes=2 or more, as many as are started, or leave it out"
            )
        if self.process >= self.processes:
            raise InvalidArgument(
                f"process {self.process}: {self.processes} processes are numbered 0 to {self.processes - 1}"
            )
        if self.processes > 1 and self.coordinator is None:
            raise InvalidArgument(
                f'processes {self.processes}: give coordinator="host:port", where process 0 runs, to all of them'
            )

    @property
    def total(self) -> int:
        """How many devices there are in all."""
        return self.devices * self.processes

    @property
    def several(self) -> bool:
        """Whether there is more than one device, or process."""
        return self.total > 1

    def check_batch(self, batch_size: int) -> None:
        """Raises :class:`InvalidArgument` if a mini-batch cannot be divided evenly."""
        n, lower = self.total, batch_size // self.total * self.total
        if batch_size % n:
            near = f"{lower} or {lower + n}" if lower else str(n)
            raise InvalidArgument(f"batch_size {batch_size} cannot be divided evenly over {n} devices: take {near}")


ONE = Spread()


def found_here() -> int:
    """How many devices JAX finds on this machine; one where it does not work."""
    if fault():
        return 1
    import jax

    return jax.local_device_count()


def mesh(spread: Spread) -> Any:
    """The devices, as JAX wants them named; for several processes only after they have met.

    Raises :class:`InvalidArgument` if there are too few.
    """
    import jax
    import numpy as np
    from jax.sharding import Mesh

    if spread.processes > 1:
        _meet(spread)
    chosen = []
    for process in range(spread.processes):
        there = [device for device in jax.devices() if device.process_index == process]
        if len(there) < spread.devices:
            kind, where = there[0].platform, f" of process {process}" if spread.processes > 1 else ""
            remedy = f"; with XLA_FLAGS=--xla_force_host_platform_device_count={spread.devices} JAX divides the CPU"
            raise InvalidArgument(
                f"devices {spread.devices}: JAX finds {len(there)} {kind} device{'s' * (len(there) > 1)}{where}"
                f"{remedy if kind == 'cpu' else ''}"
            )
        chosen += there[: spread.devices]
    return Mesh(np.asarray(chosen), (AXIS,))


@cache
def _meet(spread: Spread) -> None:
    """Joins the processes. Raises :class:`InvalidArgument` if not all come in time, or JAX runs already."""
    import jax
    from jax._src.xla_bridge import backends_are_initialized  # JAX has no public way to ask

    if backends_are_initialized():
        raise InvalidArgument("JAX runs already in this process, and can no longer join others: start a new one")
    # JAX would end the process where one does not come, so that is found out first
    (_wait_for_all if spread.process == 0 else _announce)(spread)
    jax.config.update("jax_cpu_collectives_implementation", "gloo")
    jax.distributed.initialize(spread.coordinator, spread.processes, spread.process)


def _wait_for_all(spread: Spread) -> None:
    """Process 0: hears which of the others have come, and tells them to begin when all have."""
    assert spread.coordinator is not None
    host, port = _address(spread.coordinator)
    try:
        server = socket.create_server((host, port))
    except OSError as error:
        raise InvalidArgument(
            f"coordinator {spread.coordinator}: process 0 cannot listen there: {error.strerror or error}"
        ) from None
    end, come = time.monotonic() + PATIENCE, dict[int, socket.socket]()
    with closing(server), ExitStack() as callers:
        while len(come) < spread.processes - 1:
            server.settimeout(max(0.01, end - time.monotonic()))
            try:
                caller = callers.enter_context(server.accept()[0])
                caller.settimeout(max(0.01, end - time.monotonic()))
                number, count, devices = map(int, caller.recv(64).split())
            except TimeoutError:
                missing = sorted(set(range(1, spread.processes)) - set(come))
                raise InvalidArgument(
                    f"coordinator {spread.coordinator}: process {', '.join(map(str, missing))} of {spread.processes} "
                    f"did not come within {PATIENCE:.0f} s: start all of them, with the same coordinator"
                ) from None
            except (OSError, ValueError):
                continue  # whoever that was, it was none of ours
            if count != spread.processes or number in come:
                caller.sendall(b"other")
                raise InvalidArgument(
                    f"coordinator {spread.coordinator}: a process came as number {number} of {count}, where each "
                    f"number from 1 to {spread.processes - 1} of {spread.processes} is to come once"
                )
            if devices != spread.devices:
                caller.sendall(b"other")
                raise InvalidArgument(
                    f"devices {spread.devices}: process {number} has devices {devices}; give all processes the same"
                )
            come[number] = caller
        for caller in come.values():
            caller.sendall(b"begin")


def _announce(spread: Spread) -> None:
    """Another process: tells process 0 that it has come, and waits until all have."""
    assert spread.coordinator is not None
    end = time.monotonic() + PATIENCE
    while True:
        try:
            with socket.create_connection(_address(spread.coordinator), timeout=PATIENCE) as server:
                server.settimeout(PATIENCE)
                server.sendall(f"{spread.process} {spread.processes} {spread.devices}".encode())
                answer = server.recv(64)
            break
        except OSError as error:
            if time.monotonic() > end:
                raise InvalidArgument(
                    f"coordinator {spread.coordinator}: not reached within {PATIENCE:.0f} s "
                    f"({error.strerror or error}): is process 0 running there, and the port open?"
                ) from None
            time.sleep(0.2)
    if answer != b"begin":
        raise InvalidArgument(
            f"coordinator {spread.coordinator}: process 0 gave up: not all came in time, or they disagree about "
            f"their number or that of their devices, or there are two of number {spread.process}"
        )


def _address(coordinator: str) -> tuple[str, int]:
    host, _, port = coordinator.rpartition(":") if isinstance(coordinator, str) else ("", "", "")
    if not host or not port.isdecimal() or not 0 < int(port) < 2**16:
        raise InvalidArgument(f'coordinator {coordinator!r}: give "host:port", such as "192.168.1.10:5000"')
    return host, int(port)
