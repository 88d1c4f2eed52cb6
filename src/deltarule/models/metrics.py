"""How well outputs agree with what was desired: accuracy and cost, from one pass through the network."""

from __future__ import annotations

from typing import Any

import numpy as np

from deltarule.core.network import Network
from deltarule.data.dataset import Dataset


def measured(network: Network, z: np.ndarray, y: Any, dataset: Dataset) -> dict[str, float]:
    """``accuracy``, 0 to 1, and ``cost``, the mean without regularization, of the last weighted inputs z.

    ``y`` are the data set's desired outputs, as the engine has them. Labels that are real numbers
    have no accuracy: none is ever met exactly.
    """
    assert dataset.encoding is not None
    with np.errstate(all="ignore"):  # numbers that are not finite are for the caller to see
        cost = {"cost": float(network.cost.value(z, np.asarray(y)))}
        read, labels = dataset.encoding.decode(network.cost.activation(z)), dataset.labels
    return cost if labels.dtype.kind == "f" else {"accuracy": float(np.mean(read == labels)), **cost}
