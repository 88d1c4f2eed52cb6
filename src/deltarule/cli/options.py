"""The options of ``deltarule train``, a row each: type, help, group, and the field of a record that it sets."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, get_type_hints

from deltarule.cli.option import Option

if TYPE_CHECKING:
    from deltarule.engines.execution import Execution

LEARNING, OVERFITTING = "Learning", "Against overfitting"
RUNNING, DEVICES = "Running and saving", "Several devices"
TABLE, PICTURES = "A table of your own", "Pictures of your own"

OF_RECIPE: Mapping[str, Option] = {
    "epochs": Option(
        int, 30, "Train for this many passes over the training set.", LEARNING, min=1, change="set_epochs",
    ),
    "optimizer": Option(
        str, "sgd", "Choose the optimizer: sgd, momentum, nesterov or adam.", LEARNING, change="set_optimizer"
    ),
    "mu": Option(float, 0.9, "Set the momentum μ of the optimizer momentum or nesterov.", LEARNING, change="set_mu"),
    "schedule": Option(
        str, "constant",
        "Choose how η changes: constant, exponential:0.9 (times 0.9 each epoch), halve:10 (halved after 10 epochs "
        "without better validation accuracy) or one-cycle.", LEARNING, change="set_schedule",
    ),
    "eta": Option(float, "0.5, with adam 0.001", "Set the learning rate η, the step size.", LEARNING, change="set_eta"),
    "batch_size": Option(
        int, 10, "Put this many examples into each mini-batch.", LEARNING, min=1, change="setting",
    ),
    "seed": Option(
        int, 0, "Set the seed of all random numbers; the same seed repeats a run.", LEARNING, min=0, change="setting"
    ),
    "cost": Option(
        str, "cross-entropy", "Choose the cost: cross-entropy, quadratic or log-likelihood.", LEARNING,
        change="set_cost",
    ),
    "l2": Option(
        float, 0, "Use weight decay with this λ; it is divided by n, as in the book.", OVERFITTING, metavar="λ",
        change="set_l2",
    ),
    "l1": Option(
        float, 0, "Use L1 regularization with this λ; it is divided by n.", OVERFITTING, metavar="λ", change="set_l1"
    ),
    "smoothing": Option(
        float, 0, "Smooth the labels: spread this share of each target over all classes.", OVERFITTING, metavar="ε",
        change="set_smoothing",
    ),
    "average": Option(
        float, 0, "Use the exponential moving average of the parameters with this decay, such as 0.999; 0: none.",
        OVERFITTING, metavar="DECAY", change="set_average",
    ),
    "with_validation": Option(
        bool, None, "Also train on the validation set (once tuning is finished).", OVERFITTING,
        ("--with-validation/--without-validation",), change="set_with_validation",
    ),
    "expand": Option(
        str, "none",
        "Augment the images. 'shifts' adds shifted copies once, before training. 'shift', 'affine:rotation=10' and "
        "'elastic:alpha=34' change the images again for each mini-batch. Join several with +. Few small pictures of "
        "your own get 'shift' if layers are given by sizes; 'none' leaves them as they are.",
        OVERFITTING, metavar="TEXT", change="set_expansion",
    ),
    "keep_best": Option(
        bool, None, "Also save the parameters of the epoch with the best validation accuracy.", OVERFITTING,
        ("--keep-best",), change="setting",
    ),
    "dtype": Option(str, "float32", "Calculate with float32 or float64.", RUNNING, change="setting"),
}  # fmt: skip
"""The options that change a recipe, in the order in which they are applied."""

OF_SIZES: Mapping[str, Option] = {
    "hidden": Option(
        str, "sigmoid",
        "Choose the activation of the hidden neurons: sigmoid, tanh, relu, leaky-relu, elu, shifted-sigmoid, two-sigma "
        "or linear.", LEARNING,
    ),
    "init": Option(
        str, "default",
        "Choose the standard deviation of the first weights: default (1/√n_in), large (1), he (√(2/n_in)), fan-out "
        "(1/√n_out) or glorot (√(2/(n_in + n_out))).", LEARNING,
    ),
    "dropout": Option(
        float, 0, "Drop hidden neurons with this probability in each step of the training.", OVERFITTING, metavar="P"
    ),
}  # fmt: skip
"""The options for networks given by the sizes of their layers."""

OF_EXECUTION: Mapping[str, Option] = {
    "engine": Option(
        str, "auto", "Choose the engine: numpy, native, jax or auto, the one that finishes first.", RUNNING
    ),
    "threads": Option(int, "the engine decides", "Use this many threads.", RUNNING, min=1),
    "devices": Option(
        int, 1, "Divide each mini-batch over N devices of this machine.", DEVICES, metavar="N", min=1
    ),
    "coordinator": Option(
        str, None, "Give the address of process 0, if there are several processes.", DEVICES, metavar="HOST:PORT"
    ),
    "processes": Option(
        int, 1, "Divide each mini-batch over N processes, on one machine or several.", DEVICES, metavar="N", min=1
    ),
    "process": Option(
        int, 0, "Give the number of this process, from 0; only process 0 saves the run.", DEVICES, metavar="I", min=0
    ),
}  # fmt: skip
"""The options for where and how fast a network is trained: fields of an Execution."""

OF_RUN: Mapping[str, Option] = {
    "early_stopping": Option(
        int, 0, "Stop after N epochs without better validation accuracy; 0: never.", OVERFITTING, metavar="N", min=0
    ),
    "ensemble": Option(
        int, 1, "Train K networks at once, each with its own seed; together they vote.", RUNNING, metavar="K", min=1
    ),
    "voting": Option(
        str, "hard", "Choose how they vote: hard (the label that most predict) or soft (the largest mean probability).",
        RUNNING,
    ),
    "monitor": Option(
        bool, None, "Also measure cost and accuracy on the training set.", RUNNING, ("--monitor",)
    ),
    "no_fingerprints": Option(
        bool, None,
        "Do not save a fingerprint of each training example, by which evaluate recognizes them; it can betray them.",
        RUNNING, ("--no-fingerprints",),
    ),
    "out": Option(Path, "a new folder in runs/", "Save the run in this new folder.", RUNNING, metavar="FOLDER"),
    "checkpoint_every": Option(
        int, 0, "Also save after every STEPS mini-batches; 0: only after each epoch.", RUNNING, metavar="STEPS",
        min=0,
    ),
    "start": Option(
        Path, None,
        "Start from the parameters of this model, with its network, preprocessing and settings of the training.",
        RUNNING, ("--from",), metavar="RUN",
    ),
    "new_output": Option(
        bool, None, "With --from: replace the last layer by a new one, for the classes of the data.", RUNNING,
        ("--new-output",),
    ),
    "resume": Option(
        Path, None,
        "Resume a run with its saved settings. You can train for more epochs (--epochs), use another η from there "
        "on (--eta, --schedule), and use another engine (--engine, --threads) or other devices.",
        RUNNING, metavar="RUN",
    ),
}  # fmt: skip
"""The options for the run and its folder."""

OF_DATA: Mapping[str, Option] = {
    "label": Option(
        str, "the column that looks like it, otherwise the first",
        "Learn this column: its name, its number from 1, or last; several, separated by commas, are several labels.",
        TABLE, metavar="COLUMN",
    ),
    "inputs": Option(str, "all others", "Take only these columns as inputs.", TABLE, metavar="COLUMNS"),
    "ignore": Option(str, None, "Leave these columns out.", TABLE, metavar="COLUMNS"),
    "missing": Option(
        str, "refuse", "Treat missing values: refuse, drop (leave the rows out) or median (fill; words by the most "
        "frequent).", TABLE,
    ),
    "target": Option(str, "auto", "Learn classes or numbers; auto decides by the values.", TABLE),
    "test": Option(
        Path, None, "Take the test set from this file, or folder of pictures.", TABLE, metavar="PATH"
    ),
    "split": Option(
        bool, None, "Train on all rows, without validation and test set.", TABLE, ("--no-split",)
    ),
    "class_weights": Option(
        str, None, "Weigh the examples: balanced makes rare classes count as much as frequent ones.", TABLE,
        metavar="balanced",
    ),
    "group": Option(
        str, None, "Keep all rows with the same value of this column, such as a person, in one set.", TABLE,
        metavar="COLUMN",
    ),
    "folds": Option(
        int, None, "Cross-validate: train K networks, each tested on another part of the rows.", TABLE, metavar="K",
        min=2,
    ),
    "size": Option(
        str, "their own, if all have the same", "Resize pictures to this size, such as 28 or 28x20: height x width.",
        PICTURES, metavar="SIZE",
    ),
    "colour": Option(
        bool, None, "Read pictures in colour, as red, green and blue; otherwise as grey.", PICTURES, ("--colour",)
    ),
    "skip_damaged": Option(
        bool, None, "Leave out pictures that cannot be read, and count them.", PICTURES, ("--skip-damaged",)
    ),
    "unknown": Option(
        str, "refuse", "Treat a word that the training set lacks: refuse, or zeros (no input for it).", TABLE
    ),
    "heading": Option(
        bool, "decided by the values", "Say if the first row has names.", TABLE, ("--heading/--no-heading",)
    ),
    "delimiter": Option(
        str, "decided by the rows", "Columns are separated by: comma, semicolon, tab or space.", TABLE
    ),
    "decimal": Option(str, "decided by the values", "The decimal mark: . or ,", TABLE),
    "comment": Option(str, "none", "Lines that begin with this character are comments.", TABLE),
    "x": Option(str, "a usual one, such as x", "The array with the examples, in a file.", TABLE, metavar="NAME"),
    "y": Option(str, "a usual one, such as y", "The array with the labels, in a file.", TABLE, metavar="NAME"),
    "axis": Option(int, None, "The axis of the examples in an array of a file, from 0.", TABLE, min=0),
    "images": Option(
        bool, "decided by the values", "Read square rows of bytes as images, or as columns.", TABLE,
        ("--images/--no-images",),
    ),
}  # fmt: skip
"""The options for data of your own; most are fields of a ``DataOptions``."""

NET = Option(
    str, "30 hidden neurons",
    "Choose the network: a name from 'deltarule nets', a network file (.toml), or layer sizes such as 784-30-10.",
    "Options", ("--net",), metavar="NAME|FILE|SIZES",
)  # fmt: skip

ALL = {"net": NET, **OF_DATA, **OF_RECIPE, **OF_SIZES, **OF_EXECUTION, **OF_RUN}

BASIC = frozenset(
    {"data", "net", "label", "missing", "epochs", "eta", "batch_size", "cost", "l2", "keep_best", "out", "resume",
     "help_all"}
)  # fmt: skip
"""The options that ``deltarule train --help`` shows; ``--help-all`` shows all."""

OTHER_NAMES = {
    "augmentation": "--expand",
    "members": "--ensemble",
    "folder": "--out",
    "every": "--checkpoint-every",
    "data": "--data",
    "split": "--no-split",
    "start": "--from",
    "texts": "--set",
    "where": "--cluster",
}
"""Arguments of the library whose option has another name, or is not in ``ALL``."""

NAMES: Mapping[str, str] = {name: "--" + name.replace("_", "-") for name in ALL} | OTHER_NAMES
"""The options, by the arguments of the library that they set."""


def find_option(argument: str) -> str:
    """Return the option that sets an argument of the library, or the argument if there is none.

    >>> find_option("batch_size"), find_option("path")
    ('--batch-size', 'path')
    """
    return NAMES.get(argument, argument)


F = TypeVar("F", bound=Callable[..., Any])


def add_options(names: Sequence[str]) -> Callable[[F], F]:
    """Add options to a command, which receives them as ``**given``; None stands for an option that is left out."""

    def decorate(command: F) -> F:
        signature = inspect.signature(command)
        hints = get_type_hints(command, include_extras=True)
        options = [
            inspect.Parameter(
                name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=ALL[name].build_annotation(name)
            )
            for name in names
        ]
        others = [
            one.replace(annotation=hints[one.name], kind=inspect.Parameter.KEYWORD_ONLY)
            for one in signature.parameters.values()
            if one.kind is not inspect.Parameter.VAR_KEYWORD
        ]
        parameters = [*others[:1], *options, *others[1:]]
        command.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined] # typer reads it
        command.__annotations__ = {
            **{one.name: one.annotation for one in options},
            **{name: hint for name, hint in hints.items() if name != "given"},
        }
        return command

    return decorate


def build_execution(given: Mapping[str, Any], base: Execution | None = None) -> Execution:
    """Build an execution: ``base`` with the options that are given in place of its fields."""
    from deltarule.engines.execution import Execution

    return replace(base or Execution(), **{name: given[name] for name in OF_EXECUTION if given.get(name) is not None})
