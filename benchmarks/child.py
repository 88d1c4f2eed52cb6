"""The process of one contender: it reads a request as JSON from its argument, and prints a reply as JSON."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import Any

from benchmarks.contenders import CONTENDERS
from benchmarks.contenders.task import Task
from benchmarks.jobs import JOBS
from benchmarks.memory import peak_memory
from deltarule import data
from deltarule.data.augmentation import with_shifts


@dataclass(frozen=True)
class Request:
    """A request to a process.

    With ``epochs`` and ``examples`` 0 the job decides: the recipe's epochs, all images.
    """

    contender: str
    job: str
    threads: int
    epochs: int
    examples: int
    seed: int
    data: str | None

    def to_json(self) -> str:
        return json.dumps(asdict(self))


def answer(request: Request) -> dict[str, Any]:
    """Train, then measure the accuracy on the test images, which is not timed."""
    contender = next(c for c in CONTENDERS if c.name == request.contender)
    job = next(j for j in JOBS if j.name == request.job)
    recipe = job.recipe.for_epochs(request.epochs) if request.epochs else job.recipe
    train, _, test = data.load("mnist", request.data)
    limits = [n for n in (request.examples, job.fewer.get(contender.name, 0)) if n]
    if limits:
        train = train.take(slice(min(limits)))
    if recipe.shifts:
        train = with_shifts(train, recipe.shifts)
    outcome = contender.train(Task(recipe, train, request.seed, request.threads))
    peak = peak_memory()  # of the training, not of the evaluation
    return {
        "seconds": [round(s, 6) for s in outcome.seconds],
        "compile_seconds": round(outcome.compile_seconds, 3),
        "accuracy": float((outcome.predict(test.x) == test.y).mean()),
        "peak_memory": peak,
        "examples": len(train),
        "versions": {package: version(package) for package in contender.packages},
    }


def main() -> None:
    reply = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # output of libraries goes to stderr
    try:
        content = answer(Request(**json.loads(sys.argv[1])))
    except Exception as error:
        content = {"error": f"{type(error).__name__}: {error}"}
    reply.write(json.dumps(content) + "\n")
    reply.close()


if __name__ == "__main__":
    main()
