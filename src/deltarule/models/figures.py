"""Figures of a model: the methods of :class:`Model` and :class:`Ensemble` that draw, and the data of these figures."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from deltarule.core.constraints import check, whole
from deltarule.data.dataset import Dataset
from deltarule.errors import InvalidArgument
from deltarule.models.inputs import prepare_inputs
from deltarule.models.labels import name_class
from deltarule.models.metrics import check_dataset, predict_classes
from deltarule.models.parameters import check_finite
from deltarule.notebook.summaries import format_layer, format_shape

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from deltarule.models.predictor import Predictor, TrainedNetwork


class Figures:
    """The methods of predictors that draw with matplotlib, on a new figure or on given axes."""

    def plot_confusion(self: Predictor, dataset: Dataset, axes: Axes | None = None) -> Figure:
        """Plot the confusion matrix of a data set; only mistakes are coloured.

        Raises the same errors as :meth:`confusion`.
        """
        return draw_confusion(self, dataset, self.confusion(dataset), axes)

    def show_mistakes(self: Predictor, dataset: Dataset, most: int = 40, axes: Axes | None = None) -> Figure:
        """Show the images of a data set that are misclassified, the most confident mistakes first.

        Raises :class:`InvalidArgument` if the examples are no images or the labels no classes.
        """
        check("most", most, whole(1))
        check_dataset(dataset)
        if not has_images(dataset):
            expected = "a data set of images, (n, height, width) or (n, height, width, 3)"
            raise InvalidArgument(argument="dataset", expected=expected, value=dataset.x)
        return draw_misclassified(self, dataset, most, axes)

    def show_weights(self: Predictor, most: int = 40, axes: Axes | None = None) -> Figure:
        """Show the weights into each neuron or feature map of the first layer as images.

        Orange is positive, purple negative. Raises :class:`InvalidArgument` if they make no images.
        """
        from deltarule import plotting

        check("most", most, whole(1))
        if (w := find_first_weights(self)) is None:
            raise InvalidArgument(
                "expected a first layer on grey images, whose weights make images, got another",
                argument="model",
                value=self.models[0].network.layers[0],
                remedy="look at the numbers: model.models[0].params[0]",
            )
        title = "Weights of the first layer: orange is positive, purple is negative"
        return plotting.plot_weights(w, title, most, axes)

    def show_activations(self: Predictor, example: Any, axes: Axes | None = None) -> Figure:
        """Show the numbers that each layer computes for one example; of an ensemble, those of its first network.

        Feature maps are images, neurons a strip of squares, the outputs bars. Orange is positive, purple negative.
        Layers that leave the numbers as they are, such as ``Flatten`` and ``Dropout``, are left out.

        Args:
            example: One raw example, of :attr:`example_shape`, with or without a first axis of length 1; or a
                :class:`Dataset` with one example.
            axes: The Axes to draw on; by default those of a new figure, of a fitting size.

        Raises:
            InvalidArgument: If there is not exactly one example.
            ShapeError: If the example does not fit the network.
            DataError: If the example contains NaN or infinity.
            DivergedError: If a parameter is NaN or infinite.

        >>> import deltarule as dr
        >>> train = dr.data.load("digits")[0].take(slice(100))
        >>> model = dr.fit(dr.Network.dense([64, 10]), train, epochs=1)
        >>> figure = model.show_activations(train.x[0])
        >>> [text.get_text().splitlines()[0] for text in figure.axes[0].texts if "\\n" in text.get_text()]
        ['input', 'Dense(10)', 'outputs']
        """
        from deltarule import plotting

        names = self.classes if len(self.classes) == self.models[0].network.n_out else ()
        return plotting.plot_activations(compute_activations(self.models[0], example), names, axes=axes)


def compute_activations(model: TrainedNetwork, example: Any) -> list[tuple[str, np.ndarray]]:
    """Compute the numbers of one example before the first layer, after each layer that changes them, and the outputs.

    Each has a name of two lines: the layer, and the shape.
    """
    network = model.network
    check_finite(model.params)
    prepared = prepare_inputs(example, network, model.preprocessing, np.dtype("float64"))
    if len(prepared) != 1:
        remedy = "choose one, for example with dataset.x[0] or dataset.take(slice(1))"
        problem = f"expected one example, got {len(prepared):,}"
        raise InvalidArgument(problem, argument="example", value=example, remedy=remedy)
    x: Any = prepared.x / prepared.scale - (0.0 if prepared.mean is None else prepared.mean)
    found = [("input", x[0])]
    for layer, p in zip(network.layers, model.params, strict=True):
        before, (x, _) = x, layer.forward(p, x)
        if not np.array_equal(before.ravel(), x.ravel()):
            found.append((format_layer(layer), x[0]))
    found.append(("outputs", network.cost.activation(x)[0]))
    return [(f"{name}\n{format_shape(numbers.shape)}", numbers) for name, numbers in found]


def has_images(dataset: Dataset) -> bool:
    """Return whether the examples can be shown as images, (height, width) or with colours last."""
    shape = dataset.x.shape[1:]
    return len(shape) == 2 or (len(shape) == 3 and shape[2] in (1, 3, 4))


def draw_misclassified(model: Predictor, dataset: Dataset, most: int = 40, axes: Axes | None = None) -> Figure:
    """Draw the images that the model misclassifies, the most confident mistakes first."""
    from deltarule import plotting

    predictions, labels = predict_classes(model, dataset)
    wrong = np.flatnonzero(predictions != labels)
    x = dataset.x[wrong]
    return plotting.plot_misclassified(
        x if x.ndim == 3 else x / dataset.white,
        [name_class(model, label) for label in labels[wrong]],
        [name_class(model, label) for label in predictions[wrong]],
        compute_confidences(model, dataset.take(wrong)),
        len(dataset),
        most,
        axes,
    )


def compute_confidences(model: Predictor, dataset: Dataset) -> np.ndarray:
    """Compute the probability of the predicted class of each example, (n,); a single output is that of class 1."""
    if model.encoding.n_out == 1:
        share = model.outputs(dataset)[:, 0]
        return np.asarray(np.maximum(share, 1 - share))
    return np.asarray(model.predict_proba(dataset).max(axis=1))


def draw_confusion(model: Predictor, dataset: Dataset, counts: np.ndarray, axes: Axes | None = None) -> Figure:
    """Draw the confusion matrix, with the accuracy as its title."""
    from deltarule import plotting

    result = f"{100 * counts.trace() / counts.sum():.2f} % right" if counts.any() else "no examples"
    title = f"{dataset.name}: {result}"
    return plotting.plot_confusion(counts, model.classes, title, axes)


def find_first_weights(model: Predictor) -> Any:
    """Return the weights of the first layer as images, (neurons, height, width), or None if they make no images.

    A neuron connected to a whole grey image has a weight for each pixel. A feature map has the weights of its kernel,
    if there is one channel and more than one pixel.
    """
    first = next((layer["w"] for layer in model.models[0].params if "w" in layer), None)
    if first is None:
        return None
    if first.ndim == 4 and first.shape[3] == 1 and first[0].size > 1:
        return first[:, :, :, 0]
    if first.ndim != 2 or len(model.example_shape) != 2 or first[0].size != prod(model.example_shape):
        return None
    return first.reshape(len(first), *model.example_shape)
