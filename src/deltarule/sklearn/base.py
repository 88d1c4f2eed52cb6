"""The base class of the estimators, which trains a network by the library's loop."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, ClassVar, Self

import numpy as np

from deltarule.core.costs import Cost
from deltarule.core.initializers import INITIALIZERS
from deltarule.core.layers import Dense
from deltarule.core.network import Network
from deltarule.core.optimizers import Optimizer
from deltarule.data.dataset import Dataset
from deltarule.data.encodings import Encoding
from deltarule.errors import DataError, InvalidArgument, ShapeError, require_extra
from deltarule.models.model import Model
from deltarule.preprocessing import Preprocessing, Scaling
from deltarule.sklearn.architecture import (
    add_channel,
    add_output_layer,
    check_outputs,
    list_hidden_layers,
    look_up_activation,
)
from deltarule.sklearn.convergence import Convergence
from deltarule.sklearn.example_weights import divide_by_weights, normalize_weights
from deltarule.sklearn.holdout import choose_validation
from deltarule.sklearn.parameters import Parameters
from deltarule.training.fit import make_plan, train_from
from deltarule.training.plan import Position, Start

with require_extra("sklearn", "deltarule.sklearn"):
    from sklearn.utils.validation import (
        _check_sample_weight,
        check_is_fitted,
        validate_data,
    )

BLOCK = 8192
"""The number of rows of a sparse matrix that are made dense at a time to predict."""


@dataclass(frozen=True, eq=False)
class Targets:
    """The targets of a training set: y as the network's encoding takes it, and all that depends on it.

    ``strata`` are the groups of which validation examples are taken, such as the classes.
    """

    y: np.ndarray
    encoding: Encoding
    cost: Cost
    strata: np.ndarray
    weights: np.ndarray | None = None
    classes: tuple[str, ...] = ()

    def take(self, rows: np.ndarray) -> Targets:
        """Return the targets of some examples, (n,) bool."""
        weights = None if self.weights is None else self.weights[rows]
        return replace(self, y=self.y[rows], strata=self.strata[rows], weights=weights)

    def make_dataset(self, x: np.ndarray) -> Dataset:
        """Build a data set of x with these targets."""
        return Dataset(x, self.y, "X", classes=self.classes, encoding=self.encoding, weights=self.weights)


@contextmanager
def raise_value_errors() -> Generator[None]:
    """Raise errors about data and shapes as :class:`InvalidArgument`, a ``ValueError``, as scikit-learn expects."""
    try:
        yield
    except (DataError, ShapeError) as error:
        raise InvalidArgument(
            error.problem, argument=error.argument, owner=error.owner, value=error.value, expected=error.expected,
            position=error.position, remedy=error.remedy,
        ) from error  # fmt: skip
    except InvalidArgument as error:
        if error.argument == "validation":  # of a schedule
            error.with_fields(argument="eta", remedy="use early_stopping=True, or another schedule")
        raise


def check_partial_fit(estimator: Parameters) -> bool:
    """Raise AttributeError if the estimator has no ``partial_fit``, because it stops early."""
    if estimator.early_stopping:
        raise AttributeError("partial_fit: expected early_stopping=False, got True; use fit with warm_start")
    return True


class NetworkEstimator(Parameters):
    """The base class of :class:`NetworkClassifier` and :class:`NetworkRegressor`.

    A subclass prepares the targets, and measures predictions.
    """

    model_: Model
    _position: Position
    _optimizer: Optimizer

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train the network.

        With ``warm_start`` a second call continues the training, for as many epochs more.

        Args:
            X: The examples, an array, a data frame or a sparse matrix of shape (n, n_features). With ``layers`` or a
                ``network`` also images of shape (n, height, width) or (n, height, width, channels).
            y: The targets, (n,), or (n, n_outputs) for several.
            sample_weight: The weight of each example, (n,), at least 0. One of weight 2 counts like two equal ones,
                and one of weight 0 is left out.

        Raises:
            ValueError: For data or parameters that are not as expected.
            DivergedError: If a parameter of the network becomes infinite or NaN.
        """
        self._check_parameters()
        is_first = not (self.warm_start and hasattr(self, "model_"))
        if is_first and hasattr(self, "model_"):
            del self.model_  # which would not fit the new classes if the training failed
        X, y, weights = self._check_data(X, y, sample_weight, is_first)
        with raise_value_errors():
            self._train(X, self._prepare_targets(y, weights, is_first), is_first)
        return self

    def _continue(self, X: Any, y: Any, sample_weight: Any, **others: Any) -> Self:
        """Train for one epoch; ``others`` are arguments for :meth:`_prepare_targets`."""
        self._check_parameters()
        is_first = not hasattr(self, "model_")
        X, y, weights = self._check_data(X, y, sample_weight, is_first)
        with raise_value_errors():
            self._train(X, self._prepare_targets(y, weights, is_first, **others), is_first, epochs=1)
        return self

    def _check_data(self, X: Any, y: Any, sample_weight: Any, is_first: bool) -> tuple[Any, Any, np.ndarray | None]:
        """Convert the data to arrays, and leave out the examples of weight 0. Raises ValueError for others."""
        if not is_first and self._takes_images:
            self._check_example_shape(X)
        X, y = validate_data(
            self, X, y, reset=is_first, accept_sparse="csr", dtype=(np.float64, np.float32), multi_output=True,
            y_numeric=self._has_numbers, allow_nd=self._takes_images,
        )  # fmt: skip
        weights = None
        if sample_weight is not None:
            weights = _check_sample_weight(sample_weight, X, dtype=np.float64, ensure_non_negative=True)
            if not (weights > 0).all():
                rows = np.flatnonzero(weights)
                X, y, weights = X[rows], y[rows], weights[rows]
            with np.errstate(over="ignore"):
                if not np.isfinite(weights.sum()):
                    expected = "weights with a finite sum"
                    raise InvalidArgument(argument="sample_weight", expected=expected, value=weights)
        return (X.toarray() if hasattr(X, "toarray") else X), y, weights

    def _check_example_shape(self, X: Any) -> None:
        """Raise :class:`InvalidArgument` for images of another shape than before, which X's columns do not tell."""
        fitted, given = self.model_.example_shape, tuple((X if hasattr(X, "shape") else np.asarray(X)).shape[1:])
        if max(len(fitted), len(given)) > 1 and add_channel(given) != add_channel(fitted):
            expected = f"examples of shape {'×'.join(map(str, fitted))}, as in fit"
            raise InvalidArgument(argument="X", expected=expected, value=given)

    @property
    def _takes_images(self) -> bool:
        return self.layers is not None or self.network is not None

    @property
    def _outputs(self) -> int | None:
        """The number of outputs of the last layer if the parameters fix it, or None."""
        if self.network is not None:
            return self.network.n_out
        return self.layers[-1].n_out if self.layers and isinstance(self.layers[-1], Dense) else None

    def _build_network(self, targets: Targets, example_shape: tuple[int, ...]) -> Network:
        """Build the network that the parameters describe. Raises :class:`InvalidArgument` if it does not fit y."""
        n_out = targets.encoding.n_out
        if self.network is not None:
            check_outputs("network", self.network.n_out, n_out)
            return self.network
        first = INITIALIZERS[self.initializer] if isinstance(self.initializer, str) else self.initializer
        sizes = np.atleast_1d(np.asarray(self.hidden_layer_sizes, dtype=int)).tolist()
        layers = self.layers
        if layers is None:
            layers = list_hidden_layers(sizes, look_up_activation(self.activation), first)
        layers = add_output_layer(layers, n_out, first)
        try:
            return Network(layers, targets.cost, add_channel(example_shape))
        except ShapeError as error:
            if len(example_shape) == 1 and error.position == "layer 0":
                remedy = "reshape X to (n, height, width), or pass a network, whose input_shape X gets"
                error.with_fields(remedy=remedy)
            raise

    def _train(self, x: np.ndarray, targets: Targets, is_first: bool, epochs: int | None = None) -> None:
        """Train from the first weights, or from where the last training ended.

        ``epochs`` replaces the number of epochs, without a validation set.
        """
        seed = None if is_first else self.model_.settings["seed"]
        training, network = self._choose_training(x.dtype, seed), self._build_network(targets, x.shape[1:])
        if targets.weights is not None and not targets.weights.all():  # a class of weight 0
            x, targets = x[targets.weights > 0], targets.take(targets.weights > 0)
        encoding = targets.encoding if is_first else self.model_.encoding
        preprocessing = Preprocessing(encoding, Scaling(), targets.classes, x.shape[1:])
        if not is_first:
            self._check_same(network)
        start = Start(network, network.init(training.seed) if is_first else self._position.params, preprocessing)
        done = 0 if is_first else self._position.epoch
        train, score = targets.make_dataset(x), None
        if self.early_stopping and epochs is None:
            held = choose_validation(
                x, targets.y, targets.strata, targets.weights, self.validation_fraction, training.seed
            )
            train, validation = (targets.take(rows).make_dataset(x[rows]) for rows in (~held, held))
            score = partial(self._measure, validation)
        training = replace(
            training,
            epochs=done + (epochs or training.epochs),
            regularizer=divide_by_weights(training.regularizer, train.weights),
        )
        convergence = Convergence(self.tol, self.n_iter_no_change, score, self._figure, print if self.verbose else None)
        train = replace(train, weights=normalize_weights(train.weights))
        plan = make_plan(start, train, None, training, self._choose_execution(), [convergence])
        at = plan.start_from(start.params) if is_first else self._position
        if not is_first and training.optimizer != self._optimizer:
            at = replace(at, state=training.optimizer.init(at.params))
        history = train_from(plan, at, [convergence]).history
        assert convergence.model is not None
        assert convergence.at is not None
        self.model_ = convergence.model
        self._position, self._optimizer = convergence.at, training.optimizer
        self.n_outputs_, self.n_iter_ = network.n_out, len(history)
        self.loss_curve_: list[float] = history["training_cost"]
        self.loss_ = self.loss_curve_[-1]
        if score is not None:
            self.validation_scores_ = [one[self._figure] for one in history.records if self._figure in one]

    def _check_same(self, network: Network) -> None:
        """Raise :class:`InvalidArgument` if a training is to be continued with another network."""
        if network != self.model_.network:
            raise InvalidArgument(
                argument="warm_start" if self.warm_start else "partial_fit",
                expected=f"the network of the first training, {self.model_.network}",
                value=network,
                remedy="set the same layers, or use a new estimator",
            )

    def _compute_outputs(self, X: Any) -> np.ndarray:
        """Compute the outputs of the network, (n, n_outputs). Raises ValueError for data that are not as expected."""
        check_is_fitted(self)
        if self._takes_images:
            self._check_example_shape(X)
        X = validate_data(
            self, X, reset=False, accept_sparse="csr", dtype=(np.float64, np.float32), allow_nd=self._takes_images
        )
        with raise_value_errors():
            if not hasattr(X, "toarray"):
                return self.model_.outputs(X)
            blocks = [X[i : i + BLOCK].toarray() for i in range(0, X.shape[0], BLOCK)]
            return np.concatenate([self.model_.outputs(block) for block in blocks])

    def __sklearn_is_fitted__(self) -> bool:
        """Return whether a training has ended; one that failed leaves ``classes_`` and ``n_features_in_`` behind."""
        return hasattr(self, "model_")

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags

    _has_numbers: ClassVar[bool]
    _figure: ClassVar[str]

    def _prepare_targets(
        self, y: Any, weights: np.ndarray | None, is_first: bool, classes: Any = None, is_partial: bool = False
    ) -> Targets:
        raise NotImplementedError

    def _measure(self, validation: Dataset, model: Model) -> float:
        raise NotImplementedError
