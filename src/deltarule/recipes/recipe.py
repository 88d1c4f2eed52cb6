"""A recipe: everything that training needs besides the data and the seed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import ClassVar

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
from deltarule.core.costs import Cost, CrossEntropy
from deltarule.core.initializers import INITIALIZER, Default, Initializer
from deltarule.core.layer import Layer, Shape
from deltarule.core.layers import Dense
from deltarule.core.network import Network
from deltarule.core.pooling import Pool
from deltarule.core.schedules import Exponential
from deltarule.core.windows import pair
from deltarule.errors import InvalidArgument, ShapeError
from deltarule.training.training import Training

MOST_WEIGHTS = 2**28
"""The most weights of a network: in float32 they take 1 GiB, and learning several times that."""


@dataclass(frozen=True)
class Output(Validated):
    """The last layer of a recipe: ``Dense`` with as many neurons as the data have outputs."""

    initializer: Initializer = Default()
    constraints: ClassVar[Constraints] = {"initializer": INITIALIZER}


_LAYERS = Constraint(
    "a list of layers such as [Dense(30), Sigmoid(), Output()]",
    lambda value: isinstance(value, Iterable) and not isinstance(value, (str, type)),
)
_LAYER = instance((Layer, Output), "a layer such as Dense(30), or Output()")


@dataclass(frozen=True)
class Recipe:
    """A network for data of any fitting size, and how it is trained.

    ``layers`` end with :class:`Output`, or with the ``Dense`` of a network for one kind of data.
    ``shifts`` is the number of pixels by which the training images
    are shifted four ways to make five times as many, once and for all. ``with_validation`` says that the validation
    set is trained on as well, which is for a recipe whose tuning is finished. λ is the
    library's, divided by n. Raises :class:`InvalidArgument` for numbers out of range, and :class:`Misfit` for
    another last layer: the activation of the outputs belongs to the cost.

    >>> Recipe([Dense(100), Output()]).network((28, 28), 10).shapes
    [(784,), (100,), (10,)]
    """

    layers: Sequence[Layer | Output]
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
            raise InvalidArgument(argument="layers", expected='one at least, the last, "Output"', value=[])
        for i, layer in enumerate(self.layers):
            check(f"layer {i}", layer, _LAYER)
        validate(self)
        if not isinstance(last := self.layers[-1], (Dense, Output)):
            name = type(last).__name__
            raise Misfit(
                len(self.layers) - 1,
                f"{name} comes last, where Output or Dense belongs; the outputs have their activation from the cost",
            )

    def network(self, example_shape: Shape, n_out: int) -> Network:
        """The network for examples of this shape, as the data have them, and ``n_out`` outputs.

        Images enter as (height, width, channels) where a layer asks for images, otherwise flat.
        Raises :class:`Misfit`, which names the layer, where they do not fit, and where the weights become too many.
        """
        layers = [Dense(n_out, layer.initializer) if isinstance(layer, Output) else layer for layer in self.layers]
        ways = ways_in(example_shape)
        found = [chained(layers, shape, images=len(ways) > 1) for shape in reversed(ways)]
        fitting = [shape for shape, misfit in found if misfit is None]
        if not fitting:  # the way that leads further says more
            raise max((misfit for _, misfit in found if misfit is not None), key=lambda misfit: misfit.layer)
        network = Network(layers, self.cost, fitting[-1])
        _check_weights(network)
        if network.n_out != n_out:
            last = len(layers) - 1
            raise Misfit(
                last,
                f"it gives {network.n_out} outputs, and the data have {n_out}; end with Output, which adapts itself",
            )
        return network

    def for_epochs(self, epochs: int) -> Recipe:
        """The same for another number of epochs; a schedule that falls by a factor each epoch falls as far.

        (The one-cycle schedule stretches by itself.)

        >>> Recipe([Output()], training=Training(eta=Exponential(1.0, 0.25), epochs=10)).for_epochs(20).training.eta
        Exponential(start=1.0, rate=0.5)
        """
        check("epochs", epochs, whole(1))
        eta = self.training.schedule
        if isinstance(eta, Exponential):
            eta = replace(eta, rate=eta.rate ** (self.training.epochs / epochs))
        return replace(self, training=replace(self.training, eta=eta, epochs=epochs))


class Misfit(ShapeError):
    """A layer of a recipe that does not fit where it stands; ``layer`` is its number, from 0."""

    def __init__(self, layer: int, reason: str) -> None:
        super().__init__(f"layer {layer}: {reason}")
        self.layer, self.reason = layer, reason


def _check_weights(network: Network) -> None:
    """Raises :class:`Misfit` for the layer with which a network has more than ``MOST_WEIGHTS``."""
    weights = 0
    for i, (layer, shape) in enumerate(zip(network.layers, network.shapes, strict=False)):
        if isinstance(layer, Dense):
            weights += layer.n_out * prod(shape)
        elif isinstance(layer, Conv):
            weights += layer.maps * prod(pair(layer.kernel)) * shape[-1]
        if weights > MOST_WEIGHTS:
            raise Misfit(i, f"with {layer} the network has {weights:,} weights; {MOST_WEIGHTS:,} are the most")


def ways_in(example_shape: Shape) -> list[Shape]:
    """The shapes in which a network may be given an example: flat, and for images with their channels.

    >>> ways_in((28, 28)), ways_in((32, 32, 3)), ways_in((4,))
    ([(784,), (28, 28, 1)], [(3072,), (32, 32, 3)], [(4,)])
    """
    flat = (prod(example_shape),)
    if len(example_shape) == 2:
        return [flat, (*example_shape, 1)]
    return [flat, tuple(example_shape)] if len(example_shape) == 3 else [flat]


def chained(layers: Sequence[Layer], shape: Shape, images: bool) -> tuple[Shape, Misfit | None]:
    """The shape to begin with, and the first layer that does not fit, if there is one; ``images``: what the data are.

    The remedies are those of a recipe, whose input shape the data decide.
    """
    now = shape
    for i, layer in enumerate(layers):
        try:
            now = layer.output_shape(now)
        except ShapeError as error:
            if not isinstance(layer, (Conv, Pool)) or len(now) == 3:
                return shape, Misfit(i, str(error))
            wants = f"{layer} takes images (height, width, channels), not an input of shape {now}"
            if images:
                return shape, Misfit(i, f"{wants}: put it before Flatten and Dense")
            return shape, Misfit(i, f"{wants}, and these data are no images: take Dense layers instead")
    return shape, None
