"""A recipe: everything that training needs besides the data and the seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import Any

from deltarule.core.augmentation import Augmentation
from deltarule.core.checks import check_object, is_whole
from deltarule.core.convolution import Conv
from deltarule.core.costs import Cost, CrossEntropy
from deltarule.core.initializers import Default, Initializer, check_initializer
from deltarule.core.layer import Layer, Shape
from deltarule.core.layers import Dense
from deltarule.core.network import Network
from deltarule.core.optimizers import SGD, Optimizer
from deltarule.core.pooling import Pool
from deltarule.core.regularizers import Regularizer
from deltarule.core.schedules import Constant, Exponential, Schedule
from deltarule.core.windows import pair
from deltarule.errors import InvalidArgument, ShapeError

MOST_WEIGHTS = 2**28
"""The most weights of a network: in float32 they take 1 GiB, and learning several times that."""


@dataclass(frozen=True)
class Output:
    """The last layer of a recipe: ``Dense`` with as many neurons as the data have outputs."""

    initializer: Initializer = Default()

    def __post_init__(self) -> None:
        check_initializer("initializer of Output", self.initializer)


@dataclass(frozen=True)
class Recipe:
    """A network for data of any fitting size, and how it is trained.

    ``layers`` end with :class:`Output`, or with the ``Dense`` of a network for one kind of data.
    ``eta`` is a number or a schedule. ``shifts`` is the number of pixels by which the training images
    are shifted four ways to make five times as many, once and for all; ``augmentation`` draws
    variations anew for each mini-batch. ``with_validation`` says that the validation examples are
    learned from as well, which is for a recipe that has nothing left to choose by them. λ is the
    library's, divided by n. Raises :class:`InvalidArgument` for numbers out of range, and :class:`Misfit` for
    another last layer: the activation of the outputs belongs to the cost.

    >>> Recipe([Dense(100), Output()]).network((28, 28), 10).shapes
    [(784,), (100,), (10,)]
    """

    layers: Sequence[Layer | Output]
    cost: Cost = CrossEntropy()
    eta: Schedule | float = Constant(0.5)
    optimizer: Optimizer = SGD()
    regularizer: Regularizer | None = None
    epochs: int = 30
    batch_size: int = 10
    shifts: int = 0
    augmentation: Augmentation | None = None
    with_validation: bool = False
    about: str = ""
    source: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "layers", tuple(self.layers))
        if isinstance(self.eta, (int, float)):
            object.__setattr__(self, "eta", Constant(float(self.eta)))
        for name, least in (("epochs", 1), ("batch_size", 1), ("shifts", 0)):
            number = getattr(self, name)
            if not is_whole(number, least):
                raise InvalidArgument(f"{name} {number!r}: give a whole number from {least}")
        if not self.layers:
            raise InvalidArgument('layers []: give at least the last one, "Output"')
        for i, layer in enumerate(self.layers):
            check_object(f"layer {i}", layer, (Layer, Output), "Dense(30) or Output()")
        if not isinstance(last := self.layers[-1], (Dense, Output)):
            name = type(last).__name__
            raise Misfit(
                len(self.layers) - 1,
                f"{name} comes last, where Output or Dense belongs; the outputs have their activation from the cost",
            )
        check_object("cost", self.cost, Cost, "CrossEntropy()")

    @property
    def schedule(self) -> Schedule:
        """``eta`` as a schedule."""
        return self.eta if not isinstance(self.eta, (int, float)) else Constant(float(self.eta))

    @property
    def arguments(self) -> dict[str, Any]:
        """What :func:`deltarule.fit` is to be given besides the network and the data (see ``shifts`` for these)."""
        names = ("epochs", "batch_size", "optimizer", "regularizer", "augmentation")
        return {"eta": self.schedule, **{name: getattr(self, name) for name in names}}

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

        >>> Recipe([Output()], eta=Exponential(1.0, 0.25), epochs=10).for_epochs(20).eta
        Exponential(start=1.0, rate=0.5)
        """
        eta = self.schedule
        if isinstance(eta, Exponential):
            eta = replace(eta, rate=eta.rate ** (self.epochs / epochs))
        return replace(self, eta=eta, epochs=epochs)


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
