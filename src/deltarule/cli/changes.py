"""What each option of ``deltarule train`` does to a recipe: a function of the recipe and the option's value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

from deltarule.cli import augmentation
from deltarule.cli.option_errors import build, part_of, refuse
from deltarule.core.costs import COSTS, Cost, LabelSmoothing
from deltarule.core.optimizers import SGD, Adam, ExponentialMovingAverage, Momentum, Nesterov, Optimizer
from deltarule.core.regularizers import L1, L2
from deltarule.core.schedules import Constant, Exponential, OneCycle, ReduceOnPlateau, Schedule
from deltarule.errors import NOTHING, InvalidArgument
from deltarule.recipes.recipe import Recipe

OPTIMIZERS: dict[str, Callable[[], Optimizer]] = {
    "sgd": SGD,
    "adam": Adam,
    "momentum": Momentum,
    "nesterov": Nesterov,
}

SCHEDULES: dict[str, Callable[..., Schedule]] = {
    "constant": lambda eta: Constant(eta),
    "exponential": lambda eta, rate="0.9": Exponential(eta, float(rate)),
    "halve": lambda eta, patience="10": ReduceOnPlateau(eta, int(patience)),
    "one-cycle": lambda eta, rise="0.25": OneCycle(eta, float(rise)),
}
"""By name, from η and a text after a colon."""


def train_with(recipe: Recipe, **settings: Any) -> Recipe:
    """A recipe with other settings of its training."""
    return replace(recipe, training=replace(recipe.training, **settings))


def epochs(recipe: Recipe, number: int) -> Recipe:
    """Another number of epochs; a schedule that falls by a factor each epoch falls as far."""
    return recipe.for_epochs(number)


def optimizer(recipe: Recipe, name: str) -> Recipe:
    """Another optimizer; an average of its parameters stays."""
    if name not in OPTIMIZERS:
        raise refuse("--optimizer", name, f"one of {', '.join(OPTIMIZERS)}")
    return _with_optimizer(recipe, OPTIMIZERS[name]())


def mu(recipe: Recipe, value: float) -> Recipe:
    """The momentum of an optimizer that has one."""
    inner, _ = _parts(recipe.training.optimizer)
    if not isinstance(inner, (Momentum, Nesterov)):
        name = type(inner).__name__.lower()
        raise refuse("--mu", NOTHING, f"none, as it is the momentum of momentum and nesterov, and {name} has none")
    return _with_optimizer(recipe, build("--mu", value, lambda mu: replace(inner, mu=mu)))


def average(recipe: Recipe, decay: float) -> Recipe:
    """The moving average of the parameters; 0 for none."""
    inner, _ = _parts(recipe.training.optimizer)
    averaged = build("--average", decay, lambda decay: ExponentialMovingAverage(inner, decay) if decay else inner)
    return train_with(recipe, optimizer=averaged)


def start_of(schedule: Schedule) -> str:
    """The name of the η that a schedule starts from or rises to: of every schedule the first field."""
    return fields(schedule)[0].name  # type: ignore[arg-type] # all of ours are dataclasses


def schedule(recipe: Recipe, text: str) -> Recipe:
    """η over time, from the same start."""
    name, _, parameter = text.partition(":")
    if name not in SCHEDULES:
        raise refuse("--schedule", text, "constant, exponential:0.9, halve:10 or one-cycle")
    now = recipe.training.schedule
    make, eta = SCHEDULES[name], getattr(now, start_of(now))
    try:
        with part_of("--schedule", text):
            return train_with(recipe, eta=make(eta, parameter) if parameter else make(eta))
    except TypeError:
        raise refuse("--schedule", text, f"{name} without {parameter!r}") from None
    except InvalidArgument:
        raise
    except ValueError:
        usual = ":".join([name, *(make.__defaults__ or ())])
        raise refuse("--schedule", text, f"{name} with a number, such as {usual}") from None


def eta(recipe: Recipe, value: float) -> Recipe:
    """η, where the schedule starts or to which it rises."""
    now = recipe.training.schedule
    build("--eta", value, Constant)
    return train_with(recipe, eta=replace(now, **{start_of(now): value}))  # type: ignore[type-var] # a dataclass


def l1(recipe: Recipe, lmbda: float) -> Recipe:
    """L1 regularization with this λ; 0 for none."""
    return train_with(recipe, regularizer=build("--l1", lmbda, lambda lmbda: L1(lmbda) if lmbda else None))


def l2(recipe: Recipe, lmbda: float) -> Recipe:
    """Weight decay with this λ; 0 for none."""
    return train_with(recipe, regularizer=build("--l2", lmbda, lambda lmbda: L2(lmbda) if lmbda else None))


def cost(recipe: Recipe, name: str) -> Recipe:
    """Another cost; label smoothing stays."""
    if name not in COSTS:
        raise refuse("--cost", name, f"one of {', '.join(COSTS)}")
    smoothed = isinstance(recipe.cost, LabelSmoothing)
    return replace(recipe, cost=replace(recipe.cost, cost=COSTS[name]) if smoothed else COSTS[name])  # type: ignore[type-var] # as was asked


def smoothing(recipe: Recipe, epsilon: float) -> Recipe:
    """Label smoothing; 0 for none."""
    inner: Cost = recipe.cost.cost if isinstance(recipe.cost, LabelSmoothing) else recipe.cost
    smoothed = build("--smoothing", epsilon, lambda epsilon: LabelSmoothing(inner, epsilon) if epsilon else inner)
    return replace(recipe, cost=smoothed)


def with_validation(recipe: Recipe, yes: bool) -> Recipe:
    """Whether the validation set is trained on as well."""
    return replace(recipe, with_validation=yes)


def expand(recipe: Recipe, text: str) -> Recipe:
    """Copies made once, distortions drawn for each mini-batch, or neither."""
    if text == "none":
        return replace(train_with(recipe, augmentation=None), shifts=0)
    found = augmentation.parse(text)
    return replace(train_with(recipe, augmentation=found.augmentation), shifts=found.pixels or 0)


def _parts(optimizer: Optimizer) -> tuple[Optimizer, float]:
    """The optimizer that makes the steps, and the decay of their average, 0 for none."""
    if isinstance(optimizer, ExponentialMovingAverage):
        return optimizer.optimizer, optimizer.decay
    return optimizer, 0.0


def _with_optimizer(recipe: Recipe, inner: Optimizer) -> Recipe:
    _, decay = _parts(recipe.training.optimizer)
    return train_with(recipe, optimizer=ExponentialMovingAverage(inner, decay) if decay else inner)
