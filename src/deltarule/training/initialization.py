"""The preprocessing and the first parameters of a run, as far as they depend on the training set."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from deltarule.core.belief_network import DeepBeliefNet
from deltarule.core.network import Network
from deltarule.core.rbm import RBM
from deltarule.core.trees import Tree
from deltarule.data.dataset import Dataset
from deltarule.data.encodings import Inputs
from deltarule.errors import DataError
from deltarule.preprocessing import Preprocessing, Scaling


def fit_preprocessing(network: Network, train: Dataset) -> Preprocessing:
    """Fit the preprocessing of a network to its training set.

    A Boltzmann machine needs inputs from 0 to 1, so nothing is centred. Without label units, its inputs are its desired
    outputs, whatever labels the data set has.

    >>> fit_preprocessing(RBM(2, 1), Dataset(np.array([[0, 255]], np.uint8), np.array([0])))
    Preprocessing(encoding=Inputs(n_out=2), inputs=Scaling(scale=255.0, mean=0.0), ...)
    """
    fitted = Preprocessing.fit(train)
    if not isinstance(network, (RBM, DeepBeliefNet)):
        return fitted
    if isinstance(fitted.inputs, Scaling):
        fitted = replace(fitted, inputs=replace(fitted.inputs, mean=0.0))
    return (
        fitted
        if network.n_labels or not isinstance(network, RBM)
        else replace(fitted, encoding=Inputs(network.n_visible))
    )


def initialize(network: Network, train: Dataset, seed: int) -> Tree:
    """Draw the first parameters of a network; those of a Boltzmann machine know how often each unit is on.

    Its visible biases are ln(p/(1 − p)) for the share p of each unit in the training set (Hinton, 2010, section 8), and
    ln p for labels. One example of each state is added, so that p is never 0 or 1.
    """
    params = network.init(seed)
    if not isinstance(network, RBM) or train.x.size != len(train) * network.n_visible:
        return params  # examples of another size raise an error later
    preprocessing = fit_preprocessing(network, train)
    p = (len(train) * mean_inputs(preprocessing, train) + 1) / (len(train) + 2)
    biases = np.log(p / (1 - p))
    if network.n_labels:
        y = preprocessing.encode(train)
        if y.shape[1] != network.n_labels:
            return params
        biases = np.concatenate([biases, np.log((y.sum(axis=0) + 1) / (len(train) + network.n_labels))])
    return [{**params[0], "b": biases}]


def mean_inputs(preprocessing: Preprocessing, dataset: Dataset) -> np.ndarray:
    """Compute the mean of each prepared input over the examples, (n_visible,). Raises :class:`DataError` outside 0 … 1.

    >>> data = Dataset(np.array([[0, 255], [255, 255]], np.uint8), np.array([0, 1]))
    >>> mean_inputs(fit_preprocessing(RBM(2, 1), data), data).tolist()
    [0.5, 1.0]
    """
    stored = preprocessing.store(dataset)
    low, high = (float(found) / stored.scale - stored.mean for found in (stored.x.min(), stored.x.max()))
    if low < 0 or high > 1:
        raise DataError(
            f"expected inputs from 0 to 1, as the units of a Boltzmann machine need, got {low:g} to {high:g}",
            argument="x",
            owner=dataset.name,
            remedy="state the scale of the data, such as Dataset(x, y, scale=255)",
        )
    return np.asarray(stored.x.reshape(len(dataset), -1).mean(axis=0, dtype=np.float64)) / stored.scale - stored.mean
