"""The options of ``deltarule train``, a row each: type, help and group, and the field of a record that it sets."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, get_type_hints

import typer

if TYPE_CHECKING:
    from deltarule.engines.execution import Execution


def usual(what: object) -> str:
    """What an option is taken to be, where the signature cannot say it."""
    return rf"\[default: {what}]"


@dataclass(frozen=True)
class Option:
    """An option: its type, what it is taken to be when it is left out, its help and its group.

    ``change`` names the function of :mod:`deltarule.cli.changes` that puts its value into a recipe; ``"setting"`` is
    for a setting of the training that has the option's own name.
    """

    kind: Any
    usual: Any
    help: str
    group: str
    flags: tuple[str, ...] = ()
    metavar: str | None = None
    min: int | None = None
    change: str = ""

    def annotation(self, name: str) -> Any:
        """The type of a parameter, as typer reads it; None stands for an option that is not given."""
        shown = "" if self.usual is None else f" {usual(self.usual)}"
        flags = self.flags or ("--" + name.replace("_", "-"),)
        option = typer.Option(
            *flags,
            help=self.help + shown,
            rich_help_panel=self.group,
            metavar=self.metavar,
            show_default=False,
            min=self.min,
        )
        return Annotated[self.kind | None, option]


LEARNING, OVERFITTING = "Learning", "Against overfitting"
RUNNING, DEVICES = "Running and saving", "Several devices"

OF_RECIPE: Mapping[str, Option] = {
    "epochs": Option(
        int, 30, "Passes over the training data.", LEARNING, min=1, change="epochs",
    ),
    "optimizer": Option(str, "sgd", "sgd, momentum, nesterov or adam.", LEARNING, change="optimizer"),
    "mu": Option(float, 0.9, "Momentum μ.", LEARNING, change="mu"),
    "schedule": Option(
        str, "constant", "η over time: constant, exponential:0.9, halve:10, one-cycle.", LEARNING,
        change="schedule",
    ),
    "eta": Option(float, "0.5, with adam 0.001", "Learning rate η.", LEARNING, change="eta"),
    "batch_size": Option(
        int, 10, "Examples in a mini-batch.", LEARNING, min=1, change="setting",
    ),
    "seed": Option(int, 0, "Decides all that is random.", LEARNING, min=0, change="setting"),
    "cost": Option(
        str, "cross-entropy", "cross-entropy, quadratic or log-likelihood.", LEARNING, change="cost"
    ),
    "l2": Option(
        float, 0, "Weight decay; divided by n, as in the book.", OVERFITTING, metavar="λ", change="l2"
    ),
    "l1": Option(float, 0, "L1 regularization; divided by n.", OVERFITTING, metavar="λ", change="l1"),
    "smoothing": Option(
        float, 0, "Label smoothing: the share of certainty given away.", OVERFITTING, metavar="ε",
        change="smoothing",
    ),
    "average": Option(
        float, 0, "Use the moving average of the parameters, such as 0.999.", OVERFITTING, metavar="DECAY",
        change="average",
    ),
    "with_validation": Option(
        bool, None, "Also train on the validation set (once tuning is finished).", OVERFITTING,
        ("--with-validation/--without-validation",), change="with_validation",
    ),
    "expand": Option(
        str, "none",
        "Augment the images: shifts, shift:pixels=1, affine:rotation=10,shift=2, elastic:alpha=34,sigma=4, joined "
        "by +; or none.", OVERFITTING, metavar="TEXT", change="expand",
    ),
    "keep_best": Option(
        bool, None, "Keep the best epoch by validation as well.", OVERFITTING, ("--keep-best",),
        change="setting",
    ),
    "dtype": Option(str, "float32", "float32 or float64.", RUNNING, change="setting"),
}  # fmt: skip
"""What changes a recipe, in the order in which the options are put into it."""

OF_SIZES: Mapping[str, Option] = {
    "hidden": Option(
        str, "sigmoid", "sigmoid, tanh, relu, leaky-relu, elu, shifted-sigmoid, two-sigma, linear.", LEARNING
    ),
    "init": Option(str, "default", "First weights: default (1/√n_in), large, he or fan-out (1/√n_out).", LEARNING),
    "dropout": Option(float, 0, "Share of the hidden neurons dropped.", OVERFITTING, metavar="P"),
}
"""What is about layers that are given by their sizes alone."""

OF_EXECUTION: Mapping[str, Option] = {
    "engine": Option(str, "auto", "numpy, jax, or auto: the one that is done first.", RUNNING),
    "threads": Option(int, "as it finds best", "Threads of the engine.", RUNNING, min=1),
    "devices": Option(
        int, 1, "Share each mini-batch among so many devices of this machine.", DEVICES, metavar="N", min=1
    ),
    "coordinator": Option(
        str, None, "Where process 0 runs, for several processes.", DEVICES, metavar="HOST:PORT"
    ),
    "processes": Option(
        int, 1, "How many processes share each mini-batch, on any machines.", DEVICES, metavar="N", min=1
    ),
    "process": Option(
        int, 0, "Which of them this one is, from 0; 0 alone writes the run.", DEVICES, metavar="I", min=0
    ),
}  # fmt: skip
"""Where and how fast: fields of an Execution."""

OF_RUN: Mapping[str, Option] = {
    "early_stopping": Option(
        int, 0, "Stop after N epochs without improvement; 0: never.", OVERFITTING, metavar="N", min=0
    ),
    "ensemble": Option(
        int, 1, "Train K networks at once, with as many seeds, that vote.", RUNNING, metavar="K", min=1
    ),
    "voting": Option(
        str, "hard", "How they vote: hard, the label that most name, or soft, the largest mean of probabilities.",
        RUNNING,
    ),
    "monitor": Option(
        bool, None, "Measure cost and accuracy on the training data too.", RUNNING, ("--monitor",)
    ),
    "out": Option(Path, "a new one in runs/", "New folder for the run.", RUNNING, metavar="FOLDER"),
    "checkpoint_every": Option(
        int, 0, "Save every so many mini-batches as well; 0: after each epoch alone.", RUNNING, metavar="STEPS",
        min=0,
    ),
    "resume": Option(
        Path, None, "Resume a run with its saved settings; --epochs extends it, on other devices if given.", RUNNING,
        metavar="RUN",
    ),
}  # fmt: skip
"""What is done with a run."""

NET = Option(
    str, "30 hidden neurons", "A name that 'deltarule nets' lists, a network file (.toml) or sizes.", "Options",
    ("--net",), metavar="NAME|FILE|SIZES",
)  # fmt: skip

ALL = {"net": NET, **OF_RECIPE, **OF_SIZES, **OF_EXECUTION, **OF_RUN}

ELSEWHERE = {
    "augmentation": "--expand",
    "members": "--ensemble",
    "folder": "--out",
    "every": "--checkpoint-every",
    "data": "--data",
    "texts": "--set",
    "where": "--cluster",
}
"""Arguments of the library that an option of another name sets, or one of no record."""

NAMES: Mapping[str, str] = {name: "--" + name.replace("_", "-") for name in ALL} | ELSEWHERE
"""For arguments of the library, the options that set them."""


def option_of(argument: str) -> str:
    """The option whose value becomes an argument, or the argument itself.

    >>> option_of("batch_size"), option_of("path")
    ('--batch-size', 'path')
    """
    return NAMES.get(argument, argument)


F = TypeVar("F", bound=Callable[..., Any])


def with_options(names: Sequence[str]) -> Callable[[F], F]:
    """Give a command the options of these names, which it receives as ``**given``; None: it is not given."""

    def decorate(command: F) -> F:
        own = inspect.signature(command)
        hints = get_type_hints(command, include_extras=True)
        taken = [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=ALL[name].annotation(name))
            for name in names
        ]
        first = [
            one.replace(annotation=hints[one.name])
            for one in own.parameters.values()
            if one.kind is not inspect.Parameter.VAR_KEYWORD
        ]
        ordered = [*(one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in first[:1]), *taken]
        ordered += [one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in first[1:]]
        command.__signature__ = own.replace(parameters=ordered)  # type: ignore[attr-defined] # typer reads it
        command.__annotations__ = {
            **{one.name: one.annotation for one in taken},
            **{name: hint for name, hint in hints.items() if name != "given"},
        }
        return command

    return decorate


def execution_by(given: Mapping[str, Any], base: Execution | None = None) -> Execution:
    """An execution with the options that were given in place of its fields."""
    from deltarule.engines.execution import Execution

    return replace(base or Execution(), **{name: given[name] for name in OF_EXECUTION if given.get(name) is not None})
