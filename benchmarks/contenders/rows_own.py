"""deltarule's engines train an LSTM on the rows of digits; see :mod:`benchmarks.rows`."""

from __future__ import annotations

import json
import sys
from time import perf_counter, process_time

import numpy as np

from deltarule import LSTM, Dense, LastStep, LogLikelihood, Network
from deltarule.core import random
from deltarule.core.descent import Descent
from deltarule.core.optimizers import SGD
from deltarule.engines import Epoch, Examples
from deltarule.engines.choice import choose_engine
from deltarule.engines.execution import Execution


def main() -> None:
    """Train some mini-batches for each line on the standard input, and print the seconds as JSON."""
    asked = json.loads(sys.argv[1])
    with np.load(asked["file"]) as file:
        arrays = dict(file)
    n, size = len(arrays["x"]), asked["batch_size"]
    network = Network([LSTM(len(arrays["u"].T)), LastStep(), Dense(10)], LogLikelihood(), arrays["x"].shape[1:])
    params = [{name: arrays[name] for name in ("w", "u", "b")}, {}, {"w": arrays["w_out"], "b": arrays["b_out"]}]
    descent = Descent(network, SGD(), None, n)
    execution = Execution(engine=asked["form"], threads=asked["threads"])
    engine, _ = choose_engine(execution, [descent], params, n // size, size)
    program = engine.program(descent, "float32")
    examples = program.place(Examples(arrays["x"], np.eye(10, dtype=np.float32)[arrays["y"]], 255.0))
    eta = np.full(n // size, asked["eta"])
    epoch = Epoch(np.arange(n // size * size, dtype=np.int32), size, eta, random.key(0))
    params, steps, done = program.params(params), asked["steps"], 0
    for _ in sys.stdin:
        done = 0 if done + steps > epoch.steps else done
        started, cpu = perf_counter(), process_time()
        params, _, _ = program.run(params, {}, examples, epoch, done, done + steps)
        params = [{name: leaf + 0 for name, leaf in layer.items()} for layer in params]  # waits for JAX
        [np.asarray(leaf) for layer in params for leaf in layer.values()]
        taken = perf_counter() - started, process_time() - cpu
        done += steps
        print(json.dumps([1000 * t / steps for t in taken]), flush=True)


if __name__ == "__main__":
    main()
