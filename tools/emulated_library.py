"""Let tests run the native engine of another processor: ``pytest -p tools.emulated_library``.

EMULATED names a program that does jobs by pipe (``native/checks/jobs_by_pipe.cpp``) and its emulator. In place of the
shared object, the engine then gets an object that sends each job there and writes the results where they belong.
"""

from __future__ import annotations

import ctypes
import os
import shlex
import struct
import subprocess
from collections.abc import Iterator
from functools import cache
from itertools import chain
from typing import Any

import numpy as np

from deltarule.core.convolution import Conv
from deltarule.core.gru import GRU
from deltarule.core.layers import Dense
from deltarule.core.lstm import LSTM
from deltarule.core.normalization import BatchNorm
from deltarule.core.recurrent import Recurrent
from deltarule.core.steps import LastStep, MeanOverSteps
from deltarule.engines import native_library
from deltarule.engines.native_job import BOLTZMANN, INPUTS, KINDS, STATES, Job, LayerJob

DENSE, CONVOLUTION, NORMALIZATION = (KINDS[kind] for kind in (Dense, Conv, BatchNorm))
GATES = {KINDS[kind]: kind.gates for kind in (Recurrent, LSTM, GRU)}
JOINS = (KINDS[LastStep], KINDS[MeanOverSteps])


class EmulatedLibrary:
    """The functions of the shared object, done by a program at the other end of two pipes."""

    def __init__(self, words: list[str]) -> None:
        self.program = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.version, size = struct.unpack("<2i", self.receive(8))
        if size != ctypes.sizeof(Job):
            raise RuntimeError(f"job.hpp: expected a Job of {ctypes.sizeof(Job)} bytes, got {size}")
        self.level = self.receive(16).rstrip(b"\0")

    def deltarule_version(self) -> int:
        return self.version

    def deltarule_level(self) -> bytes:
        return self.level

    def deltarule_compiler(self) -> bytes:
        return b"the compiler of the program"

    def deltarule_run(self, reference: Any, level: bytes) -> int:
        """Send a job with all its arrays, and write into them what comes back."""
        job: Job = reference._obj
        several, z = (
            [list(find_parameters(job, name)) for name in ("parameters", *dict.fromkeys(STATES.values()))],
            find_z(job),
        )
        send = self.program.stdin.write
        send(level.ljust(16, b"\0"))
        send(bytes(job))
        for arrays in several:
            send(struct.pack("<Q", len(arrays)))
            for address, size in arrays:
                send(struct.pack("<Q", size) + ctypes.string_at(address, size))
        for address, size in (*find_inputs(job), z):
            send(struct.pack("<Q", size) + (ctypes.string_at(address, size) if size else b""))
        self.program.stdin.flush()
        (outcome,) = struct.unpack("<i", self.receive(4))
        answer = Job.from_buffer_copy(self.receive(ctypes.sizeof(Job)))
        for name in ("missing1", "missing2", "weight", "steps_done", "finite"):
            setattr(job, name, getattr(answer, name))
        for address, size in (*chain(*several), z):
            ctypes.memmove(address, self.receive(size), size)
        return outcome

    def receive(self, size: int) -> bytes:
        """Read so many bytes of the answer."""
        content = self.program.stdout.read(size)
        if len(content) != size:
            raise RuntimeError(f"the emulated library ended with exit status {self.program.wait()}")
        return content


def find_parameters(job: Job, name: str) -> Iterator[tuple[int, int]]:
    """List the address and the bytes of each parameter, or of each of the optimizer's states of a name."""
    pointers = getattr(job, name)
    if not pointers:
        return
    width, at = 8 if job.is_double else 4, 0
    for i in range(job.layers):
        for count in count_numbers(job.layer[i]):
            yield pointers[at], width * count
            at += 1


def count_numbers(layer: LayerJob) -> list[int]:
    """Count the numbers of each parameter of a layer."""
    if layer.kind == DENSE:
        return [layer.outputs * layer.h * layer.w * layer.c, layer.outputs]
    if layer.kind == CONVOLUTION:
        return [layer.outputs * layer.window_h * layer.window_w * layer.c, layer.outputs]
    if layer.kind in GATES:
        rows = GATES[layer.kind] * layer.outputs
        return [rows * layer.c, rows * layer.outputs, rows]
    if layer.kind == BOLTZMANN:
        n = layer.c + layer.labels
        chains = [layer.chains * n] if layer.chains else []
        return [layer.outputs * n, n, layer.outputs, *chains]
    return [layer.c] * 4 if layer.kind == NORMALIZATION else []


def find_inputs(job: Job) -> list[tuple[int, int]]:
    """List the address and the bytes of what a job only reads, in the order of the program; (0, 0) if it is missing."""
    steps = job.steps * (job.batch if job.training else 1)
    examples = max(ctypes.cast(job.order, ctypes.POINTER(ctypes.c_int32))[:steps]) + 1
    width, (kind,) = 8 if job.is_double else 4, [name for name, i in INPUTS.items() if i == job.input_type]
    sizes = {
        "shrinks": 8 * len(list(find_parameters(job, "parameters"))),
        "x": examples * job.size * np.dtype(kind).itemsize,
        "y": examples * count_outputs(job) * width,
        "weights": examples * width,
        "lengths": 4 * examples,
        "order": 4 * steps,
        "eta": job.steps * width,
        "path": 4 * job.path_length,
    }
    found = [(ctypes.addressof(job.layer.contents), ctypes.sizeof(LayerJob) * job.layers)]
    for name, size in sizes.items():
        pointer = getattr(job, name)
        address = (ctypes.cast(pointer, ctypes.c_void_p).value if name == "shrinks" else pointer) or 0
        found.append((address, size if address else 0))
    return found


def count_outputs(job: Job) -> int:
    """Count the outputs of a network: of its last layer with neurons of its own, or of what that layer passes on."""
    last = job.layer[job.layers - 1]
    if last.kind == BOLTZMANN:
        return last.labels or last.c
    if last.kind in JOINS:
        return last.h * last.w * last.c // last.steps
    return last.outputs if last.kind == DENSE else last.h * last.w * last.c


def find_z(job: Job) -> tuple[int, int]:
    """Find the address and the bytes of the weighted inputs, which are written if nothing is trained."""
    return (job.z, job.steps * count_outputs(job) * (8 if job.is_double else 4)) if job.z else (0, 0)


@cache
def start_library() -> EmulatedLibrary:
    """Start the program that EMULATED names, once for each process."""
    return EmulatedLibrary(shlex.split(os.environ["EMULATED"]))


def pytest_configure() -> None:
    """Put the emulated library in place of the shared object."""
    native_library._declare_functions = lambda path: start_library()


def pytest_report_header() -> str:
    """Name the library in the head of the report."""
    return f"native engine: {os.environ['EMULATED']}, level {native_library.describe_level()}"
