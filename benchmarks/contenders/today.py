"""The adapter to commit 83234c5: a script for that version's Python, with the interface of ``benchmarks.child``.

It imports nothing of this version. Its argument is a request as JSON, with the recipe as that version reads it.
"""

import json
import os
import re
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path
from time import perf_counter

from deltarule import Callback, data, fit
from deltarule.recipes import read


class Stopwatch(Callback):
    def __init__(self, wait, epochs):
        self.wait, self.left, self.seconds = wait, epochs, []

    def on_start(self, moment):
        self.wait()
        self.last = perf_counter()

    def on_epoch(self, moment):
        self.seconds.append(perf_counter() - self.last)
        self.left -= 1
        if self.left:
            self.wait()
        self.last = perf_counter()
        return False


def read_recipe(text):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "recipe.toml"
        path.write_text(text.replace("augmentation = ", "expansion = "), encoding="utf-8")
        return read(path).recipe


def answer(request, wait):
    recipe = read_recipe(request["recipe"])
    train, _, test = data.load("mnist", request["data"])
    if request["examples"]:
        train = train.take(slice(request["examples"]))
    if recipe.shifts:
        train = data.with_shifts(train, recipe.shifts)
    watch = Stopwatch(wait, recipe.epochs)
    model = fit(
        recipe.network(train.x.shape[1:], train.targets.shape[1]),
        train,
        **recipe.arguments,
        seed=request["seed"],
        engine="jax",
        threads=request["threads"],
        callbacks=[watch],
    )
    peak = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return {
        "seconds": [round(s, 6) for s in watch.seconds],
        "compile_seconds": round(model.history.records[0]["compile_seconds"], 3),
        "accuracy": float((model.predict(test.x) == test.y).mean()),
        "peak_memory": int(peak[1]) * 1024,
        "examples": len(train),
        "versions": {"jax of 83234c5": version("jax")},
    }


def main():
    reply = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # output of libraries goes to stderr
    request = json.loads(sys.argv[1])

    def wait():
        if request["turns"]:
            reply.write("ready\n")
            reply.flush()
            sys.stdin.readline()

    try:
        content = answer(request, wait)
    except Exception as error:
        content = {"error": f"{type(error).__name__}: {error}"}
    reply.write(json.dumps(content) + "\n")
    reply.close()


if __name__ == "__main__":
    main()
