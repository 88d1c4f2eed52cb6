"""The regressor for scikit-learn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np

from deltarule.core.activations import Linear
from deltarule.core.constraints import Constraints, optional
from deltarule.core.costs import COST, Cost, Quadratic
from deltarule.data.dataset import Dataset
from deltarule.data.encodings import Standardized
from deltarule.errors import InvalidArgument, require_extra
from deltarule.models.model import Model
from deltarule.sklearn.base import NetworkEstimator, Targets, check_partial_fit
from deltarule.sklearn.parameters import Parameters

with require_extra("sklearn", "deltarule.sklearn"):
    from sklearn.base import RegressorMixin
    from sklearn.utils import column_or_1d
    from sklearn.utils.metaestimators import available_if


@dataclass(eq=False, repr=False)
class NetworkRegressor(RegressorMixin, NetworkEstimator):  # type: ignore[misc] # scikit-learn has no types
    """A neural network that predicts numbers, for scikit-learn.

    The outputs are linear. The targets are standardized by the training set, so η has the same effect for prices in
    cents and in millions; predictions are in the units of y.

    Args:
        cost: The cost of the standardized targets; None for the quadratic cost.

    The other parameters and attributes are those of :class:`NetworkClassifier`, without the classes. With
    ``early_stopping``, ``validation_scores_`` has R² on the validation set, computed with the variance of the training
    set.

    >>> from sklearn.datasets import load_diabetes
    >>> X, y = load_diabetes(return_X_y=True)
    >>> regressor = NetworkRegressor((20,), eta=0.01, random_state=1).fit(X, y)
    >>> regressor.score(X, y) > 0.5
    True
    """

    constraints: ClassVar[Constraints] = {**Parameters.constraints, "cost": optional(COST)}
    _has_numbers: ClassVar[bool] = True
    _figure: ClassVar[str] = "validation_r2"

    def predict(self, X: Any) -> np.ndarray:
        """Predict the target of each example, (n,), or its targets, (n, n_targets).

        Args:
            X: The examples, as in :meth:`fit`.
        """
        outputs = self._compute_outputs(X)
        return self.model_.encoding.decode(outputs)

    @available_if(check_partial_fit)  # type: ignore[untyped-decorator] # scikit-learn has no types
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train for one epoch, from where the last training ended.

        The first call determines how the targets are standardized.

        Args:
            X: The examples, as in :meth:`fit`.
            y: The targets, (n,), or (n, n_targets) for several.
            sample_weight: The weight of each example, (n,).

        Raises:
            ValueError: For data or parameters that are not as expected.
        """
        return self._continue(X, y, sample_weight)

    def _prepare_targets(
        self, y: Any, weights: np.ndarray | None, is_first: bool, classes: Any = None, is_partial: bool = False
    ) -> Targets:
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        columns = y.reshape(len(y), -1).astype(np.float64)
        if is_first:
            encoding = standardize(columns, weights)
        else:
            assert isinstance(self.model_.encoding, Standardized)
            encoding = self.model_.encoding
            if encoding.n_out != columns.shape[1]:
                expected = f"{encoding.n_out} targets for each example, as in the first training"
                raise InvalidArgument(argument="y", expected=expected, value=columns.shape[1])
        cost = self.cost if isinstance(self.cost, Cost) else Quadratic(Linear())
        return Targets(y.astype(np.float64), encoding, cost, np.zeros(len(y), int), weights)

    def _measure(self, validation: Dataset, model: Model) -> float:
        encoding = model.encoding
        errors = encoding.encode(model.predict(validation.x)) - encoding.encode(validation.y)
        return 1 - float(np.average((errors**2).mean(axis=1), weights=validation.weights))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags


def standardize(columns: np.ndarray, weights: np.ndarray | None) -> Standardized:
    """Fit an encoding to targets, (n, n_out), with the mean and the standard deviation of the weighted examples.

    >>> standardize(np.array([[1.0], [3.0]]), np.array([3.0, 1.0])).mean
    (1.5,)
    """
    top = np.where((largest := np.abs(columns).max(axis=0)) > 0, largest, 1.0)  # squares of 1e200 are too large
    mean = np.average(columns / top, axis=0, weights=weights)
    deviation = np.sqrt(np.average((columns / top - mean) ** 2, axis=0, weights=weights))
    is_constant = columns.min(axis=0) == columns.max(axis=0)
    deviation, mean = np.where(is_constant, 1.0, deviation * top), np.where(is_constant, columns[0], mean * top)
    return Standardized(columns.shape[1], tuple(mean.tolist()), tuple(deviation.tolist()))
