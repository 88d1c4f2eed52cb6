"""``python -m benchmarks.profile``: profile the convolutional jobs, and compare them with the peak of the processor."""

from __future__ import annotations

import argparse
import gzip
import json
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from math import prod
from pathlib import Path
from typing import Any

from benchmarks.command import command
from benchmarks.contenders.task import seconds_of
from benchmarks.hlo import Instruction, parse_instructions
from benchmarks.measure import ROOT
from benchmarks.report import write_report
from benchmarks.results import save_results
from deltarule import data
from deltarule.engines.machine import count_cores

KINDS: Mapping[str, Sequence[str]] = {
    "patches, and their sums back": ("Convolution._patches", "Direct.features", "ToomCook.features"),
    "sums around the products": (
        "ToomCook.outputs",
        "ToomCook.kernels",
        "SingleProduct._kernels",
        "Convolution.backward",
    ),
    "pooling, bias and activation": (
        "max_over_phases",
        "Convolution.route_errors",
        "SingleProduct.route_errors",
        "ConvPool.",
    ),
}
"""The purpose of an instruction, by the functions that it comes from."""

PRODUCTS, OTHER = "matrix products", "all else: images, cost, update"


def kind(instruction: Instruction) -> str:
    """Return the purpose of an instruction; for a fusion, the purpose of its result."""
    if instruction.operation == "dot_general":
        return PRODUCTS
    for name, functions in KINDS.items():
        if any(function.startswith(tuple(functions)) for function in instruction.functions):
            return name
    return OTHER


def profile(name: str, examples: int, data_path: str | None, folder: Path) -> dict[str, Any]:
    """Measure the microseconds of the second epoch by kind, on one thread."""
    import jax

    from benchmarks.jobs import JOBS
    from deltarule import Callback, fit
    from deltarule.recipes.measurements import MNIST

    class Tracing(Callback):
        """A callback that traces the second epoch, since the first may include preparations."""

        def on_epoch(self, moment: Any) -> bool:
            if len(moment.at.history) == 1:
                jax.profiler.start_trace(str(folder / name), create_perfetto_trace=True)
            else:
                jax.profiler.stop_trace()
            return False

    jax.config.update("jax_enable_compilation_cache", False)  # a program from the cache has no text
    train, _, _ = data.load("mnist", data_path)
    recipe = next(job for job in JOBS if job.name == name).recipe.for_epochs(2)
    programs = set(folder.glob("*after_optimizations.txt"))
    network = recipe.network(*MNIST)
    train = train.take(slice(examples))
    model = fit(network, train, recipe.training, engine="jax", threads=1, callbacks=[Tracing()])
    program = max(set(folder.glob("*after_optimizations.txt")) - programs, key=lambda path: path.stat().st_size)
    with gzip.open(next((folder / name).rglob("perfetto_trace.json.gz")), "rt", encoding="utf-8") as file:
        trace = json.load(file)
    events = trace["traceEvents"] if isinstance(trace, dict) else trace
    spent = seconds_by_kind(list(parse_instructions(program.read_text(encoding="utf-8"))), events)
    per_image = {what: round(1e6 * seconds / len(train), 2) for what, seconds in spent.items()}
    whole = round(1e6 * model.history["seconds"][1] / len(train), 2)
    return {
        "job": name,
        "microseconds_per_image": per_image,
        "epoch_microseconds_per_image": whole,
        "examples": len(train),
        **arithmetic(network),
    }


def seconds_by_kind(program: Sequence[Instruction], events: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Sum the seconds of the events of a trace by kind; a loop counts by its instructions."""
    known = {instruction.name: instruction for instruction in program if instruction.operation != "while"}
    spent = dict.fromkeys((PRODUCTS, *KINDS, OTHER), 0.0)
    for event in events:
        if event.get("ph") == "X" and event["name"] in known:
            spent[kind(known[event["name"]])] += event.get("dur", 0) / 1e6
    return spent


def arithmetic(network: Any) -> dict[str, float]:
    """Count the operations per image, forward and backward: by definition, and in the fast form.

    A multiplication with its addition counts as two. Products occur three times, forward, for ∂C/∂w and
    for ∂C/∂x, which the first layer omits. A convolution whose neighbouring outputs share products
    (Toom and Cook) has k + 1 of 2 k; the additions around them are not counted.
    """
    by_definition = done = 0.0
    weighted = [i for i, layer in enumerate(network.layers) if layer.weights]
    for i in weighted:
        multiplications = prod(network.shapes[i + 1][:-1]) * network.init(0)[i]["w"].size
        operations = 2 * multiplications * (2 if i == weighted[0] else 3)
        by_definition += operations
        done += operations * _multiplication_ratio(network, i)
    return {"operations_by_definition": by_definition, "operations_done": done}


def _multiplication_ratio(network: Any, i: int) -> float:
    """Return the number of products that layer i computes, relative to the definition."""
    from deltarule.core.convolution import Conv
    from deltarule.core.pooling import MaxPool
    from deltarule.core.windows import pair
    from deltarule.engines.phases import Axis, choose_convolution

    layer = network.layers[i]
    if not isinstance(layer, Conv):
        return 1.0
    pool = next((p for p in network.layers[i + 1 : i + 3] if isinstance(p, MaxPool)), MaxPool(1))
    rows, columns = (Axis(*sizes) for sizes in zip(*map(pair, (layer.kernel, layer.stride, pool.size)), strict=True))
    return choose_convolution(rows, columns, network.shapes[i][-1]).multiplication_ratio


def peak(threads: int, size: int = 1024, times: int = 20) -> float:
    """Measure the GFLOP/s of NumPy's product of two square float32 matrices: the best of several."""
    import numpy as np
    from threadpoolctl import threadpool_limits

    a = np.random.default_rng(0).random((size, size), np.float32)
    with threadpool_limits(threads, "blas"):
        return round(2 * size**3 / min(seconds_of(lambda: a @ a) for _ in range(times)) / 1e9, 1)


@command
def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.profile", description=__doc__)
    parser.add_argument("--examples", type=int, default=5000, help="images of the profiled epoch (default 5000)")
    parser.add_argument("--data", help="the folder with MNIST's four files (default: as deltarule finds it)")
    parser.add_argument("--out", type=Path, default=ROOT, help="where results/ and docs/ are (default: the repository)")
    options = parser.parse_args()
    data.load("mnist", options.data)
    with tempfile.TemporaryDirectory() as folder:
        flags = f"--xla_cpu_enable_xprof_traceme=true --xla_dump_to={folder} --xla_dump_hlo_as_text"
        os.environ["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} {flags}".strip()
        profiles = [profile(name, options.examples, options.data, Path(folder)) for name in ("conv-10", "conv-100")]
    found = {
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "command": f"python -m benchmarks.profile --examples {options.examples}",
        "peak_gflops": {str(threads): peak(threads) for threads in sorted({1, count_cores()})},
        "profiles": profiles,
    }
    for path in (save_results(options.out, profile=found), *write_report(options.out)):
        print(f"written: {os.path.relpath(path)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
