"""The process of one contender: it reads a request as JSON from its argument, and prints a reply as JSON."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import Any

from benchmarks.contenders import CONTENDERS
from benchmarks.contenders.task import Task
from benchmarks.jobs import find_job
from benchmarks.memory import peak_memory
from deltarule import data
from deltarule.data.augmentation import with_shifts
from deltarule.recipes import Recipe, to_toml


@dataclass(frozen=True)
class Request:
    """A request to a process.

    With ``epochs`` and ``examples`` 0 the job decides: the recipe's epochs, all images. With ``turns`` the process
    prints ``ready`` before each epoch, and waits for a line.
    """

    contender: str
    job: str
    threads: int
    epochs: int
    examples: int
    seed: int
    data: str | None
    turns: bool = False

    @property
    def recipe(self) -> Recipe:
        recipe = find_job(self.job).recipe
        return recipe.for_epochs(self.epochs) if self.epochs else recipe

    @property
    def limit(self) -> int:
        """The number of training images to take, 0 for all."""
        job = find_job(self.job)
        return min((n for n in (self.examples, job.examples, job.fewer.get(self.contender, 0)) if n), default=0)

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    def to_adapter(self) -> str:
        """Write the request with all that the job decides, for the adapter to an earlier commit."""
        return json.dumps({**asdict(self), "recipe": to_toml(self.recipe), "examples": self.limit})


def answer(request: Request, wait: Callable[[], None]) -> dict[str, Any]:
    """Train, then measure the accuracy on the test images, which is not timed."""
    contender = next(c for c in CONTENDERS if c.name == request.contender)
    recipe = request.recipe
    train, _, test = data.load("mnist", request.data)
    if request.limit:
        train = train.take(slice(request.limit))
    if recipe.shifts:
        train = with_shifts(train, recipe.shifts)
    outcome = contender.train(Task(recipe, train, request.seed, request.threads, wait))
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
    request = Request(**json.loads(sys.argv[1]))

    def wait() -> None:
        if request.turns:
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
