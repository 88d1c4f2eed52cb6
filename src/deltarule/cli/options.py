"""The options of ``deltarule train``, each in a line: its type, what it means, and the group it is shown in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer


def usual(what: object) -> str:
    """What an option is taken to be, where the signature cannot say it."""
    return rf"\[default: {what}]"


def _learning(help: str, *names: str, **more: Any) -> Any:
    return typer.Option(*names, help=help, rich_help_panel="Learning", **more)


def _regularizing(help: str, *names: str, **more: Any) -> Any:
    return typer.Option(*names, help=help, rich_help_panel="Against overfitting", **more)


def _sharing(help: str, *names: str, **more: Any) -> Any:
    return typer.Option(*names, help=help, rich_help_panel="Several devices", **more)


def _running(help: str, *names: str, **more: Any) -> Any:
    return typer.Option(*names, help=help, rich_help_panel="Running and saving", **more)


Network = Annotated[
    str | None,
    typer.Option(
        "--net",
        metavar="NAME|FILE|SIZES",
        help=f"A name that 'deltarule nets' lists, a network file (.toml) or sizes. {usual('30 hidden neurons')}",
    ),
]
CostName = Annotated[str, typer.Option(help="cross-entropy, quadratic or log-likelihood.")]
Hidden = Annotated[str, typer.Option(help="sigmoid, tanh, relu, leaky-relu, elu, shifted-sigmoid, two-sigma, linear.")]
Init = Annotated[str, typer.Option(help="First weights: default (1/√n_in), large, he or fan-out (1/√n_out).")]

Eta = Annotated[float, _learning(f"Learning rate η. {usual('0.5, with adam 0.001')}", show_default=False)]
Epochs = Annotated[int | None, _learning(f"Passes over the training data. {usual(30)}", min=1)]
BatchSize = Annotated[int, _learning("Examples in a mini-batch.", min=1)]
OptimizerName = Annotated[str, _learning("sgd, momentum, nesterov or adam.")]
Mu = Annotated[float | None, _learning(f"Momentum μ. {usual(0.9)}")]
ScheduleText = Annotated[str, _learning("η over time: constant, exponential:0.9, halve:10, one-cycle.")]
Seed = Annotated[int, _learning("Decides all that is random.", min=0)]

L2Lambda = Annotated[float, _regularizing("Weight decay; divided by n, as in the book.", metavar="λ")]
L1Lambda = Annotated[float, _regularizing("L1 regularization; divided by n.", metavar="λ")]
DropoutP = Annotated[float, _regularizing("Share of the hidden neurons dropped.", metavar="P")]
Smoothing = Annotated[
    float, _regularizing("Label smoothing: the share of certainty given away.", metavar="ε", show_default=False)
]
Average = Annotated[
    float,
    _regularizing("Use the moving average of the parameters, such as 0.999.", metavar="DECAY", show_default=False),
]
WithValidation = Annotated[
    bool,
    _regularizing(
        "Learn from the validation examples as well, once nothing is left to choose by them.",
        "--with-validation/--without-validation",
        show_default=False,
    ),
]
Expand = Annotated[
    str | None,
    _regularizing(
        "Expand the images: shifts, shift:pixels=1, affine:rotation=10,shift=2, elastic:alpha=34,sigma=4, joined by +; "
        "or none.",
        metavar="TEXT",
    ),
]
Patience = Annotated[
    int, _regularizing("Stop after N epochs without improvement.", metavar="N", min=0, show_default=False)
]
Best = Annotated[bool, _regularizing("Keep the best epoch by validation as well.", "--keep-best")]

Members = Annotated[int, _running("Train K networks at once, with as many seeds, that vote.", metavar="K", min=1)]
Voting = Annotated[
    str, _running("How they vote: hard, the label that most name, or soft, the largest mean of probabilities.")
]
EngineName = Annotated[str, _running("numpy, jax, or auto: the one that is done first.")]
Threads = Annotated[int | None, _running(f"Threads of the engine. {usual('as it finds best')}", min=1)]
Dtype = Annotated[str, _running("float32 or float64.")]
MonitorTraining = Annotated[bool, _running("Measure cost and accuracy on the training data too.", "--monitor")]
Out = Annotated[Path | None, _running(f"New folder for the run. {usual('a new one in runs/')}", metavar="FOLDER")]
SaveEvery = Annotated[
    int,
    _running("Save every so many mini-batches, not each epoch alone.", metavar="STEPS", min=0, show_default=False),
]
Resume = Annotated[
    Path | None,
    _running("Go on with a run as it was begun; --epochs may prolong it, on other devices if given.", metavar="RUN"),
]

Devices = Annotated[int, _sharing("Share each mini-batch among so many devices of this machine.", metavar="N", min=1)]
Coordinator = Annotated[str | None, _sharing("Where process 0 runs, for several processes.", metavar="HOST:PORT")]
Processes = Annotated[int, _sharing("How many processes share each mini-batch, on any machines.", metavar="N", min=1)]
Process = Annotated[int, _sharing("Which of them this one is, from 0; 0 alone writes the run.", metavar="I", min=0)]
