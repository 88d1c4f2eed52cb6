"""A callback that watches the training of a Boltzmann machine by its free energies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from deltarule.core import random
from deltarule.core.boltzmann import free_energy, pseudo_log_likelihood
from deltarule.core.constraints import check, whole
from deltarule.core.layer import Array
from deltarule.core.rbm import RBM
from deltarule.core.trees import map_leaves
from deltarule.data.dataset import Dataset
from deltarule.engines.examples import Examples
from deltarule.engines.numpy_engine import limit_blas_threads
from deltarule.errors import InvalidArgument
from deltarule.training.callbacks import Callback
from deltarule.training.plan import Moment


class FreeEnergy(Callback):
    """A callback that records how a Boltzmann machine fits the training set, and whether it overfits.

    After each epoch it records ``pseudo_log_likelihood``, an estimate of the mean of Σ_i ln P(v_i | all other units) on
    training examples. With a validation set it also records ``free_energy_gap``, the mean free energy of validation
    examples minus that of training examples. Neither needs the partition function. A gap that grows means overfitting
    (Hinton, 2010, section 6).

    Args:
        n: The number of examples of each set to measure, from its start.

    >>> import deltarule as dr
    >>> train, validation, _ = dr.data.load("digits")
    >>> model = dr.fit(dr.RBM(64, 20), train, epochs=1, eta=0.1, validation=validation, callbacks=[FreeEnergy(100)])
    >>> sorted(model.history.last)[:5]
    ['compile_seconds', 'epoch', 'eta', 'free_energy_gap', 'pseudo_log_likelihood']
    """

    def __init__(self, n: int = 1000) -> None:
        check("n", n, whole(1), "FreeEnergy")
        self.n = n

    def on_start(self, moment: Moment) -> None:
        if not isinstance(moment.plan.network, RBM):
            raise InvalidArgument(
                argument="FreeEnergy", expected="a Boltzmann machine to train", value=moment.plan.network
            )

    def measure(self, moment: Moment) -> Mapping[str, Any]:
        with limit_blas_threads(1):  # the products are small
            return self._measure(moment)

    def _measure(self, moment: Moment) -> Mapping[str, Any]:
        plan, (p,) = moment.plan, map_leaves(np.asarray, moment.plan.params_in_use(moment.at))
        train = self._list_states(moment, plan.train)
        key = random.fold(random.key(plan.training.seed), moment.at.epoch)
        n_labels = plan.network.n_labels if isinstance(plan.network, RBM) else 0
        found = {"pseudo_log_likelihood": float(np.mean(pseudo_log_likelihood(p, train, key, n_labels)))}
        if plan.validation is None:
            return found
        validation = self._list_states(moment, plan.validation)
        gap = np.mean(free_energy(p, validation)) - np.mean(free_energy(p, train))
        return {**found, "free_energy_gap": float(gap)}

    def _list_states(self, moment: Moment, dataset: Dataset) -> Array:
        """List the visible states of the first examples."""
        plan = moment.plan
        some = dataset.take(slice(0, self.n))
        examples = Examples.from_dataset(some, plan.network, plan.training.dtype, plan.preprocessing)
        x = examples.x.astype(plan.training.dtype) / np.dtype(plan.training.dtype).type(examples.scale)
        is_labelled = isinstance(plan.network, RBM) and plan.network.n_labels
        return np.concatenate([x, examples.y], axis=1) if is_labelled else x
