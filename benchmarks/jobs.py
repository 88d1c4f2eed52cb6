"""The jobs of the benchmarks: recipes, contenders, and the targets for deltarule's native engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from benchmarks.contenders import OWN, TODAY
from deltarule.core.activations import ReLU, Sigmoid
from deltarule.core.convolution import Conv
from deltarule.core.costs import LogLikelihood
from deltarule.core.layers import Dense, Flatten
from deltarule.core.pooling import MaxPool
from deltarule.recipes import RECIPES, Output, Recipe, to_toml
from deltarule.training.training import Training


@dataclass(frozen=True)
class Target:
    """A target for deltarule: ``must`` is the required figure, ``aim`` the stretch target.

    ``figure`` is "ratio", the time of the fastest of ``peer`` (a contender, or a group of them) relative to
    deltarule's; or "memory" in MB, 10⁶ bytes, where less is better. A target with a ``goal`` is not required: it is
    a range, such as ``"6 to 9"``, that begins at ``must``.
    """

    figure: str
    must: float
    aim: float
    peer: str = ""
    goal: str = ""


@dataclass(frozen=True)
class Job:
    """A job: each of the ``contenders`` trains the ``recipe`` for its epochs, with another seed in every round.

    ``examples`` above 0 takes so many images only, for all; ``fewer`` gives slow contenders fewer images, and their
    times are multiplied accordingly. ``rounds`` above 0 replaces the number of rounds.
    """

    name: str
    title: str
    recipe: Recipe
    contenders: tuple[str, ...]
    targets: tuple[Target, ...] = ()
    fewer: Mapping[str, int] = field(default_factory=dict)
    rounds: int = 0
    examples: int = 0

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "title": self.title,
            "recipe": to_toml(self.recipe),
            "targets": [asdict(target) for target in self.targets],
        }


_PYTORCH = ("pytorch-eager", "pytorch-compiled", "pytorch-compiled-cpp")
_COMMON = (OWN, TODAY, "deltarule-jax", "deltarule-numpy", *_PYTORCH, "plain-jax", "keras")


def _targets(must: float, aim: float, least: float = 0, most: float = 0) -> tuple[Target, ...]:
    """Return the required speed relative to the earlier commit, and the goal relative to PyTorch's best form."""
    goal = (Target("ratio", least, most, "pytorch", f"{least:g} to {most:g}"),) if least else ()
    return (Target("ratio", must, aim, TODAY), *goal)


def _dense(hidden: int, targets: tuple[Target, ...]) -> Job:
    recipe = Recipe([Dense(hidden), Sigmoid(), Output()], training=Training(eta=0.5, epochs=3, batch_size=10))
    title = f"784-{hidden}-10, mini-batch 10"
    contenders = (*_COMMON, "scikit-learn", "book")
    fewer = {"book": 5_000, "pytorch-eager": 20_000}
    return Job(f"784-{hidden}-10", title, recipe, contenders, targets, fewer)


def _convolution(batch_size: int, targets: tuple[Target, ...]) -> Job:
    recipe = Recipe(
        layers=[
            *(Conv(20, 5), ReLU(), MaxPool(2)),
            *(Conv(40, 5), ReLU(), MaxPool(2)),
            *(Flatten(), Dense(100), ReLU(), Output()),
        ],
        cost=LogLikelihood(),
        training=Training(eta=0.03, epochs=1, batch_size=batch_size),
    )
    title = f"conv20-pool-conv40-pool-dense100, ReLU, mini-batch {batch_size}"
    fewer = {"deltarule-numpy": 2_000, "keras": 5_000, "plain-jax": 10_000, "deltarule-jax": 20_000}
    forms = (*_PYTORCH, "pytorch-channels-last")
    contenders = (*_COMMON, "pytorch-channels-last")
    fewer |= dict.fromkeys(forms, 20_000)
    return Job(f"conv-{batch_size}", title, recipe, contenders, targets, fewer)


_CONV_10 = _convolution(10, _targets(2.5, 4, 6, 9))

JOBS = (
    _CONV_10,
    _convolution(100, _targets(2, 2.5, 4, 6)),
    _dense(30, _targets(2, 2.5, 12, 16)),
    _dense(100, _targets(2, 2.5, 8, 12)),
    Job(
        "fast-99",
        "The recipe fast-99",
        RECIPES["fast-99"],
        (OWN, TODAY, "deltarule-jax", *_PYTORCH, "pytorch-channels-last", "plain-jax"),
        (Target("ratio", 1.6, 2.5, TODAY), Target("ratio", 5, 5, "pytorch", "5")),
        fewer={"plain-jax": 12_800},
    ),
    Job(
        "best",
        "The recipe best, an epoch of 10,000 images",
        replace(RECIPES["best"], training=replace(RECIPES["best"].training, epochs=1)),
        (OWN, TODAY, "deltarule-jax"),
        _targets(2, 3),
        rounds=3,
        examples=10_000,
    ),
    Job(
        "five-times-the-images",
        "An epoch on five times the images, the network of conv-10",
        replace(_CONV_10.recipe, shifts=1),
        (OWN, TODAY),
        (Target("memory", 450, 450),),
        rounds=1,
    ),
)
"""The jobs of the first tables, in the order of the targets."""

HIDDEN, BATCHES = (30, 100, 300, 1000, 4000), (1, 10, 100, 1000)
"""The numbers of hidden neurons and the mini-batch sizes of the grid of dense networks."""

GRID_CONTENDERS = (OWN, TODAY, "pytorch-eager", "pytorch-compiled-cpp")
"""The contenders of the grid; the other compiled form of PyTorch differs from this one by the time of its Python."""

TURNS = 6
"""The epochs of each contender of the grid; the first is not counted."""


def _cell(hidden: int, batch_size: int) -> Job:
    """Return the job of one cell, with as many images as take a tenth of a second to a second."""
    training = Training(eta=0.1, epochs=TURNS, batch_size=batch_size)
    recipe = Recipe([Dense(hidden), Sigmoid(), Output()], training=training)
    images = round(24e6 / (hidden + 90) * {1: 0.02, 10: 0.1, 100: 0.3, 1000: 1}[batch_size])
    examples = max(1, min(images, 20_000) // batch_size) * batch_size
    title = f"784-{hidden}-10, mini-batch {batch_size}"
    return Job(f"grid-{hidden}-{batch_size}", title, recipe, GRID_CONTENDERS, examples=examples)


GRID = tuple(_cell(hidden, batch_size) for hidden in HIDDEN for batch_size in BATCHES)
"""The cells of the grid of dense networks."""


def find_job(name: str) -> Job:
    return next(job for job in (*JOBS, *GRID) if job.name == name)
