"""Examples: a data set in the form that programs take."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from deltarule.core.network import Network
from deltarule.core.sequences import with_lengths
from deltarule.data.arrays import to_native
from deltarule.data.dataset import Dataset
from deltarule.data.encodings import OneHot
from deltarule.engines.inputs import convert_inputs
from deltarule.errors import ShapeError
from deltarule.preprocessing import Preprocessing


@dataclass(frozen=True, eq=False)
class Examples:
    """A data set in the form that programs take: inputs x as stored, desired outputs y, and weights.

    The network gets x / scale − mean; without a mean, or with 0, nothing is subtracted. ``weights`` (n,) multiply the
    cost of each example in training (see :mod:`deltarule.core.costs`); without them all examples count alike.
    ``lengths`` (n,) are those of sequences (see :mod:`deltarule.core.sequences`); without them all are whole.

    >>> data = Dataset(np.asarray([[0, 255], [255, 0]], np.uint8), np.asarray([0, 1]), scale=255.0)
    >>> examples = Examples.from_dataset(data, Network.dense([2, 2]), "float32")
    >>> examples.x.dtype, examples.y.tolist(), examples.scale
    (dtype('uint8'), [[1.0, 0.0], [0.0, 1.0]], 255.0)
    """

    x: Any
    y: Any
    scale: float
    mean: float | None = 0.0
    weights: Any = None
    lengths: Any = None

    @classmethod
    def from_dataset(
        cls,
        dataset: Dataset,
        network: Network,
        dtype: np.typing.DTypeLike,
        preprocessing: Preprocessing | None = None,
    ) -> Examples:
        """Prepare a data set for the network, and convert it for programs that compute in ``dtype``.

        Without a preprocessing it is fitted to this data set. Raises :class:`ShapeError` or :class:`DataError` if data,
        network and ``dtype`` do not fit together.
        """
        preprocessing = Preprocessing.fit(dataset) if preprocessing is None else preprocessing
        dtype, stored = np.dtype(dtype), preprocessing.store(dataset)
        x, y = reshape_inputs(stored.x, network.input_shape, dataset), preprocessing.encode(dataset)
        if y.shape[1] != network.n_out:
            few = isinstance(dataset.encoding, OneHot) and y.shape[1] < network.n_out
            remedy = f"if the data set lacks some classes, pass Dataset classes= or encoding=OneHot({network.n_out})"
            raise ShapeError(
                argument="targets",
                owner=dataset.name,
                expected=f"{network.n_out} desired outputs per example, as the network has",
                value=y.shape[1],
                remedy=remedy if few else "",
            )
        _check_lengths(dataset, network)
        x, y = convert_inputs(x, stored.scale, dtype, dataset.name), to_native(y).astype(dtype, copy=False)
        y = network.cost.leave_out_padding(y, dataset.lengths)
        weights = None if dataset.weights is None else to_native(dataset.weights).astype(dtype)
        return cls(x, y, stored.scale, stored.mean, weights, dataset.lengths)

    def __len__(self) -> int:
        return len(self.x)

    def take_inputs(self, chosen: Any) -> Any:
        """Take the inputs at these positions as they are stored, with their lengths if they have any."""
        return with_lengths(self.x[chosen], None if self.lengths is None else self.lengths[chosen])


def _check_lengths(dataset: Dataset, network: Network) -> None:
    """Raise :class:`ShapeError` for lengths of sequences in a network with another number of steps, or of answers."""
    if dataset.lengths is None:
        return
    given, steps = dataset.x.shape[1], network.input_shape[0]
    if steps != given:
        expected = f"a network of sequences of {given} steps, whose lengths the data set has"
        raise ShapeError(argument="input_shape", owner="Network", expected=expected, value=network.input_shape)
    answers = network.cost.count_answers(network.n_out)
    if answers not in (None, steps):
        raise ShapeError(
            argument="lengths",
            owner=dataset.name,
            expected=f"a network with an answer at each of {steps} steps, as there are lengths",
            value=answers,
            remedy="end it with EachStep(Dense(n)) and Flatten(), or leave out SumOverSteps",
        )


PICTURES = (
    "to read pictures of any size for a model: "
    "deltarule.preprocessing.read_pictures_for(model.preprocessing, folder).data"
)


def reshape_inputs(x: np.ndarray, shape: tuple[int, ...], dataset: Dataset) -> np.ndarray:
    """Reshape the prepared inputs of a data set to ``(n, *shape)``. Raises :class:`ShapeError` if the sizes differ."""
    given = x.shape[1:]
    if prod(given) != prod(shape):
        columns = prod(dataset.x.shape[1:])
        made = f", which {columns} columns become" if columns != prod(given) else ""
        raise ShapeError(
            f"expected examples of {prod(shape)} numbers, shape {tuple(shape)}, as the network takes, "
            f"got {prod(given)} numbers, shape {given}{made}",
            argument="x",
            owner=dataset.name,
            remedy=PICTURES if len(given) in (2, 3) and not made else "",
        )
    return x.reshape(len(x), *shape)


CACHED = 2_000_000
"""The number of values of one layer, over all examples, that are evaluated at a time: fast, and small for the cache."""


def split_examples(network: Network, n: int) -> list[slice]:
    """Split n examples into slices to evaluate at a time, of equal size if possible, so that one program suffices.

    >>> network = Network.dense([1000, 10])
    >>> [len(range(*part.indices(4500))) for part in split_examples(network, 4500)]
    [1500, 1500, 1500]
    """
    most = max(1, min(n, CACHED // max(prod(shape) for shape in network.shapes)))
    size = next((size for size in range(most, most // 2, -1) if n % size == 0), most)
    return [slice(i, i + size) for i in range(0, n, size)]
