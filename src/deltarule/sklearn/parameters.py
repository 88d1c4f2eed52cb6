"""The parameters of the estimators, and the records of a training that they describe."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass, replace
from numbers import Integral
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from deltarule.core.activations import Activation
from deltarule.core.constraints import (
    Constraint,
    Constraints,
    check_all,
    instance,
    number,
    one_of,
    optional,
    true_or_false,
    whole,
)
from deltarule.core.costs import COST, COSTS, Cost
from deltarule.core.initializers import INITIALIZER, INITIALIZERS, Initializer
from deltarule.core.layer import Layer
from deltarule.core.network import ACTIVATIONS, Network
from deltarule.core.optimizers import Adam, Optimizer
from deltarule.core.regularizers import Regularizer
from deltarule.core.schedules import Schedule
from deltarule.engines.execution import ENGINES, Execution
from deltarule.errors import InvalidArgument, require_extra
from deltarule.sklearn.architecture import SYNONYMS
from deltarule.sklearn.record_parameters import SEPARATOR, list_parameters, replace_parameter
from deltarule.training.training import Training

with require_extra("sklearn", "deltarule.sklearn"):
    from joblib import effective_n_jobs
    from sklearn.base import BaseEstimator
    from sklearn.utils import check_random_state

if TYPE_CHECKING:
    from numpy.random import RandomState

DEFAULTS = Training(epochs=200, batch_size=200, eta=0.001, optimizer=Adam(), dtype="float64")
"""The training of an estimator for which nothing else is set; it computes in float32 if X is float32."""

NAMES_IN_MLP = {
    "alpha": "regularizer",
    "beta_1": "optimizer__beta1",
    "beta_2": "optimizer__beta2",
    "epsilon": "optimizer__epsilon",
    "learning_rate": "eta",
    "learning_rate_init": "eta",
    "loss": "cost",
    "max_iter": "epochs",
    "momentum": "optimizer",
    "nesterovs_momentum": "optimizer",
    "shuffle": "training__order",
    "solver": "optimizer",
}
"""Parameters of scikit-learn's MLPClassifier, and the parameters that mean the same here."""

OF_TRAINING = ("epochs", "batch_size", "eta", "optimizer", "regularizer")
"""The parameters that are fields of the training."""


def name_or(names: Sequence[str], constraint: Constraint) -> Constraint:
    """Accept one of several names, or what the constraint accepts.

    >>> name_or(["he"], INITIALIZER).expected
    "'he', or an initializer such as He()"
    """
    known = one_of(*names)
    return Constraint(
        f"{known.expected}, or {constraint.expected}", lambda value: known.accepts(value) or constraint.accepts(value)
    )


def _is_sizes(value: Any) -> bool:
    sizes = [value] if isinstance(value, Integral) else value
    several = isinstance(sizes, (Sequence, np.ndarray)) and not isinstance(sizes, str)
    return several and all(map(whole(1).accepts, sizes))


def _is_random_state(value: Any) -> bool:
    return value is None or isinstance(value, np.random.RandomState) or whole(0, 2**32 - 1).accepts(value)


@dataclass(eq=False, repr=False)
class Parameters(BaseEstimator):  # type: ignore[misc] # scikit-learn has no types
    """The parameters that all estimators have; see :class:`NetworkClassifier`."""

    hidden_layer_sizes: int | Sequence[int] = (100,)
    activation: str | Activation = "relu"
    _: KW_ONLY
    layers: Sequence[Layer] | None = None
    network: Network | None = None
    initializer: str | Initializer = "glorot"
    cost: str | Cost | None = None
    training: Training | None = None
    epochs: int | None = None
    batch_size: int | None = None
    eta: float | Schedule | None = None
    optimizer: Optimizer | None = None
    regularizer: Regularizer | None = None
    tol: float | None = 1e-4
    n_iter_no_change: int = 10
    early_stopping: bool = False
    validation_fraction: float = 0.1
    warm_start: bool = False
    random_state: int | RandomState | None = None
    engine: str = "auto"
    n_jobs: int | None = None
    verbose: bool = False

    constraints: ClassVar[Constraints] = {
        "hidden_layer_sizes": Constraint(
            "a whole number of at least 1, or several of them, such as (100, 50)", _is_sizes
        ),
        "activation": name_or([*ACTIVATIONS, *SYNONYMS], instance(Activation, "an activation such as Tanh()")),
        "layers": optional(instance((list, tuple), "a list of layers such as [Dense(30), Sigmoid(), Dropout(0.5)]")),
        "network": optional(instance(Network, "a Network such as Network.dense([64, 30, 10])")),
        "initializer": name_or([*INITIALIZERS], INITIALIZER),
        "cost": optional(name_or([*COSTS], COST)),
        "training": optional(instance(Training, "a Training such as Training(epochs=30, eta=0.5)")),
        **{name: optional(Training.constraints[name]) for name in OF_TRAINING if name != "regularizer"},
        "regularizer": Training.constraints["regularizer"],
        "tol": optional(number(0)),
        "n_iter_no_change": whole(1),
        "early_stopping": true_or_false(),
        "validation_fraction": number(above=0, below=1),
        "warm_start": true_or_false(),
        "random_state": Constraint("a whole number from 0 to 4294967295, a RandomState, or None", _is_random_state),
        "engine": one_of(*ENGINES),
        "n_jobs": Constraint("a whole number other than 0, or None", lambda n: n is None or (_is_whole(n) and n != 0)),
        "verbose": Constraint("True or False", lambda value: isinstance(value, (bool, np.bool_, Integral))),
    }

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the parameters by their names, and those within records by paths such as ``layers__0__n_out``.

        Args:
            deep: False to leave out those within records.
        """
        own: dict[str, Any] = super().get_params(deep=False)
        if not deep:
            return own
        values = {name: self._get_record(name) for name in own}
        inner = {f"{name}{SEPARATOR}{path}": v for name, value in values.items() for path, v in list_parameters(value)}
        return own | inner

    def set_params(self, **params: Any) -> Self:
        """Set parameters by their names, or within records by paths such as ``layers__0__n_out=30``.

        Raises :class:`InvalidArgument`, a ``ValueError``, for a name that the estimator does not have.
        """
        known = super().get_params(deep=False)
        for name in sorted(params, key=lambda name: SEPARATOR in name):
            parameter, _, path = name.partition(SEPARATOR)
            if parameter not in known:
                expected = f"a parameter of {type(self).__name__}, one of {', '.join(known)}"
                meant = NAMES_IN_MLP.get(parameter, "")
                remedy = f"did you mean {meant}?" if meant else ""
                raise InvalidArgument(argument=name, expected=expected, value=name, remedy=remedy)
            setattr(self, parameter, self._replace_part(name, params[name]) if path else params[name])
        return self

    def _replace_part(self, name: str, new: Any) -> Any:
        """Return a parameter with a new value at a path, such as ``layers__0__n_out``.

        Raises :class:`InvalidArgument` for a path that the parameter does not have.
        """
        parameter, _, path = name.partition(SEPARATOR)
        record = self._get_record(parameter)
        if not any(list_parameters(record)):
            expected = f"a record as {parameter}, which has parts: {self.constraints[parameter].expected}"
            raise InvalidArgument(argument=name, expected=expected, value=record, remedy=f"set {parameter} before")
        return replace_parameter(record, path, new, name)

    def _get_record(self, name: str) -> Any:
        """Return a parameter, or for None the record that it stands for."""
        value = getattr(self, name)
        if value is None and name == "training":
            return DEFAULTS
        if value is None and name in ("optimizer", "regularizer"):
            return getattr(self.training or DEFAULTS, name)
        return value

    def _check_parameters(self) -> None:
        """Raise :class:`InvalidArgument` for a parameter out of range, or two that exclude each other."""
        check_all(self.constraints, **{name: getattr(self, name) for name in self.constraints})
        if self.layers is not None and self.network is not None:
            raise InvalidArgument(
                argument="network", expected="None beside layers", value=self.network, remedy="give one of both"
            )
        if self.network is not None and self.cost is not None:
            raise InvalidArgument(
                argument="cost", expected="None beside a network, which has a cost", value=self.cost,
                remedy="give the network another cost",
            )  # fmt: skip

    def _choose_training(self, dtype: np.dtype, seed: int | None = None) -> Training:
        """Return the settings of the training, for X of a floating-point type.

        ``seed`` is that of the training to continue, whose random choices go on if none are fixed.
        """
        base = replace(DEFAULTS, dtype=str(dtype)) if self.training is None else self.training
        changes = {name: getattr(self, name) for name in OF_TRAINING if getattr(self, name) is not None}
        if self.training is None or self.random_state is not None:
            is_fixed = seed is None or isinstance(self.random_state, Integral)
            changes["seed"] = self._draw_seed() if is_fixed else seed
        return replace(base, **changes)

    def _draw_seed(self) -> int:
        """Return ``random_state`` if it is a number, and a random number otherwise."""
        if isinstance(self.random_state, Integral):
            return int(self.random_state)
        return int(check_random_state(self.random_state).randint(2**31))

    def _choose_execution(self) -> Execution:
        return Execution(engine=self.engine, threads=count_threads(self.n_jobs))


def count_threads(n_jobs: int | None) -> int:
    """Return the number of threads that ``n_jobs`` means: None is 1, −1 all cores.

    In a worker of joblib "all" are the worker's share, which joblib writes into ``OMP_NUM_THREADS``.

    >>> count_threads(None), count_threads(3)
    (1, 3)
    """
    threads = int(effective_n_jobs(n_jobs))
    share = os.environ.get("OMP_NUM_THREADS", "")
    return (
        min(threads, int(share)) if n_jobs is not None and n_jobs < 0 and share.isdecimal() and int(share) else threads
    )


def _is_whole(value: Any) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool)
