"""The native engine: compiled kernels for CPUs, a stretch of mini-batches as one call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from deltarule.core.network import Network
from deltarule.engines.machine import count_cores
from deltarule.engines.native_library import describe_level
from deltarule.engines.native_program import NativeEvaluator, NativeProgram

if TYPE_CHECKING:
    from deltarule.core.descent import Descent
    from deltarule.engines.base import Evaluator, Program, Work


@dataclass(frozen=True)
class NativeEngine:
    """The engine of compiled kernels; ``threads`` is the number of parts that each mini-batch is divided into.

    The parts fix in which order numbers are added, so the same number gives the same bits, on however many cores.
    ``level`` names the instructions of the processor, such as ``"v3"``; see :mod:`deltarule.engines.native_library`.
    """

    threads: int = 1
    level: str = ""
    name = "native"
    processes = 1
    prefers_lockstep = False

    @property
    def workers(self) -> int:
        return max(1, count_cores() // self.threads)

    def all_reduce_max(self, *numbers: float) -> tuple[float, ...]:
        return numbers

    def all_gather(self, text: str) -> list[str]:
        return [text]

    def evaluator(self, network: Network, dtype: str = "float32") -> Evaluator:
        return NativeEvaluator(network, np.dtype(dtype), self.threads, self.level)

    def program(self, descent: Descent, dtype: str = "float32") -> Program:
        return NativeProgram(descent.network, np.dtype(dtype), self.threads, self.level, descent)

    def programs(self, descents: Sequence[Descent], dtype: str = "float32") -> list[Program]:
        return [self.program(descent, dtype) for descent in descents]

    def compute_together(self, works: Sequence[Work], most: int) -> list[Any]:
        return [work.compute() for work in works]


WORTH_A_THREAD = 1e7
"""The number of operations of a step for which one more thread saves more time than it costs."""


def make_native_engine(threads: int | None, operations: float, batch_size: int, members: int = 1) -> NativeEngine:
    """Make the engine for steps of so many operations on mini-batches of this size.

    If the number of threads is not given, it grows with the operations, up to the number of cores and of examples; it
    is 1 where several ``members`` train at once, each on a core.
    """
    most = min(count_cores(), batch_size, int(operations / WORTH_A_THREAD)) if members == 1 else 1
    return NativeEngine(threads or max(1, most), describe_level())
