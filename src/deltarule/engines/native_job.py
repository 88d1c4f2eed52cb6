"""The job that the native library does, as C sees it: a descent written as numbers.

``native/job.hpp`` has the same fields in the same order.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from typing import Any

from deltarule.core.activations import ELU, Activation, LeakyReLU, Linear, ReLU, ShiftedSigmoid, Sigmoid, Tanh
from deltarule.core.convolution import Conv
from deltarule.core.costs import Cost, CrossEntropy, LabelSmoothing, LogLikelihood, Quadratic
from deltarule.core.gru import GRU
from deltarule.core.layer import Layer, Shape
from deltarule.core.layers import Dense, Dropout, Flatten
from deltarule.core.lstm import LSTM
from deltarule.core.network import Network
from deltarule.core.normalization import BatchNorm
from deltarule.core.optimizers import SGD, Adam, ClipNorm, ExponentialMovingAverage, Momentum, Nesterov, Optimizer
from deltarule.core.pooling import L2Pool, MaxPool, Pool
from deltarule.core.rbm import RBM
from deltarule.core.recurrent import Recurrent, RecurrentLayer
from deltarule.core.regularizers import L1, L2, Regularizer
from deltarule.core.step_costs import SumOverSteps
from deltarule.core.steps import EachStep, LastStep, MeanOverSteps
from deltarule.core.windows import pair

ACTIVATIONS: dict[type[Layer], int] = {Linear: 0, Sigmoid: 1, ShiftedSigmoid: 2, Tanh: 3, ReLU: 4, LeakyReLU: 5, ELU: 6}
KINDS: dict[type[Layer], int] = {
    **dict(zip((Dense, Conv, MaxPool, L2Pool, BatchNorm, Dropout, Flatten), (0, 1, 2, 3, 5, 6, 7), strict=True)),
    **dict(zip((Recurrent, LSTM, GRU, LastStep, MeanOverSteps), range(8, 13), strict=True)),
    **dict.fromkeys(ACTIVATIONS, 4),
}
OF_EACH_STEP = (Dense, Dropout, *ACTIVATIONS)
"""The layers that the kernels can apply to each step of a sequence."""

BOLTZMANN = 13
"""The kind of the layer that a Boltzmann machine is."""

RULES = {SGD: 0, Momentum: 1, Nesterov: 2, Adam: 3}
COSTS = {Quadratic: 0, CrossEntropy: 1, LogLikelihood: 2}
_INPUTS = ("uint8", "int8", "uint16", "int16", "uint32", "int32", "float32", "float64", "bool")
INPUTS = {name: number for number, name in enumerate(_INPUTS)}

STATES = {"v": "first", "m": "first", "s": "second", "average": "average"}
"""The states of optimizers that are shaped like the parameters, and their names in a job."""


class LayerJob(ctypes.Structure):
    """A layer: its kind, the shape of its input, and its settings."""

    _fields_ = [
        *((name, ctypes.c_int64) for name in ("kind", "index", "h", "w", "c", "outputs")),
        *((name, ctypes.c_int64) for name in ("window_h", "window_w", "step_h", "step_w", "activation", "threshold")),
        *((name, ctypes.c_int64) for name in ("steps", "truncate", "labels", "chains")),
        ("numbers", ctypes.c_double * 4),
    ]


class Job(ctypes.Structure):
    """A stretch of mini-batches, or the evaluation of examples."""

    _fields_ = [
        *((name, ctypes.c_int64) for name in ("is_double", "training", "parts", "layers")),
        ("layer", ctypes.POINTER(LayerJob)),
        *((name, ctypes.POINTER(ctypes.c_void_p)) for name in ("parameters", *dict.fromkeys(STATES.values()))),
        ("shrinks", ctypes.POINTER(ctypes.c_int64)),
        *((name, ctypes.c_int64) for name in ("rule", "has_l1", "has_l2", "averages")),
        *((name, ctypes.c_double) for name in ("mu", "beta1", "beta2", "epsilon", "l1", "l2", "decay", "clip")),
        *((name, ctypes.c_double) for name in ("missing1", "missing2", "weight")),
        *((name, ctypes.c_int64) for name in ("cost", "output", "answers")),
        ("output_numbers", ctypes.c_double * 2),
        *((name, ctypes.c_double) for name in ("slope", "offset")),
        ("x", ctypes.c_void_p),
        *((name, ctypes.c_int64) for name in ("input_type", "size", "sparse", "has_mean")),
        *((name, ctypes.c_double) for name in ("scale", "mean")),
        *((name, ctypes.c_void_p) for name in ("y", "weights", "lengths", "order", "eta")),
        *((name, ctypes.c_int64) for name in ("batch", "steps", "number")),
        ("words", ctypes.c_uint32 * 2),
        ("path_length", ctypes.c_int64),
        *((name, ctypes.c_void_p) for name in ("path", "z")),
        ("seconds", ctypes.c_double),
        *((name, ctypes.c_int64) for name in ("steps_done", "finite")),
    ]


@dataclass(frozen=True)
class OtherLayer:
    """A layer of another package that the kernels can compute.

    ``describe`` writes its kind and settings into a job. ``list_shapes`` returns the shapes of its parameters for
    inputs of a shape, and ``find_obstacle`` why the kernels cannot run it on such inputs; empty if they can.
    """

    describe: Callable[[Any, LayerJob], None]
    list_shapes: Callable[[Any, Shape], dict[str, Shape]] = lambda layer, shape: {}
    find_obstacle: Callable[[Any, Shape], str] = lambda layer, shape: ""


OTHERS: dict[type[Layer], OtherLayer] = {}
"""The layers of other packages that the kernels can compute; :func:`add_layer` adds one."""


def add_layer(layer: type[Layer], other: OtherLayer) -> None:
    """Add a layer of another package that the kernels can compute."""
    OTHERS[layer] = other


def describe_layers(network: Network) -> Any:
    """Return the array of layers of a network in native's scope; a machine is one layer."""
    if isinstance(network, RBM):
        machine = LayerJob(kind=BOLTZMANN, h=1, w=1, c=network.n_visible, outputs=network.n_hidden, steps=network.k)
        machine.labels, machine.chains = network.n_labels, network.chains
        return (LayerJob * 1)(machine)
    return (LayerJob * len(network.layers))(
        *(
            _describe(i, layer, shape)
            for i, (layer, shape) in enumerate(zip(network.layers, network.shapes, strict=False))
        )
    )


def _describe(index: int, layer: Layer, shape: tuple[int, ...]) -> LayerJob:
    if isinstance(layer, EachStep):
        return _describe_each_step(index, layer.layer, shape)
    h, w, c = shape if len(shape) == 3 else (1, prod(shape[:-1]), shape[-1])  # the last axis are the features
    job = LayerJob(kind=KINDS.get(type(layer), 0), index=index, h=h, w=w, c=c)
    if type(layer) in OTHERS:
        OTHERS[type(layer)].describe(layer, job)
    elif isinstance(layer, Dense):
        job.outputs = layer.n_out
    elif isinstance(layer, Conv):
        job.outputs = layer.maps
        job.window_h, job.window_w = pair(layer.kernel)
        job.step_h, job.step_w = pair(layer.stride)
    elif isinstance(layer, Pool):
        job.window_h, job.window_w = pair(layer.size)
        job.step_h, job.step_w = layer.step
    elif isinstance(layer, BatchNorm):
        job.numbers[:2] = layer.epsilon, layer.momentum
    elif isinstance(layer, Dropout):
        describe_dropout(job, layer.p, 1 / (1 - layer.p), 1.0)
    elif isinstance(layer, RecurrentLayer):
        job.outputs, job.steps, job.truncate = layer.n, shape[0], layer.truncate or 0
        if isinstance(layer, Recurrent):
            job.activation, job.numbers[:2] = ACTIVATIONS[type(layer.activation)], _numbers_of(layer.activation)
    elif isinstance(layer, (LastStep, MeanOverSteps)):
        job.steps = shape[0]
    elif isinstance(layer, Activation):
        job.activation, job.numbers[:2] = ACTIVATIONS[type(layer)], _numbers_of(layer)
    return job


def _describe_each_step(index: int, layer: Layer, shape: tuple[int, ...]) -> LayerJob:
    """Describe a layer of each step: a dense one is a convolution over single steps, others are as they are."""
    job = _describe(index, layer, shape)
    if isinstance(layer, Dense):
        job.kind = KINDS[Conv]
        job.window_h = job.window_w = job.step_h = job.step_w = 1
    return job


def describe_dropout(job: LayerJob, p: float, training: float, use: float) -> None:
    """Write a dropout with probability p into a job, with the factors of what it keeps in training and in use."""
    job.kind, job.threshold = KINDS[Dropout], max(0, round((1 - p) * 2**32) - 1)
    job.numbers[:2] = training, use


def _numbers_of(activation: Activation) -> tuple[float, float]:
    if isinstance(activation, ShiftedSigmoid):
        return activation.scale, activation.shift
    return (activation.a if isinstance(activation, (LeakyReLU, ELU)) else 0.0), 0.0


def find_answer(network: Network) -> tuple[Cost, int]:
    """Return the cost of one answer of a network, and its number of outputs."""
    cost = network.cost
    return (cost.cost, cost.n_out) if type(cost) is SumOverSteps else (cost, network.n_out)


def describe_cost(cost: Cost, n_out: int) -> tuple[Cost, float, float]:
    """Return the cost inside all label smoothing, with the slope and the offset of its targets y′ = slope · y + offset.

    >>> describe_cost(LabelSmoothing(LogLikelihood(), 0.2), 4)
    (LogLikelihood(), 0.8, 0.05)
    """
    if type(cost) is not LabelSmoothing:
        return cost, 1.0, 0.0
    inner, slope, offset = describe_cost(cost.cost, n_out)
    return inner, slope * (1 - cost.epsilon), slope * cost.epsilon / max(2, n_out) + offset


def describe_cost_in(job: Job, network: Network) -> None:
    """Write the cost of a network into a job; a machine has none, but its own gradient."""
    if isinstance(network, RBM):
        job.cost = len(COSTS)
        return
    cost, job.slope, job.offset = describe_cost(*find_answer(network))
    job.cost = COSTS[type(cost)]
    job.answers = network.cost.count_answers(network.n_out) or 0
    if isinstance(cost, Quadratic):
        job.output, job.output_numbers[:2] = ACTIVATIONS[type(cost.output)], _numbers_of(cost.output)


def unwrap(optimizer: Optimizer) -> tuple[Optimizer, float | None, float | None]:
    """Return the optimizer within an average and a clipping, with the decay and the length; None for one not there.

    >>> unwrap(ExponentialMovingAverage(ClipNorm(SGD(), 2.0), 0.9))
    (SGD(), 0.9, 2.0)
    """
    decay, clip = None, None
    while True:
        if type(optimizer) is ExponentialMovingAverage and decay is None:
            decay, optimizer = float(optimizer.decay), optimizer.optimizer
        elif type(optimizer) is ClipNorm and clip is None:
            clip, optimizer = float(optimizer.norm), optimizer.optimizer
        else:
            return optimizer, decay, clip


def describe_rule_in(job: Job, optimizer: Optimizer, regularizer: Regularizer | None, n: int) -> None:
    """Write the optimizer and the regularizer of a descent over n examples into a job."""
    optimizer, decay, clip = unwrap(optimizer)
    job.averages, job.decay, job.clip = decay is not None, decay or 0.0, clip or 0.0
    job.rule = RULES[type(optimizer)]
    if isinstance(optimizer, (Momentum, Nesterov)):
        job.mu = optimizer.mu
    elif isinstance(optimizer, Adam):
        job.beta1, job.beta2, job.epsilon = optimizer.beta1, optimizer.beta2, optimizer.epsilon
    if isinstance(regularizer, L1):
        job.has_l1, job.l1 = 1, regularizer.lmbda / n
    elif isinstance(regularizer, L2):
        job.has_l2, job.l2 = 1, regularizer.lmbda / n
