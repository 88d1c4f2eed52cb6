"""Training and Execution: the values of their fields, and the keywords of fit for them."""

from __future__ import annotations

import inspect
import json
import os
import re
import subprocess
import sys
from dataclasses import FrozenInstanceError, dataclass, fields, replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from tests.fields import has

from deltarule.core.distortions import Chain, Elastic, Shift
from deltarule.core.network import Network
from deltarule.core.optimizers import Adam, ExponentialMovingAverage, Momentum
from deltarule.core.regularizers import L2
from deltarule.core.schedules import Constant, Exponential, OneCycle
from deltarule.data.order import AsGiven, Shuffled
from deltarule.engines.execution import Execution
from deltarule.errors import InvalidArgument
from deltarule.training.callbacks import Callback
from deltarule.training.ensembles import fit_ensemble
from deltarule.training.eta_range import find_eta
from deltarule.training.fit import fit
from deltarule.training.keywords import OF_EXECUTION, OF_TRAINING, SYNONYMS, split_keywords
from deltarule.training.training import Training

from .runs import TRAIN, about

WRONG = {
    Training: {
        "epochs": [0, -1, 1.5, "3", True, None],
        "batch_size": [0, 2.0, "10", None],
        "eta": [-0.1, float("nan"), float("inf"), "fast", True, None, Exponential],
        "optimizer": ["adam", None, Adam, object()],
        "regularizer": ["l2", 5.0, L2],
        "augmentation": ["shift", Shift, 1, lambda images, rng: images],
        "order": ["shuffled", None, Shuffled, lambda n, seed, epoch: np.arange(n)],
        "seed": [-1, 2**64, 1.0, None],
        "validate_every": [-1, 0.5, None],
        "keep_best": [1, "yes", None],
        "stop_if_not_finite": [0, "no", None],
        "dtype": ["float16", np.float32, None],
    },
    Execution: {
        "engine": ["torch", "", None],
        "threads": [0, 1025, 1.5, "2"],
        "devices": [0, 1.5, None],
        "processes": [0, "2", None],
        "process": [-1, 0.0, None],
    },
}

ROWS = [(record, name) for record, wrong in WRONG.items() for name in wrong]


@pytest.mark.parametrize(("record", "name"), ROWS, ids=lambda part: getattr(part, "__name__", part))
def test_every_field_refuses_invalid_values(record, name):
    for value in WRONG[record][name]:
        with pytest.raises(InvalidArgument, check=about(name, value)) as caught:
            record(**{name: value})
        assert caught.value.owner == record.__name__
        assert caught.value.expected == record.constraints[name].expected


@pytest.mark.parametrize("record", WRONG)
def test_every_field_has_a_constraint_and_a_valid_default(record):
    assert set(record.constraints) == set(WRONG[record])
    assert {field.name for field in fields(record)} - set(record.constraints) == (
        {"coordinator"} if record is Execution else set()  # which is checked together with processes
    )
    assert all(constraint.accepts(getattr(record(), name)) for name, constraint in record.constraints.items())


@pytest.mark.parametrize("coordinator", ["", "a", "a:", ":1", "a:0", "a:65536", "a:b", 5000, ("a", 1)])
def test_invalid_addresses_are_refused(coordinator):
    with pytest.raises(InvalidArgument, check=about("coordinator", coordinator)):
        Execution(coordinator=coordinator, processes=2)


def test_records_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        Training().epochs = 3  # type: ignore[misc]
    assert replace(Training(epochs=3), eta=0.25) == Training(eta=0.25, epochs=3)
    with pytest.raises(TypeError):
        Training(3)  # type: ignore[misc]


def test_numbers_of_numpy_become_numbers_of_python():
    numpy = Training(
        epochs=np.int64(3), batch_size=np.uint8(4), eta=np.float32(0.25), seed=np.int32(7), validate_every=np.int16(2)
    )
    python = Training(epochs=3, batch_size=4, eta=0.25, seed=7, validate_every=2)
    assert numpy == python
    for name in ("epochs", "batch_size", "seed", "validate_every"):
        assert type(getattr(numpy, name)) is int
    assert type(numpy.schedule.value) is float
    assert json.dumps(numpy.description) == json.dumps(python.description)


def test_an_execution_takes_numbers_of_numpy():
    numpy, python = Execution(threads=np.int64(2), devices=np.int64(1)), Execution(threads=2, devices=1)
    assert numpy == python
    assert [type(getattr(numpy, name)) for name in ("threads", "devices", "processes", "process")] == [int] * 4


@pytest.mark.parametrize("eta", [0.5, 1, np.float64(0.5), Constant(0.5)])
def test_a_number_becomes_a_constant_schedule(eta):
    assert Training(eta=eta).schedule == Training(eta=eta).eta == Constant(float(getattr(eta, "value", eta)))


@dataclass(frozen=True)
class Mine:
    """An augmentation of the user."""

    p: float = 0.5

    def __call__(self, images, rng):
        return images


RICH = Training(
    epochs=7,
    batch_size=3,
    eta=OneCycle(0.3),
    optimizer=ExponentialMovingAverage(Momentum(0.9), 0.99),
    regularizer=L2(0.1),
    augmentation=Chain([Shift(1), Elastic(4, 2), Mine(0.25)]),
    order=AsGiven(),
    seed=2**64 - 1,
    validate_every=5,
    keep_best=True,
    stop_if_not_finite=False,
    dtype="float64",
)


@pytest.mark.parametrize("training", [Training(), RICH], ids=["plain", "rich"])
def test_a_description_gives_the_same_training(training):
    description = json.loads(json.dumps(training.description))
    assert list(description) == [field.name for field in fields(Training)]
    assert Training.from_description(description, custom=[Mine]) == training


def test_a_damaged_description_is_refused():
    description = Training().description
    for name in description:
        with pytest.raises(LookupError, match=name):
            Training.from_description({other: value for other, value in description.items() if other != name})
    with pytest.raises(InvalidArgument, check=about("epochs")):
        Training.from_description({**description, "epochs": 0})


def test_vary_makes_one_training_for_each_value():
    assert Training(seed=3).vary(seed=range(3, 5)) == [Training(seed=3), Training(seed=4)]
    found = Training(epochs=2).vary(eta=(0.1, Exponential(0.5, 0.9)), regularizer=[None, L2(1.0)])
    assert found == [Training(epochs=2, eta=0.1), Training(epochs=2, eta=Exponential(0.5, 0.9), regularizer=L2(1.0))]
    assert Training().vary(seed=np.arange(2), eta=np.ones(2)) == Training().vary(seed=[0, 1], eta=[1.0, 1.0])


@pytest.mark.parametrize(
    "lists", [{}, {"seed": []}, {"seed": [1, 2], "eta": [0.1]}, {"seed": [], "eta": [0.1]}], ids=str
)
def test_vary_refuses_lists_of_different_lengths(lists):
    with pytest.raises(InvalidArgument) as caught:
        Training().vary(**lists)
    assert caught.value.value == {name: len(values) for name, values in lists.items()}


def test_vary_refuses_unknown_settings_and_invalid_values():
    with pytest.raises(InvalidArgument, check=about("seeds")):
        Training().vary(seeds=[1, 2])
    with pytest.raises(InvalidArgument, check=about("eta", -1)):
        Training().vary(eta=[0.5, -1])


# ---------------------------------------------------------------------------------------- keywords


def test_keywords_replace_fields():
    base, numpy = Training(epochs=5, seed=3), Execution(engine="numpy", threads=2)
    assert split_keywords("fit", None, None, {}) == (Training(), Execution())
    assert split_keywords("fit", base, numpy, {}) == (base, numpy)
    assert split_keywords("fit", base, numpy, {"eta": 0.1, "threads": 1}) == (
        replace(base, eta=0.1),
        replace(numpy, threads=1),
    )
    with pytest.raises(InvalidArgument, check=about("epochs", 0)):
        split_keywords("fit", base, numpy, {"epochs": 0})


SUGGESTIONS = {
    "lr": "eta",
    "learning_rate": "eta",
    "random_state": "seed",
    "n_epochs": "epochs",
    "max_iter": "epochs",
    "mini_batch_size": "batch_size",
    "weight_decay": "regularizer",
    "shuffle": "order",
    "n_jobs": "threads",
    "validation_data": "validation",
    "epoch": "epochs",  # misspelled names
    "optimiser": "optimizer",
    "seeds": "seed",
    "thread": "threads",
}


@pytest.mark.parametrize(("name", "suggestion"), SUGGESTIONS.items())
def test_other_names_get_a_suggestion(name, suggestion):
    for function in ("fit", "find_eta"):
        with pytest.raises(InvalidArgument, match=function, check=about(name, 1)) as caught:
            split_keywords(function, None, None, {"epochs": 1, name: 1})
        assert caught.value.remedy == f"did you mean {suggestion}?"


def test_unknown_names_get_a_list_of_all_arguments():
    with pytest.raises(InvalidArgument, check=about("zzz")) as caught:
        split_keywords("fit", None, None, {"zzz": 1})
    assert all(name in caught.value.remedy for name in OF_TRAINING + OF_EXECUTION)


def test_suggestions_are_arguments_of_fit():
    arguments = {name for name in SYNONYMS.values() if not name.startswith("Network.dense(")}
    assert arguments <= set(inspect.signature(fit).parameters)
    assert not set(SYNONYMS) & set(inspect.signature(fit).parameters)


@pytest.mark.parametrize("function", [fit, fit_ensemble, find_eta])
def test_the_signature_names_every_field_of_both_records(function):
    parameters = inspect.signature(function).parameters
    assert list(parameters)[:3] == ["network", "train", "training"]
    for record in (Training, Execution):
        for field in fields(record):
            found = parameters[field.name]
            assert found.kind is found.KEYWORD_ONLY
            assert found.default == field.default
    assert not any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values())


CALLS = """
from deltarule import Execution, Network, Training, fit
from deltarule.data import load
network, train = Network.dense([64, 10]), load("digits")[0]
fit(network, train, epochs=30, eta=0.5)
fit(network, train, Training(epochs=3), execution=Execution(engine="numpy"), seed=2, threads=1)
fit(network, train, epochs="3")
fit(network, train, lr=0.5)
"""


def test_a_type_checker_knows_the_keywords(tmp_path):
    (tmp_path / "calls.py").write_text(CALLS.lstrip())
    root = Path(__file__).parents[2]
    # with the settings and cache of the project's own check, so that its modules are not checked again
    ran = subprocess.run(
        [sys.executable, "-m", "mypy", "--no-error-summary", tmp_path / "calls.py"],
        cwd=root,
        env={**os.environ, "MYPYPATH": "src"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    errors = re.findall(r"calls\.py:(\d+): error: (.*)", ran.stdout)
    assert [line for line, _ in errors] == ["6", "7"], ran.stdout + ran.stderr
    assert 'Argument "epochs" to "fit" has incompatible type "str"; expected "int"' in errors[0][1]
    assert 'Unexpected keyword argument "lr" for "fit"' in errors[1][1]


def test_eta_takes_every_kind_of_number():
    assert Training(eta=Fraction(1, 2)).schedule == Training(eta=np.float32(0.5)).schedule == Constant(0.5)


@pytest.mark.parametrize("values", [0.1, "float32", {1, 2}, None, np.float64(1), np.array(1)])
def test_vary_refuses_values_that_are_not_lists(values):
    with pytest.raises(InvalidArgument, check=about("eta")):
        Training().vary(eta=values)


def test_only_classes_of_deltarule_get_the_advice_to_call_them():
    with pytest.raises(InvalidArgument, check=has(argument="dtype", remedy="")):
        Training(dtype=np.float32)
    with pytest.raises(InvalidArgument, check=has(argument="optimizer", remedy="write Adam()")):
        Training(optimizer=Adam)


def test_training_takes_booleans_and_texts_of_numpy():
    training = Training(keep_best=np.True_, stop_if_not_finite=np.False_, dtype=np.str_("float64"))
    assert (training.keep_best, training.stop_if_not_finite, training.dtype) == (True, False, "float64")
    assert {type(training.keep_best), type(training.stop_if_not_finite), type(training.dtype)} == {bool, str}


def test_schedules_and_callbacks_of_the_user_are_checked():
    class Listed(Constant):
        def eta(self, steps, clock, history):
            return [self.value] * len(steps)

    class Short(Constant):
        def eta(self, steps, clock, history):
            return np.full(1, self.value)

    class Wrong(Callback):
        every = "x"

    assert len(fit(Network.dense([16, 3]), TRAIN, epochs=1, eta=Listed(0.1), engine="numpy").history) == 1
    for arguments, argument in (({"eta": Short(0.1)}, "eta"), ({"callbacks": [Wrong()]}, "every")):
        with pytest.raises(InvalidArgument, check=about(argument)):
            fit(Network.dense([16, 3]), TRAIN, epochs=1, engine="numpy", **arguments)
