"""Over what each mini-batch is divided: the devices of this machine, and processes on several machines."""

from __future__ import annotations

import socket
import time
from contextlib import ExitStack, closing
from dataclasses import replace
from functools import cache
from typing import Any

from deltarule.engines.execution import Execution
from deltarule.engines.jax_setup import AXIS, find_fault
from deltarule.errors import InvalidArgument

PATIENCE = 60.0
"""Seconds in which all processes have to come to the coordinator."""


def count_local_devices() -> int:
    """How many devices JAX finds on this machine; one where it does not work."""
    if find_fault():
        return 1
    import jax

    return int(jax.local_device_count())


def build_mesh(execution: Execution) -> Any:
    """The devices, as JAX wants them named; for several processes only after they have met.

    Raises :class:`InvalidArgument` if there are too few.
    """
    import jax
    import numpy as np
    from jax.sharding import Mesh

    if execution.processes > 1:
        _join_processes(replace(execution, engine="auto", threads=None))  # which each run may choose
    chosen = []
    for process in range(execution.processes):
        there = [device for device in jax.devices() if device.process_index == process]
        if len(there) < execution.devices:
            kind, where = there[0].platform, f" of process {process}" if execution.processes > 1 else ""
            remedy = f"set XLA_FLAGS=--xla_force_host_platform_device_count={execution.devices} to divide the CPU"
            raise InvalidArgument(
                argument="devices",
                expected=f"at most {len(there)}, the {kind} devices that JAX finds{where}",
                value=execution.devices,
                remedy=remedy if kind == "cpu" else "",
            )
        chosen += there[: execution.devices]
    return Mesh(np.asarray(chosen), (AXIS,))


@cache
def _join_processes(execution: Execution) -> None:
    """Joins the processes. Raises :class:`InvalidArgument` if not all come in time, or JAX runs already."""
    import jax
    from jax._src.xla_bridge import backends_are_initialized  # JAX has no public way to ask

    if backends_are_initialized():
        raise InvalidArgument(
            "JAX runs already in this process, and can no longer join others",
            argument="processes",
            value=execution.processes,
            remedy="start a new Python process",
        )
    # JAX would end the process where one does not come, so that is found out first
    (_wait_for_all if execution.process == 0 else _announce)(execution)
    jax.config.update("jax_cpu_collectives_implementation", "gloo")
    jax.distributed.initialize(execution.coordinator, execution.processes, execution.process)


def _wait_for_all(execution: Execution) -> None:
    """Process 0: hears which of the others have come, and tells them to begin when all have."""
    host, port = execution.address
    try:
        server = socket.create_server((host, port))
    except OSError as error:
        raise _coordinator_error(
            execution, f"process 0 cannot listen at {execution.coordinator}: {error.strerror or error}"
        ) from None
    end, come = time.monotonic() + PATIENCE, dict[int, socket.socket]()
    with closing(server), ExitStack() as callers:
        while len(come) < execution.processes - 1:
            server.settimeout(max(0.01, end - time.monotonic()))
            try:
                caller = callers.enter_context(server.accept()[0])
                caller.settimeout(max(0.01, end - time.monotonic()))
                number, count, devices = map(int, caller.recv(64).split())
            except TimeoutError:
                missing = sorted(set(range(1, execution.processes)) - set(come))
                raise _coordinator_error(
                    execution,
                    f"process {', '.join(map(str, missing))} of {execution.processes} did not come to "
                    f"{execution.coordinator} within {PATIENCE:.0f} s",
                    "start all of them, with the same coordinator",
                ) from None
            except (OSError, ValueError):
                continue  # whoever that was, it was none of ours
            if count != execution.processes or number in come:
                caller.sendall(b"other")
                raise _coordinator_error(
                    execution,
                    f"expected each number from 1 to {execution.processes - 1} of {execution.processes} processes "
                    f"once, got a process with number {number} of {count}",
                )
            if devices != execution.devices:
                caller.sendall(b"other")
                raise InvalidArgument(
                    f"expected the same in all processes, got {execution.devices} in process 0 and {devices} in "
                    f"process {number}",
                    argument="devices",
                    value=execution.devices,
                )
            come[number] = caller
        for caller in come.values():
            caller.sendall(b"begin")


def _announce(execution: Execution) -> None:
    """Another process: tells process 0 that it has come, and waits until all have."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            with socket.create_connection(execution.address, timeout=PATIENCE) as server:
                server.settimeout(PATIENCE)
                server.sendall(f"{execution.process} {execution.processes} {execution.devices}".encode())
                answer = server.recv(64)
            break
        except OSError as error:
            if time.monotonic() > end:
                raise _coordinator_error(
                    execution,
                    f"{execution.coordinator} was not reached within {PATIENCE:.0f} s ({error.strerror or error})",
                    "see that process 0 runs there, and that the port is open",
                ) from None
            time.sleep(0.2)
    if answer != b"begin":
        raise _coordinator_error(
            execution,
            f"process 0 at {execution.coordinator} gave up: not all came in time, or they disagree about their number "
            f"or that of their devices, or there are two of number {execution.process}",
        )


def _coordinator_error(execution: Execution, problem: str, remedy: str = "") -> InvalidArgument:
    return InvalidArgument(problem, argument="coordinator", value=execution.coordinator, remedy=remedy)
