"""The step after which parameters are no longer finite."""

from __future__ import annotations

from typing import NoReturn

import numpy as np

from deltarule.engines import Epoch, Examples, Program
from deltarule.errors import DivergedError
from deltarule.training.plan import Plan, Position


def raise_diverged(plan: Plan, program: Program, train: Examples, epoch: Epoch, at: Position, stop: int) -> NoReturn:
    """Find the first step up to ``stop`` after which a parameter is not finite, by bisection, and raise the error.

    Its message counts epochs, and the steps of the epoch, from 1.
    """
    first, params, state = at.step, at.params, at.state
    while stop - first > 1:
        middle = (first + stop) // 2
        later_params, later_state, finite = program.run(params, state, train, epoch, first, middle)
        if finite:
            first, params, state = middle, later_params, later_state
        else:
            stop = middle
    params, _, _ = program.run(params, state, train, epoch, first, stop)
    broken = [not all(np.isfinite(np.asarray(leaf)).all() for leaf in layer.values()) for layer in params].index(True)
    eta = float(epoch.eta[first])
    cause = f", probably because the learning rate, {eta:g}, is too large" if eta else ""
    remedy = "check the numbers in the data set and the first weights"
    raise DivergedError(
        f"the parameters of layer {broken}, {plan.network.layers[broken]}, are no longer finite{cause}",
        position=f"epoch {at.epoch + 1}, step {first + 1}",
        remedy=f"try eta {eta / 10:g}; if it is already small, {remedy}" if eta else remedy,
    )
