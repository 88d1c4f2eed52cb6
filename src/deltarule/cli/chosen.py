"""What ``--net`` chooses: layers by their sizes, a recipe by its name or a file; and the options that change it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from deltarule.cli import augmentation, recipe
from deltarule.cli.console import typed
from deltarule.cli.refusals import told_as
from deltarule.core.costs import COSTS, Cost, LabelSmoothing
from deltarule.core.layer import Shape
from deltarule.core.network import Network
from deltarule.core.optimizers import ExponentialMovingAverage, Momentum, Nesterov, Optimizer
from deltarule.core.schedules import Constant, ReduceOnPlateau, Schedule
from deltarule.data.dataset import Dataset
from deltarule.data.training_set import build_training_set
from deltarule.errors import DataError, InvalidArgument, ShapeError
from deltarule.models.words import widths
from deltarule.recipes import RECIPES, Output, Recipe, read
from deltarule.recipes.builtin import near
from deltarule.recipes.notation import written
from deltarule.recipes.recipe import Misfit

Given = Mapping[str, Any]
"""The options that stand on the command line, by the names of their parameters."""

OF_SIZES = ("hidden", "init", "dropout")
"""Options that are about layers given by their sizes alone."""


ETAS = {"adam": 0.001}
"""What η is taken to be with an optimizer whose steps are of another size than those of gradient descent."""


@dataclass(frozen=True)
class Chosen:
    """A recipe with all that is in force, and how its network is made for the data.

    ``name`` is a recipe's name or file, empty for layers given by their sizes; ``base`` is the recipe before
    options changed it; ``origin`` says where a setting of it stands, such as ``my.toml, line 3: ``.
    """

    name: str
    base: Recipe
    recipe: Recipe
    build: Callable[[Dataset], Network]
    origin: Callable[[str], str] = lambda setting: ""

    def network(self, data: Dataset) -> Network:
        """The network for these data. Raises :class:`DeltaruleError` that names the layer that does not fit."""
        return replace(self.build(data), cost=self.recipe.cost)

    def learned(self, training: Dataset, validation: Dataset) -> tuple[Dataset, Dataset | None]:
        """What is learned from, and what is validated by, as :func:`deltarule.data.build_training_set` has them.

        Raises :class:`DataError` that names ``shifts`` and where it stands, for data that cannot be shifted.
        """
        shifts = self.recipe.shifts
        try:
            return build_training_set(training, validation, shifts, self.recipe.with_validation)
        except DataError as error:
            own = shifts == self.base.shifts
            told = f"{self.origin('shifts')}shifts {shifts}" if own else f"--expand shifts:pixels={shifts}"
            raise DataError(f"{told}: {error}") from None

    def label(self, network: Network) -> str:
        """A name for the folder of a run."""
        return Path(self.name).stem if self.name else "-".join(map(str, widths(network)))

    def refuse_watching(self, options: Given) -> None:
        """Raises :class:`InvalidArgument` for an option in force that watches validation examples which are learned from."""
        schedule = {f"η by {written(self.recipe.schedule)}": isinstance(self.recipe.schedule, ReduceOnPlateau)}
        watching = [name for name, value in {**options, **schedule}.items() if value]
        if self.recipe.with_validation and watching:
            learns = f"and {self.name} learns from them: give --without-validation as well"
            asked = "which --with-validation learns from: leave out one of the two"
            told = learns if self.base.with_validation else asked
            raise InvalidArgument(f"{watching[0]} watches the validation examples, {told}")

    @property
    def changed(self) -> dict[str, str]:
        """The settings that options changed, as the recipe has them."""
        if not self.name:
            return {}
        both = ((f.name, getattr(self.base, f.name), getattr(self.recipe, f.name)) for f in fields(Recipe))
        return {name: _before(before) for name, before, now in both if before != now}


def _before(value: Any) -> str:
    if isinstance(value, bool):
        return yes_or_no(value)
    return "none" if value in (None, 0) else str(value.value) if isinstance(value, Constant) else written(value)


def yes_or_no(value: bool) -> str:
    """A switch in words."""
    return "yes" if value else "no"


def choose(net: str | None, given: Given) -> Chosen:
    """The network and settings that ``--net`` and the options given beside it mean.

    Raises :class:`InvalidArgument` for options that cannot be meant, :class:`FileError` for a network file
    with a mistake.
    """
    if net is None or re.fullmatch(r"[\d-]+", net):
        words = {
            name: given.get(name, default) for name, default in zip(OF_SIZES, ("sigmoid", "default", 0.0), strict=True)
        }
        base = Recipe([Output()], eta=ETAS.get(given.get("optimizer", ""), 0.5))

        def build(data: Dataset) -> Network:
            return recipe.network(net, "cross-entropy", words["hidden"], words["init"], words["dropout"], data)

        return Chosen("", base, changed_by(base, given), build)
    if net in RECIPES:
        base, network, origin = RECIPES[net], _named(net), lambda setting: f"{net}: "
    elif net.endswith(".toml") or (net and Path(net).exists()):
        file = read(Path(net).expanduser())
        base, network, origin = file.recipe, file.network, lambda setting: f"{file.where(setting)}: "
    else:
        raise InvalidArgument(
            f"--net {shlex.quote(net)}: there is no such network{near(net, RECIPES)}; "
            f"give sizes such as 784-30-10, a file that ends in .toml, or one of {', '.join(RECIPES)}"
        )
    if lost := [f"--{name}" for name in OF_SIZES if name in given]:
        edit = f"edit {net}" if net not in RECIPES else f"write them to a file and edit it:  {_to_file(net)}"
        which = "are for networks" if len(lost) > 1 else "is for a network"
        raise InvalidArgument(f"{' and '.join(lost)} {which} given by sizes; {net} names its own layers: {edit}")
    now = changed_by(base, given)
    return Chosen(net, base, now, lambda data: network(data.x.shape[1:], data.targets.shape[1]), origin)


def _named(name: str) -> Callable[[Shape, int], Network]:
    def network(example_shape: Shape, n_out: int) -> Network:
        try:
            return RECIPES[name].network(example_shape, n_out)
        except Misfit as error:
            size = " × ".join(map(str, example_shape)) if len(example_shape) > 1 else f"{example_shape[0]} numbers"
            raise ShapeError(
                f"{name} does not fit examples of {size}: {error}. "
                f"Choose another of `deltarule nets`, or write its layers to a file and edit them:  {_to_file(name)}"
            ) from None

    return network


def changed_by(base: Recipe, given: Given) -> Recipe:
    """A recipe with the options given in place of its own settings.

    >>> changed_by(RECIPES["fast-99"], {"epochs": 2, "eta": 0.02, "smoothing": 0.0}).schedule
    OneCycle(peak=0.02, rise=0.25)
    """
    now = base.for_epochs(given["epochs"]) if given.get("epochs") is not None else base
    if "expand" in given:
        now = _expanded(now, given["expand"])
    if {"l1", "l2"} & set(given):
        now = replace(now, regularizer=recipe.regularizer(given.get("l1", 0.0), given.get("l2", 0.0)))
    return replace(
        now,
        cost=_cost(now.cost, given),
        eta=_eta(now.schedule, given),
        optimizer=_optimizer(now.optimizer, given),
        batch_size=given.get("batch_size", now.batch_size),
        with_validation=given.get("with_validation", now.with_validation),
    )


def _cost(cost: Cost, given: Given) -> Cost:
    inner, epsilon = (cost.cost, cost.epsilon) if isinstance(cost, LabelSmoothing) else (cost, 0.0)
    if (name := given.get("cost")) is not None:
        if name not in COSTS:
            raise InvalidArgument(f"--cost {name} is not known; choose one of {', '.join(COSTS)}")
        inner = COSTS[name]
    epsilon = given.get("smoothing", epsilon)
    with told_as(f"--smoothing {epsilon:g}"):
        return LabelSmoothing(inner, epsilon) if epsilon else inner


def start_of(schedule: Schedule) -> str:
    """The name of the η that a schedule starts from or rises to: of every schedule the first field."""
    return fields(schedule)[0].name  # type: ignore[arg-type]


def _eta(schedule: Schedule, given: Given) -> Schedule:
    start = start_of(schedule)
    eta = given.get("eta", getattr(schedule, start))
    with told_as(f"--eta {eta:g}"):
        Constant(eta)
    if "schedule" in given:
        return recipe.schedule(given["schedule"], eta)
    return replace(schedule, **{start: eta})  # type: ignore[type-var]


def _optimizer(optimizer: Optimizer, given: Given) -> Optimizer:
    inner, decay = (
        (optimizer.optimizer, optimizer.decay) if isinstance(optimizer, ExponentialMovingAverage) else (optimizer, 0.0)
    )
    name, mu = given.get("optimizer"), given.get("mu")
    if name is not None:
        inner = recipe.optimizer(name, mu)
    elif mu is not None:
        if not isinstance(inner, (Momentum, Nesterov)):
            raise InvalidArgument(
                f"--mu is the momentum of momentum and nesterov; {type(inner).__name__.lower()} has none"
            )
        with told_as(f"--mu {mu:g}"):
            inner = replace(inner, mu=mu)
    decay = given.get("average", decay)
    with told_as(f"--average {decay:g}"):
        return ExponentialMovingAverage(inner, decay) if decay else inner


def _expanded(now: Recipe, text: str) -> Recipe:
    if text == "none":
        return replace(now, shifts=0, augmentation=None)
    found = augmentation.parse(text)
    return replace(now, shifts=found.pixels or 0, augmentation=found.augmentation)


def _to_file(name: str) -> str:
    return f"{typed('deltarule', 'nets', '--toml', name)} > my.toml"
