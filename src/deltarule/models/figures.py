"""Figures of a model: the methods of :class:`Model` and :class:`Ensemble` that draw, and the data of these figures."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from deltarule.data.dataset import Dataset
from deltarule.errors import InvalidArgument
from deltarule.models.labels import name_class
from deltarule.models.metrics import check_dataset

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from deltarule.models.predictor import Predictor


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

        if (w := find_first_weights(self)) is None:
            raise InvalidArgument(
                "expected a first layer on grey images, whose weights make images, got another",
                argument="model",
                value=self.models[0].network.layers[0],
                remedy="look at the numbers: model.models[0].params[0]",
            )
        title = "Weights of the first layer: orange is positive, purple is negative"
        return plotting.plot_weights(w, title, most, axes)


def has_images(dataset: Dataset) -> bool:
    """Return whether the examples can be shown as images, (height, width) or with colours last."""
    shape = dataset.x.shape[1:]
    return len(shape) == 2 or (len(shape) == 3 and shape[2] in (1, 3, 4))


def draw_misclassified(model: Predictor, dataset: Dataset, most: int = 40, axes: Axes | None = None) -> Figure:
    """Draw the images that the model misclassifies, the most confident mistakes first."""
    from deltarule import plotting

    predictions, labels = model.predict(dataset), model.preprocessing.find_labels(dataset)
    wrong = np.flatnonzero(predictions != labels)
    probabilities = model.predict_proba(dataset.take(wrong))
    x = dataset.x[wrong]
    return plotting.plot_misclassified(
        x if x.ndim == 3 else x / dataset.white,
        [name_class(model, label) for label in labels[wrong]],
        [name_class(model, label) for label in predictions[wrong]],
        probabilities.max(axis=1),
        len(dataset),
        most,
        axes,
    )


def draw_confusion(model: Predictor, dataset: Dataset, counts: np.ndarray, axes: Axes | None = None) -> Figure:
    """Draw the confusion matrix, with the accuracy as its title."""
    from deltarule import plotting

    title = f"{dataset.name}: {100 * counts.trace() / counts.sum():.2f} % right"
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
