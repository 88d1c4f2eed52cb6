"""Recipes: everything that training needs besides the data and the seed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import Any, ClassVar, TypeAlias

from deltarule import limits
from deltarule.core.constraints import (
    Constraint,
    Constraints,
    Validated,
    check,
    instance,
    true_or_false,
    validate,
    whole,
)
from deltarule.core.convolution import Conv
from deltarule.core.costs import Cost, CrossEntropy, LogLikelihood
from deltarule.core.initializers import INITIALIZER, Default, Initializer
from deltarule.core.layer import Layer, Shape
from deltarule.core.layers import Dense
from deltarule.core.network import Network
from deltarule.core.pooling import Pool
from deltarule.core.rbm import RBM
from deltarule.core.recurrent import RecurrentLayer
from deltarule.core.schedules import Exponential
from deltarule.core.steps import EachStep, LastStep, MeanOverSteps
from deltarule.core.windows import pair
from deltarule.errors import InvalidArgument, ShapeError
from deltarule.training.training import Training

SEQUENCE_LAYERS = (RecurrentLayer, LastStep, MeanOverSteps, EachStep)
"""The layers whose inputs are sequences."""


@dataclass(frozen=True)
class Output(Validated):
    """The last layer of a recipe: ``Dense`` with as many neurons as the data have outputs.

    >>> Recipe([Dense(30), Output()]).network((28, 28), 10).layers
    (Dense(n_out=30, initializer=Default()), Dense(n_out=10, initializer=Default()))
    """

    initializer: Initializer = Default()
    constraints: ClassVar[Constraints] = {"initializer": INITIALIZER}


@dataclass(frozen=True)
class BoltzmannMachine(Validated):
    """The only layer of a recipe for a restricted Boltzmann machine: its inputs and classes come from the data.

    It has a label unit for each class, so it classifies, and writes examples of a class. The cost of the recipe is
    :class:`LogLikelihood`, by which such a machine classifies; it is trained by contrastive divergence.

    Args:
        n_hidden: The number of hidden units.
        k: The number of steps of Gibbs sampling for each estimate of the gradient.
        chains: The number of persistent chains; 0 to start the sampling from the training examples each time.

    >>> Recipe([BoltzmannMachine(500)], LogLikelihood()).network((28, 28), 10)
    RBM(n_visible=784, n_hidden=500, n_labels=10, k=1, chains=0)
    """

    n_hidden: int
    k: int = 1
    chains: int = 0
    constraints: ClassVar[Constraints] = {"n_hidden": whole(1), "k": whole(1), "chains": whole(0)}


Part: TypeAlias = Layer | Output | BoltzmannMachine
"""A part of the list of layers of a recipe."""

_LAYERS = Constraint(
    "a list of layers such as [Dense(30), Sigmoid(), Output()]",
    lambda value: isinstance(value, Iterable) and not isinstance(value, (str, type)),
)
_LAYER = instance((Layer, Output, BoltzmannMachine), "a layer such as Dense(30), or Output()")


@dataclass(frozen=True)
class Recipe:
    """A network, and the settings of its training, for examples of any shape that fits the layers.

    The λ of the regularizer is divided by n, the number of training examples, as everywhere in deltarule.

    Args:
        layers: The layers. The last is :class:`Output`, or ``Dense`` for data with a fixed number of outputs. Or one
            :class:`BoltzmannMachine` alone.
        cost: The cost, which also gives the outputs their activation.
        training: The settings of the training.
        shifts: The number of pixels by which copies of the training images are shifted up, down, left and right,
            which makes five times as many images before the training starts; 0 for no copies.
        with_validation: True to train on the validation set as well, once tuning is finished.
        about: A description in one line.
        source: The section of the book, and its figures.

    Raises:
        InvalidArgument: For invalid values.
        ShapeError: For another last layer.

    >>> Recipe([Dense(100), Output()]).network((28, 28), 10).shapes
    [(784,), (100,), (10,)]
    """

    layers: Sequence[Part]
    cost: Cost = CrossEntropy()
    training: Training = Training()
    shifts: int = 0
    with_validation: bool = False
    about: str = ""
    source: str = ""

    constraints: ClassVar[Constraints] = {
        "cost": instance(Cost, "a cost such as CrossEntropy()"),
        "training": instance(Training, "a Training such as Training(epochs=30, eta=0.5)"),
        "shifts": whole(0),
        "with_validation": true_or_false(),
    }

    def __post_init__(self) -> None:
        check("layers", self.layers, _LAYERS, "Recipe")
        object.__setattr__(self, "layers", tuple(self.layers))
        if not self.layers:
            raise InvalidArgument(argument="layers", expected="at least one layer, the last an Output()", value=[])
        for i, layer in enumerate(self.layers):
            check(f"layer {i}", layer, _LAYER)
        validate(self)
        if any(isinstance(layer, BoltzmannMachine) for layer in self.layers):
            self._check_machine()
        elif not isinstance(last := self.layers[-1], (Dense, Output)):
            expected, remedy = "Output or Dense as the last layer", "add Output(): its activation comes from the cost"
            raise Misfit(len(self.layers) - 1, expected=expected, value=last, remedy=remedy)

    def _check_machine(self) -> None:
        """Raise :class:`InvalidArgument` or :class:`Misfit` for a machine among layers, or with another cost."""
        if len(self.layers) > 1:
            at = next(i for i, layer in enumerate(self.layers) if not isinstance(layer, BoltzmannMachine))
            expected = "BoltzmannMachine alone, without other layers"
            raise Misfit(at, expected=expected, value=self.layers[at], remedy="leave out one or the other")
        if self.cost != LogLikelihood():
            expected = "LogLikelihood, by which a Boltzmann machine with labels classifies"
            raise InvalidArgument(argument="cost", expected=expected, value=self.cost, remedy='cost = "LogLikelihood"')

    def network(self, example_shape: Shape, n_out: int) -> Network:
        """Build the network for examples of this shape and ``n_out`` outputs.

        ``example_shape`` is the shape of an example in the data set. Images enter as (height, width, channels) if a
        layer takes images, as a sequence of rows if a layer takes sequences, otherwise flat. Raises :class:`ShapeError`
        if a layer does not fit, or if a layer makes the number of weights larger than ``limits.WEIGHTS``. The error
        names this layer.
        """
        if isinstance(machine := self.layers[0], BoltzmannMachine):
            return _build_machine(machine, prod(example_shape), n_out)
        parts = [Dense(n_out, part.initializer) if isinstance(part, Output) else part for part in self.layers]
        layers = [part for part in parts if isinstance(part, Layer)]
        shapes = list_input_shapes(example_shape)
        misfits = {shape: find_misfit(layers, shape, images=len(shapes) > 1) for shape in reversed(shapes)}
        fitting = [shape for shape, misfit in misfits.items() if misfit is None]
        if not fitting:  # the later misfit says more
            raise max((misfit for misfit in misfits.values() if misfit is not None), key=lambda misfit: misfit.layer)
        network = Network(layers, self.cost, fitting[-1])  # flat, if both fit
        _check_weights(network)
        if network.n_out != n_out:
            problem = f"expected {n_out} outputs, as in the data, got {network.n_out}"
            raise Misfit(len(layers) - 1, problem, remedy="end with Output(), which takes the number from the data")
        return network

    def for_epochs(self, epochs: int) -> Recipe:
        """Change the number of epochs; an exponential schedule is stretched to end at the same η.

        The one-cycle schedule stretches by itself.

        >>> Recipe([Output()], training=Training(eta=Exponential(1.0, 0.25), epochs=10)).for_epochs(20).training.eta
        Exponential(start=1.0, rate=0.5)
        """
        check("epochs", epochs, whole(1))
        eta = self.training.schedule
        if isinstance(eta, Exponential):
            eta = replace(eta, rate=eta.rate ** (self.training.epochs / epochs))
        return replace(self, training=replace(self.training, eta=eta, epochs=epochs))


class Misfit(ShapeError):
    """A layer of a recipe that does not fit the layers before it, or the data; ``layer`` is its number, from 0."""

    def __init__(self, layer: int, problem: str = "", **fields: Any) -> None:
        super().__init__(problem, **fields | {"position": f"layer {layer}"})
        self.layer = layer


def _build_machine(machine: BoltzmannMachine, n_visible: int, n_labels: int) -> Network:
    """Build the machine for so many inputs and classes. Raises :class:`Misfit` for fewer than two classes."""
    if n_labels < 2:
        raise Misfit(0, f"expected data with two classes or more for a Boltzmann machine, got {n_labels} output")
    if (weights := machine.n_hidden * (n_visible + n_labels)) > limits.WEIGHTS:
        problem = f"expected {limits.WEIGHTS:,} weights at most, got {weights:,} with {machine}"
        raise Misfit(0, problem, remedy=limits.describe_remedy("WEIGHTS", "use fewer hidden units"))
    return RBM(n_visible, machine.n_hidden, n_labels, machine.k, machine.chains)


def _check_weights(network: Network) -> None:
    """Raise :class:`ShapeError` for the layer with which a network has more than ``limits.WEIGHTS`` weights."""
    weights = 0
    for i, (layer, shape) in enumerate(zip(network.layers, network.shapes, strict=False)):
        weights += _count_weights(layer, shape)
        if weights > limits.WEIGHTS:
            problem = f"expected {limits.WEIGHTS:,} weights at most, got {weights:,} with {layer}"
            raise Misfit(i, problem, remedy=limits.describe_remedy("WEIGHTS", "use fewer neurons"))


def _count_weights(layer: Layer, shape: Shape) -> int:
    if isinstance(layer, EachStep):
        return _count_weights(layer.layer, shape[1:])
    if isinstance(layer, Dense):
        return layer.n_out * prod(shape)
    if isinstance(layer, RecurrentLayer):
        return layer.gates * layer.n * (layer.n + shape[-1])
    return layer.maps * prod(pair(layer.kernel)) * shape[-1] if isinstance(layer, Conv) else 0


def list_input_shapes(example_shape: Shape) -> list[Shape]:
    """List the shapes that a network may take an example in: flat, as a sequence of rows, as an image with channels.

    >>> list_input_shapes((28, 28)), list_input_shapes((32, 32, 3)), list_input_shapes((4,))
    ([(784,), (28, 28), (28, 28, 1)], [(3072,), (32, 32, 3)], [(4,)])
    """
    flat = (prod(example_shape),)
    if len(example_shape) == 2:
        return [flat, tuple(example_shape), (*example_shape, 1)]
    return [flat, tuple(example_shape)] if len(example_shape) == 3 else [flat]


def find_misfit(layers: Sequence[Layer], shape: Shape, images: bool) -> Misfit | None:
    """Find the first layer that does not fit the shape of its input; ``images`` is True if the data are images.

    The remedy in the error never tells the user to change the input shape, because the data determine it.
    """
    for i, layer in enumerate(layers):
        try:
            shape = layer.output_shape(shape)
        except ShapeError as error:
            kind, dimensions = ("images", 3) if isinstance(layer, (Conv, Pool)) else ("sequences", 2)
            if isinstance(layer, (Conv, Pool, *SEQUENCE_LAYERS)) and len(shape) != dimensions:
                error.with_fields(remedy=_find_remedy(kind, shape, images))
            return Misfit(i, **vars(error))
    return None


def _find_remedy(kind: str, shape: Shape, images: bool) -> str:
    """Say how a layer that reads images or sequences gets them, if the layers before it give another ``shape``."""
    if not images:
        return f"use Dense layers: the data are not {kind}"
    if len(shape) == 1:
        return "put it before Flatten and Dense"
    return f"leave out the layers before it, which do not give {kind}"
