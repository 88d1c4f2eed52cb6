"""The memory that the training of a network takes, estimated before anything is allocated."""

from __future__ import annotations

import os
import sys
from math import prod
from pathlib import Path

from deltarule.core.convolution import Conv
from deltarule.core.network import Network
from deltarule.core.optimizers import Optimizer
from deltarule.core.windows import pair
from deltarule.data.phrases import count
from deltarule.errors import InvalidArgument
from deltarule.models.parameters import list_initial_shapes

SHARE = 0.8
"""The share of the free memory that a run may take."""

COPIES = 6
"""Arrays of 4 bytes for each parameter beside the optimizer's state: the first values in float64 take two, then the
parameters, the gradient, the new parameters, and the copy that a checkpoint writes."""

EVALUATED = 256
"""The fewest examples that are evaluated at once."""


def count_parameters(network: Network) -> int:
    """Count the parameters of a network, without allocating them.

    >>> count_parameters(Network.dense([784, 30, 10]))
    23860
    """
    return sum(prod(shape) for shapes in list_initial_shapes(network) for shape in shapes.values())


def estimate_memory(network: Network, batch_size: int, optimizer: Optimizer) -> int:
    """Estimate the bytes that training takes: parameters with their copies, and the outputs of a mini-batch.

    >>> from deltarule import SGD
    >>> round(estimate_memory(Network.dense([784, 30, 10]), 10, SGD()) / 1e6, 1)
    2.3
    """
    state = len(optimizer.init([]))
    outputs = sum(prod(shape) for shape in network.shapes)
    windows = sum(
        prod(pair(layer.kernel)) * before[-1] * prod(after[:-1])
        for layer, before, after in zip(network.layers, network.shapes, network.shapes[1:], strict=False)
        if isinstance(layer, Conv)
    )
    at_once = max(batch_size, EVALUATED)
    return 4 * ((COPIES + state) * count_parameters(network) + 2 * at_once * outputs + batch_size * windows)


def find_free_memory() -> int | None:
    """Find the bytes of memory that are free on this machine and for this process; None if that is not known."""
    found = [value for value in (_read_meminfo(), _read_control_group()) if value is not None]
    if found:
        return min(found)
    if sys.platform == "win32" or not hasattr(os, "sysconf"):
        return None
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2
    except (ValueError, OSError):
        return None


def check_memory(network: Network, batch_size: int, optimizer: Optimizer) -> None:
    """Raise :class:`InvalidArgument` for a network whose training does not fit into the free memory."""
    free, needed = find_free_memory(), estimate_memory(network, batch_size, optimizer)
    if free is None or needed <= SHARE * free:
        return
    parameters = count(count_parameters(network), "parameter")
    raise InvalidArgument(
        f"expected a network that fits in memory, got one of {parameters}, whose training takes about "
        f"{needed / 1e9:,.1f} GB, and {free / 1e9:,.1f} GB are free",
        argument="network",
        remedy="use fewer neurons or maps, pooling before the first dense layer, or a smaller mini-batch",
    )


def _read_meminfo() -> int | None:
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        return next(1024 * int(line.split()[1]) for line in lines if line.startswith("MemAvailable:"))
    except (OSError, ValueError, StopIteration, IndexError):
        return None


def _read_control_group() -> int | None:
    """Read what the limit of a container leaves."""
    folder = Path("/sys/fs/cgroup")
    try:
        most, used = ((folder / name).read_text(encoding="ascii").strip() for name in ("memory.max", "memory.current"))
        return None if most == "max" else max(0, int(most) - int(used))
    except (OSError, ValueError):
        return None
