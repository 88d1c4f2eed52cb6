"""The options of ``deltarule train``, each in a line: its type, what it means, and the group it is shown in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer


def _learning(help: str, **more: Any) -> Any:
    return typer.Option(help=help, rich_help_panel="Learning", **more)


def _regularizing(help: str, **more: Any) -> Any:
    return typer.Option(help=help, rich_help_panel="Against overfitting", **more)


def _running(help: str, **more: Any) -> Any:
    return typer.Option(help=help, rich_help_panel="Running and saving", **more)


Net = Annotated[str | None, typer.Option(metavar="SIZES", help="Sizes of the layers. [default: 30 hidden neurons]")]
CostName = Annotated[str, typer.Option(help="cross-entropy, quadratic or log-likelihood.")]
Hidden = Annotated[str, typer.Option(help="sigmoid, tanh, relu, leaky-relu, elu, shifted-sigmoid, two-sigma, linear.")]
Init = Annotated[str, typer.Option(help="First weights: default (1/√n_in), large or he.")]

Eta = Annotated[float, _learning("Learning rate η.")]
Epochs = Annotated[int | None, _learning("Passes over the training data. [default: 30]")]
BatchSize = Annotated[int, _learning("Examples in a mini-batch.")]
OptimizerName = Annotated[str, _learning("sgd, momentum, nesterov or adam.")]
Mu = Annotated[float | None, _learning("Momentum μ. [default: 0.9]")]
ScheduleText = Annotated[str, _learning("η over time: constant, exponential:0.9, halve:10, one-cycle.")]
Seed = Annotated[int, _learning("Decides all that is random.")]

L2Lambda = Annotated[float, _regularizing("Weight decay; divided by n, as in the book.", metavar="λ")]
L1Lambda = Annotated[float, _regularizing("L1 regularization; divided by n.", metavar="λ")]
DropoutP = Annotated[float, _regularizing("Share of the hidden neurons dropped.", metavar="P")]
Patience = Annotated[int, _regularizing("Stop after N epochs without improvement.", metavar="N")]
Best = Annotated[bool, _regularizing("Keep the best epoch by validation as well.")]

EngineName = Annotated[str, _running("numpy, jax, or auto: the one that is done first.")]
Threads = Annotated[int | None, _running("Threads of the engine.")]
Dtype = Annotated[str, _running("float32 or float64.")]
MonitorTraining = Annotated[bool, _running("Measure cost and accuracy on the training data too.")]
Out = Annotated[Path | None, _running("New folder for the run. [default: a new one in runs/]")]
SaveEvery = Annotated[int, _running("Save every so many mini-batches, not each epoch alone.", metavar="STEPS")]
Resume = Annotated[Path | None, _running("Go on with a run as it was begun; --epochs may prolong it.", metavar="RUN")]
