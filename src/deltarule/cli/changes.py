"""The changes that the options of ``deltarule train`` make to a recipe: a function for each option."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

from deltarule.cli import augmentation
from deltarule.cli.option_errors import build, option_error, report_as_part
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
"""The schedules by their names; each is built from η and the text after the colon."""


def change_training(recipe: Recipe, **settings: Any) -> Recipe:
    """Return the recipe with other settings of its training."""
    return replace(recipe, training=replace(recipe.training, **settings))


def set_epochs(recipe: Recipe, number: int) -> Recipe:
    """Set the number of epochs; a schedule that falls by a factor each epoch ends at the same η as before."""
    return recipe.for_epochs(number)


def set_optimizer(recipe: Recipe, name: str) -> Recipe:
    """Set the optimizer; a moving average of the parameters stays."""
    if name not in OPTIMIZERS:
        raise option_error("--optimizer", name, f"one of {', '.join(OPTIMIZERS)}")
    return _replace_optimizer(recipe, OPTIMIZERS[name]())


def set_mu(recipe: Recipe, value: float) -> Recipe:
    """Set the momentum of an optimizer that has one."""
    inner, _ = _split_average(recipe.training.optimizer)
    if not isinstance(inner, (Momentum, Nesterov)):
        name = type(inner).__name__.lower()
        remedy = "add --optimizer momentum or --optimizer nesterov"
        raise option_error("--mu", NOTHING, f"an optimizer with momentum, not {name}", remedy)
    return _replace_optimizer(recipe, build("--mu", value, lambda mu: replace(inner, mu=mu)))


def set_average(recipe: Recipe, decay: float) -> Recipe:
    """Set the decay of the moving average of the parameters; 0 removes the average."""
    inner, _ = _split_average(recipe.training.optimizer)
    averaged = build("--average", decay, lambda decay: ExponentialMovingAverage(inner, decay) if decay else inner)
    return change_training(recipe, optimizer=averaged)


def find_eta_field(schedule: Schedule) -> str:
    """Return the name of the field with the η that a schedule starts from or rises to: its first field."""
    return fields(schedule)[0].name  # type: ignore[arg-type] # all schedules are dataclasses


def set_schedule(recipe: Recipe, text: str) -> Recipe:
    """Set the learning-rate schedule; its η stays."""
    name, _, parameter = text.partition(":")
    if name not in SCHEDULES:
        raise option_error("--schedule", text, "constant, exponential:0.9, halve:10 or one-cycle")
    before = recipe.training.schedule
    make, eta = SCHEDULES[name], getattr(before, find_eta_field(before))
    try:
        with report_as_part("--schedule", text):
            return change_training(recipe, eta=make(eta, parameter) if parameter else make(eta))
    except TypeError:
        raise option_error("--schedule", text, f"{name} without {parameter!r}") from None
    except InvalidArgument:
        raise
    except ValueError:
        example = ":".join([name, *(make.__defaults__ or ())])
        raise option_error("--schedule", text, f"{name} with a number, such as {example}") from None


def set_eta(recipe: Recipe, value: float) -> Recipe:
    """Set the η from which the schedule starts, or to which it rises."""
    before = recipe.training.schedule
    build("--eta", value, Constant)
    return change_training(recipe, eta=replace(before, **{find_eta_field(before): value}))  # type: ignore[type-var] # a dataclass


def set_l1(recipe: Recipe, lmbda: float) -> Recipe:
    """Set L1 regularization with this λ; 0 removes regularization."""
    return change_training(recipe, regularizer=build("--l1", lmbda, lambda lmbda: L1(lmbda) if lmbda else None))


def set_l2(recipe: Recipe, lmbda: float) -> Recipe:
    """Set weight decay with this λ; 0 removes regularization."""
    return change_training(recipe, regularizer=build("--l2", lmbda, lambda lmbda: L2(lmbda) if lmbda else None))


def set_cost(recipe: Recipe, name: str) -> Recipe:
    """Set the cost; label smoothing stays."""
    if name not in COSTS:
        raise option_error("--cost", name, f"one of {', '.join(COSTS)}")
    has_smoothing = isinstance(recipe.cost, LabelSmoothing)
    return replace(recipe, cost=replace(recipe.cost, cost=COSTS[name]) if has_smoothing else COSTS[name])  # type: ignore[type-var] # checked above


def set_smoothing(recipe: Recipe, epsilon: float) -> Recipe:
    """Set label smoothing; 0 removes it."""
    inner: Cost = recipe.cost.cost if isinstance(recipe.cost, LabelSmoothing) else recipe.cost
    smoothed = build("--smoothing", epsilon, lambda epsilon: LabelSmoothing(inner, epsilon) if epsilon else inner)
    return replace(recipe, cost=smoothed)


def set_with_validation(recipe: Recipe, is_on: bool) -> Recipe:
    """Set whether the validation set is trained on as well."""
    return replace(recipe, with_validation=is_on)


def set_expansion(recipe: Recipe, text: str) -> Recipe:
    """Set copies made once, distortions for each mini-batch, or neither."""
    if text == "none":
        return replace(change_training(recipe, augmentation=None), shifts=0)
    expansion = augmentation.parse(text)
    return replace(change_training(recipe, augmentation=expansion.augmentation), shifts=expansion.pixels or 0)


def _split_average(optimizer: Optimizer) -> tuple[Optimizer, float]:
    """Return the optimizer that makes the steps, and the decay of the moving average of its steps, 0 for none."""
    if isinstance(optimizer, ExponentialMovingAverage):
        return optimizer.optimizer, optimizer.decay
    return optimizer, 0.0


def _replace_optimizer(recipe: Recipe, inner: Optimizer) -> Recipe:
    _, decay = _split_average(recipe.training.optimizer)
    return change_training(recipe, optimizer=ExponentialMovingAverage(inner, decay) if decay else inner)
