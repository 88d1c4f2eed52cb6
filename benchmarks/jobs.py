"""The jobs of the benchmarks: recipes, contenders, and the targets for deltarule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

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
    deltarule's; or "seconds" of training, or "memory" in MB, 10⁶ bytes, where less is better.
    """

    figure: str
    must: float
    aim: float
    peer: str = ""


@dataclass(frozen=True)
class Job:
    """A job: each of the ``contenders`` trains the ``recipe`` for its epochs, with another seed in every round.

    ``fewer`` gives slow contenders fewer images, and their times are multiplied accordingly; ``rounds``
    above 0 replaces the number of rounds.
    """

    name: str
    title: str
    recipe: Recipe
    contenders: tuple[str, ...]
    targets: tuple[Target, ...] = ()
    fewer: Mapping[str, int] = field(default_factory=dict)
    rounds: int = 0

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "title": self.title,
            "recipe": to_toml(self.recipe),
            "targets": [asdict(target) for target in self.targets],
        }


_COMMON = ("deltarule-jax", "deltarule-numpy", "pytorch-eager", "pytorch-compiled", "keras")
_DENSE = (*_COMMON, "scikit-learn", "book")
_CONVOLUTION = (*_COMMON, "pytorch-channels-last")


def _dense(hidden: int, *targets: Target) -> Job:
    recipe = Recipe([Dense(hidden), Sigmoid(), Output()], training=Training(eta=0.5, epochs=3, batch_size=10))
    title = f"784-{hidden}-10, mini-batch 10"
    return Job(f"784-{hidden}-10", title, recipe, _DENSE, targets, fewer={"book": 10_000})


def _convolution(batch_size: int, must: float, aim: float) -> Job:
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
    target = Target("ratio", must, aim, "pytorch")
    return Job(
        f"conv-{batch_size}", title, recipe, _CONVOLUTION, (target,), fewer={"deltarule-numpy": 2_000, "keras": 5_000}
    )


JOBS = (
    _dense(30, Target("ratio", 9, 18, "pytorch-eager"), Target("ratio", 6, 12, "scikit-learn")),
    _dense(100, Target("ratio", 6, 10, "pytorch-eager"), Target("ratio", 6, 10, "pytorch")),
    _convolution(10, 2.2, 4),
    _convolution(100, 1.6, 3),
    Job(
        "fast-99",
        "The recipe fast-99",
        RECIPES["fast-99"],
        ("deltarule-jax", "pytorch-eager", "pytorch-channels-last"),
        (Target("seconds", 2.5, 1.0), Target("ratio", 3, 3, "pytorch")),
    ),
    Job(
        "five-times-the-images",
        "An epoch on five times the images, the network of conv-10",
        replace(_convolution(10, 2.2, 4).recipe, shifts=1),
        ("deltarule-jax",),
        (Target("memory", 1200, 700),),
        rounds=1,
    ),
)
