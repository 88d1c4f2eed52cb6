"""The classifier for scikit-learn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from typing import Any, ClassVar, Self

import numpy as np

from deltarule.core.constraints import Constraint, Constraints
from deltarule.core.costs import COSTS, Cost, CrossEntropy, LogLikelihood
from deltarule.data.dataset import Dataset
from deltarule.data.encodings import Encoding, MultiLabel, OneHot, OneVsRest
from deltarule.errors import InvalidArgument, require_extra
from deltarule.models.metrics import normalize
from deltarule.models.model import Model
from deltarule.sklearn.architecture import check_outputs
from deltarule.sklearn.base import NetworkEstimator, Targets, check_partial_fit
from deltarule.sklearn.example_weights import weigh_classes
from deltarule.sklearn.parameters import Parameters

with require_extra("sklearn", "deltarule.sklearn"):
    from sklearn.base import ClassifierMixin
    from sklearn.utils import column_or_1d
    from sklearn.utils.metaestimators import available_if
    from sklearn.utils.multiclass import check_classification_targets, type_of_target


def _is_class_weight(value: Any) -> bool:
    return value is None or isinstance(value, Mapping) or (isinstance(value, str) and value == "balanced")


@dataclass(eq=False, repr=False)
class NetworkClassifier(ClassifierMixin, NetworkEstimator):  # type: ignore[misc] # scikit-learn has no types
    """A neural network that classifies, for scikit-learn.

    Two classes have one sigmoid output, more have softmax outputs, and so have two with the log-likelihood as cost.
    Several labels of each example (a matrix y of 0 and 1) have a sigmoid output each.

    Args:
        hidden_layer_sizes: The number of neurons of each hidden layer.
        activation: The activation of the hidden layers: ``"relu"``, ``"tanh"``, ``"sigmoid"``, …, or a record such as
            ``LeakyReLU(0.1)``.
        layers: A list of layers in place of ``hidden_layer_sizes`` and ``activation``, such as ``[Dense(30), Sigmoid(),
            Dropout(0.5)]``. An output layer that fits y is added, unless the last layer is a ``Dense``.
        network: A complete :class:`~deltarule.Network` in place of ``layers``, with its cost.
        initializer: The initializer of the weights, or its name. It has no effect on ``layers`` that have their own.
        cost: The cost, or its name. None chooses the log-likelihood for softmax outputs, the cross-entropy for others.
        training: A :class:`~deltarule.Training`, from which the following five take their values if they are None. It
            has other defaults than the estimator, such as η = 0.5 and float32. Set one of its fields by its path, such
            as ``set_params(training__order=AsGiven())``, to keep the estimator's defaults for the others.
        epochs: The number of passes over the training set; by default 200.
        batch_size: The number of examples in a mini-batch; by default 200, or all if there are fewer.
        eta: The learning rate η, a number or a schedule; by default 0.001.
        optimizer: The optimizer; by default ``Adam()``.
        regularizer: The cost of large weights, such as ``L2(0.1)``; by default none. Its λ is divided by n, the number
            of examples, or the sum of their weights.
        tol: The least improvement of the cost, or with ``early_stopping`` of the validation accuracy. Training stops
            after more than ``n_iter_no_change`` epochs in a row without it. None trains for all epochs.
        n_iter_no_change: The number of epochs to wait for an improvement.
        early_stopping: Validate on a part of the examples, and keep the network of the best epoch,
            of equally good ones (within ``tol``) the last.
        validation_fraction: The part of the examples of each class to validate on.
        warm_start: Let ``fit`` continue the training of an earlier call.
        random_state: The seed of all random choices, or a RandomState that draws one. None takes that of ``training``,
            and without a training another one in each call.
        engine: The engine: ``"numpy"``, ``"native"``, ``"jax"`` or ``"auto"``.
        n_jobs: The number of threads; None for 1, −1 for all cores.
        verbose: Print a line after each epoch.
        class_weight: The weights of the classes by their names, or ``"balanced"`` for the same sum of weights in each
            class. They multiply the weights of the examples.

    Attributes:
        model_: The :class:`~deltarule.models.model.Model`, with parameters, history and settings.
        classes_: The names of the classes; of several labels their numbers.
        n_features_in_: The number of columns of X.
        feature_names_in_: The names of the columns of X, if it was a data frame.
        n_iter_: The number of epochs.
        loss_curve_: The cost after each epoch, with regularization; ``loss_`` is the last. It is the cost of the
            training set, or of 10,000 examples of a larger one, evenly spaced.
        validation_scores_: The accuracy on the validation set after each epoch, with ``early_stopping``.
        n_outputs_: The number of outputs of the network.

    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True)
    >>> classifier = NetworkClassifier((20,), eta=0.01, random_state=1).fit(X, y)
    >>> classifier.score(X, y) > 0.95
    True
    """

    _: KW_ONLY
    class_weight: Mapping[Any, float] | str | None = None
    constraints: ClassVar[Constraints] = {
        **Parameters.constraints,
        "class_weight": Constraint("a dictionary from classes to weights, 'balanced', or None", _is_class_weight),
    }
    _has_numbers: ClassVar[bool] = False
    _figure: ClassVar[str] = "validation_accuracy"

    def predict(self, X: Any) -> np.ndarray:
        """Predict the class of each example, (n,), or its labels, (n, n_labels).

        Args:
            X: The examples, as in :meth:`fit`.
        """
        outputs = self._compute_outputs(X)
        labels = self.model_.encoding.decode(outputs)
        return labels if self._has_labels else np.asarray(self.classes_[labels])

    def predict_proba(self, X: Any) -> np.ndarray:
        """Compute the probability of each class, (n, n_classes), or of each label, (n, n_labels).

        Outputs below 0 or above 1, as linear ones may be, count as 0 or 1; those of several classes are scaled to sum
        to 1.

        Args:
            X: The examples, as in :meth:`fit`.
        """
        outputs = self._compute_outputs(X).astype(np.float64)
        if self._has_labels:
            return outputs.clip(0, 1)
        if outputs.shape[1] == 1 and len(self.classes_) == 2:
            share = outputs.clip(0, 1)
            return np.hstack([1 - share, share])
        return normalize(outputs)

    def predict_log_proba(self, X: Any) -> np.ndarray:
        """Compute the logarithm of :meth:`predict_proba`.

        Args:
            X: The examples, as in :meth:`fit`.
        """
        with np.errstate(divide="ignore"):
            return np.asarray(np.log(self.predict_proba(X)))

    @available_if(check_partial_fit)  # type: ignore[untyped-decorator] # scikit-learn has no types
    def partial_fit(self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None) -> Self:
        """Train for one epoch, from where the last training ended.

        Args:
            X: The examples, as in :meth:`fit`.
            y: The classes, (n,), or labels, (n, n_labels).
            classes: All classes that y will ever have; needed in the first call, unless each example has several
                labels.
            sample_weight: The weight of each example, (n,).

        Raises:
            ValueError: For data or parameters that are not as expected.
        """
        if isinstance(self.class_weight, str):
            expected = "a dictionary or None with partial_fit, which does not see all examples"
            raise InvalidArgument(argument="class_weight", expected=expected, value=self.class_weight)
        return self._continue(X, y, sample_weight, classes=classes, is_partial=True)

    @property
    def _has_labels(self) -> bool:
        return isinstance(self.model_.encoding, MultiLabel)

    def _prepare_targets(
        self, y: Any, weights: np.ndarray | None, is_first: bool, classes: Any = None, is_partial: bool = False
    ) -> Targets:
        """Encode the classes or labels. Raises :class:`InvalidArgument` for those that are not as expected."""
        check_classification_targets(y)
        kind = type_of_target(y)
        if kind == "multiclass-multioutput":
            expected = "one class for each example, or a matrix of 0 and 1 for several labels"
            raise InvalidArgument(argument="y", expected=expected, value=y)
        if kind == "multilabel-indicator":
            return self._prepare_labels(np.asarray(y.toarray() if hasattr(y, "toarray") else y), weights, is_first)
        y = column_or_1d(y, warn=True)
        if not is_first and self._has_labels:
            raise InvalidArgument(argument="y", expected="several labels for each example, as before", value=y)
        if is_partial and is_first and classes is None:
            expected = "all classes that y will ever have, in the first call of partial_fit"
            raise InvalidArgument(argument="classes", expected=expected, value=None)
        listed = np.unique(y if classes is None else classes)
        if is_first:
            self.classes_: np.ndarray = listed
        elif (classes is not None or not is_partial) and not np.array_equal(listed, self.classes_):
            expected = f"the classes of the first training, {', '.join(map(repr, self.classes_.tolist()))}"
            argument = "y with warm_start" if classes is None else "classes"
            raise InvalidArgument(argument=argument, expected=expected, value=listed.tolist())
        known = np.isin(y, self.classes_)
        if not known.all():
            expected = f"classes among {', '.join(map(repr, self.classes_.tolist()))}"
            raise InvalidArgument(argument="y", expected=expected, value=y[~known].tolist()[0])
        positions = np.searchsorted(self.classes_, y)
        weights = weigh_classes(self.class_weight, positions, self.classes_, weights)
        names = tuple(map(str, self.classes_))
        encoding: Encoding = self._encode_classes(len(names))
        return Targets(positions, encoding, self._choose_cost(encoding), positions, weights, names)

    def _prepare_labels(self, y: np.ndarray, weights: np.ndarray | None, is_first: bool) -> Targets:
        """Encode several labels of each example."""
        if self.class_weight is not None:
            expected = "None for several labels of each example"
            raise InvalidArgument(argument="class_weight", expected=expected, value=self.class_weight)
        encoding = MultiLabel(y.shape[1])
        if not is_first and encoding != self.model_.encoding:
            raise InvalidArgument(argument="y", expected="classes or labels as in the first training", value=y)
        if self._outputs is not None:
            check_outputs("layers" if self.network is None else "network", self._outputs, y.shape[1])
        self.classes_ = np.arange(y.shape[1])
        return Targets(y.astype(np.int64), encoding, self._choose_cost(encoding), np.zeros(len(y), int), weights)

    def _encode_classes(self, n: int) -> Encoding:
        """Choose the encoding of n classes: a single output for two, unless the layers or the cost need two."""
        if n == 2 and self._outputs is not None:
            check_outputs("layers" if self.network is None else "network", self._outputs, 1, 2)
            return OneVsRest(1) if self._outputs == 1 else OneHot(2)
        cost = COSTS[self.cost] if isinstance(self.cost, str) else self.cost
        return OneVsRest(1) if n == 2 and not isinstance(cost, LogLikelihood) else OneHot(n)

    def _choose_cost(self, encoding: Encoding) -> Cost:
        if isinstance(self.cost, Cost):
            return self.cost
        if self.cost is not None:
            return COSTS[self.cost]
        return LogLikelihood() if isinstance(encoding, OneHot) else CrossEntropy()

    def _measure(self, validation: Dataset, model: Model) -> float:
        right = model.predict(validation.x) == validation.y
        return float(np.average(right if right.ndim == 1 else right.all(axis=1), weights=validation.weights))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags
