"""The devices that share each mini-batch: those of this machine, and of processes on several machines."""

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
"""Seconds within which all processes must connect to the coordinator."""


def count_local_devices() -> int:
    """Count the devices that JAX finds on this machine; 1 if JAX does not work."""
    if find_fault():
        return 1
    import jax

    return int(jax.local_device_count())


def build_mesh(execution: Execution) -> Any:
    """Build JAX's mesh of the devices; several processes are connected first.

    Raises :class:`InvalidArgument` if there are too few devices.
    """
    import jax
    import numpy as np
    from jax.sharding import Mesh

    if execution.processes > 1:
        _join_processes(replace(execution, engine="auto", threads=None))  # these two may differ between runs
    chosen = []
    for process in range(execution.processes):
        there = [device for device in jax.devices() if device.process_index == process]
        if len(there) < execution.devices:
            kind, where = there[0].platform, f" in process {process}" if execution.processes > 1 else ""
            flag = f"XLA_FLAGS=--xla_force_host_platform_device_count={execution.devices}"
            found = f"{len(there)} {kind.upper()} device{'s' if len(there) > 1 else ''}"
            raise InvalidArgument(
                argument="devices",
                expected=f"at most {len(there)}, because JAX finds {found}{where}",
                value=execution.devices,
                remedy=f"to let JAX use the CPU as {execution.devices} devices, set {flag}" if kind == "cpu" else "",
            )
        chosen += there[: execution.devices]
    return Mesh(np.asarray(chosen), (AXIS,))


@cache
def _join_processes(execution: Execution) -> None:
    """Connect the processes. Raises :class:`InvalidArgument` if one is late, or JAX is already running."""
    import jax
    from jax._src.xla_bridge import backends_are_initialized  # JAX has no public way to ask

    if backends_are_initialized():
        raise InvalidArgument(
            "JAX is already running in this process, so it can no longer connect to others",
            argument="processes",
            value=execution.processes,
            remedy="start a new Python process",
        )
    # JAX would end this process if another does not come, so this is checked first
    (_wait_for_all if execution.process == 0 else _announce)(execution)
    jax.config.update("jax_cpu_collectives_implementation", "gloo")
    jax.distributed.initialize(execution.coordinator, execution.processes, execution.process)


def _wait_for_all(execution: Execution) -> None:
    """Accept the other processes, in process 0, and tell them to begin when all have come."""
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
                continue  # not one of our processes
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
    """Report this process to process 0, and wait until all have come."""
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
                    "check that process 0 runs there and that the port is open",
                ) from None
            time.sleep(0.2)
    if answer != b"begin":
        raise _coordinator_error(
            execution,
            f"process 0 at {execution.coordinator} gave up: a process did not come in time, or the processes differ in "
            f"processes or devices, or two of them have the number {execution.process}",
        )


def _coordinator_error(execution: Execution, problem: str, remedy: str = "") -> InvalidArgument:
    return InvalidArgument(problem, argument="coordinator", value=execution.coordinator, remedy=remedy)
