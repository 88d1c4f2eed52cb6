"""Each option of train against the field of a record that it sets: alone, once, and with the default that it says."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import pytest

from deltarule.cli.options import ALL, OF_EXECUTION, OF_RECIPE, OF_RUN, OF_SIZES, execution_by
from deltarule.cli.selection import choose, recipe_by
from deltarule.core.costs import COSTS, LabelSmoothing, LogLikelihood
from deltarule.core.distortions import Shift
from deltarule.core.layers import Dense, Dropout
from deltarule.core.network import Network
from deltarule.core.optimizers import Adam, ExponentialMovingAverage, Momentum
from deltarule.core.regularizers import L1, L2
from deltarule.core.schedules import Exponential, OneCycle
from deltarule.data import load
from deltarule.engines.execution import Execution
from deltarule.recipes import Output, Recipe
from deltarule.training import Training

from .test_command import COMMANDS

START = Recipe(
    [Dense(5), Output()],
    cost=LabelSmoothing(LogLikelihood(), 0.2),
    training=Training(
        epochs=7,
        batch_size=20,
        eta=OneCycle(0.3),
        optimizer=ExponentialMovingAverage(Momentum(0.5), 0.9),
        regularizer=L2(2.0),
        augmentation=Shift(2),
        seed=5,
        dtype="float64",
    ),
    shifts=1,
)
"""A recipe whose settings are none of the usual ones."""

SET: Mapping[str, Mapping[str, Any]] = {
    "--epochs 3": {"epochs": 3},
    "--optimizer adam": {"optimizer": ExponentialMovingAverage(Adam(), 0.9)},
    "--mu 0.7": {"optimizer": ExponentialMovingAverage(Momentum(0.7), 0.9)},
    "--schedule exponential:0.5": {"eta": Exponential(0.3, 0.5)},
    "--eta 0.1": {"eta": OneCycle(0.1)},
    "--batch-size 50": {"batch_size": 50},
    "--seed 9": {"seed": 9},
    "--cost quadratic": {"cost": LabelSmoothing(COSTS["quadratic"], 0.2)},
    "--l2 3": {"regularizer": L2(3.0)},
    "--l1 3": {"regularizer": L1(3.0)},
    "--smoothing 0.1": {"cost": LabelSmoothing(LogLikelihood(), 0.1)},
    "--average 0.99": {"optimizer": ExponentialMovingAverage(Momentum(0.5), 0.99)},
    "--with-validation": {"with_validation": True},
    "--expand shifts:pixels=2+shift:pixels=2": {"shifts": 2},
    "--expand shifts+shift:pixels=3": {"augmentation": Shift(3)},
    "--expand none": {"shifts": 0, "augmentation": None},
    "--keep-best": {"keep_best": True},
    "--dtype float32": {"dtype": "float32"},
}

ELSEWHERE = Execution(engine="jax", threads=2, devices=2, coordinator="a:1", processes=3, process=1)

EXECUTED: Mapping[str, Mapping[str, Any]] = {
    "--engine auto": {"engine": "auto"},
    "--threads 4": {"threads": 4},
    "--devices 3": {"devices": 3},
    "--coordinator b:2": {"coordinator": "b:2"},
    "--processes 5": {"processes": 5},
    "--process 2": {"process": 2},
}

PYTHON_ALONE = {"order", "validate_every", "stop_if_not_finite"}
"""Settings of a training that the command leaves as they are: objects of one's own, and means of looking closer."""

WRITTEN = {"layers", "about", "source", "training"}
"""Fields that a recipe's file holds, and the record that the options above set field by field."""


def parsed(words: str) -> dict[str, Any]:
    """The options as ``train`` receives them."""
    return COMMANDS["train"].make_context("train", words.split()).params


def option_in(words: str) -> str:
    return words.split()[0].removeprefix("--").replace("-", "_")


def settings(recipe: Recipe) -> dict[str, Any]:
    return {**vars(recipe), **vars(recipe.training)}


def differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in after.items() if name != "training" and value != before[name]}


def test_the_rows_are_those_of_the_table():
    assert {option_in(words) for words in SET} == set(OF_RECIPE)
    assert {option_in(words) for words in EXECUTED} == set(OF_EXECUTION)
    assert set(ALL) == {"net", *OF_RECIPE, *OF_SIZES, *OF_EXECUTION, *OF_RUN}


@pytest.mark.parametrize("words", SET)
def test_an_option_sets_its_field_and_no_other(words):
    now = recipe_by(parsed(words), START)
    assert differing(settings(START), settings(now)) == SET[words]


@pytest.mark.parametrize("words", EXECUTED)
def test_an_option_sets_where_it_runs_and_nothing_else(words):
    given = parsed(words)
    assert differing(vars(ELSEWHERE), vars(execution_by(given, ELSEWHERE))) == EXECUTED[words]
    assert recipe_by(given, START) == START


@pytest.mark.parametrize("words", SET)
def test_what_is_learned_decides_nothing_about_where(words):
    assert execution_by(parsed(words), ELSEWHERE) == ELSEWHERE


def test_without_options_nothing_is_set():
    given = parsed("")
    assert recipe_by(given, START) == START
    assert execution_by(given, ELSEWHERE) == ELSEWHERE
    assert execution_by(given) == Execution()


def test_every_field_has_an_option_or_none_on_purpose():
    reached = {name for changes in SET.values() for name in changes}
    assert {field.name for field in fields(Training)} - reached == PYTHON_ALONE
    assert {field.name for field in fields(Recipe)} - reached == WRITTEN
    assert {field.name for field in fields(Execution)} == {name for change in EXECUTED.values() for name in change}


@pytest.mark.parametrize(
    ("words", "same"),
    [
        ("", {}),
        ("--hidden tanh", {"hidden": "tanh"}),
        ("--init he", {"init": "he"}),
    ],
)
def test_sizes_have_the_layers_that_are_asked_for(words, same):
    data = load("digits")[0]
    assert choose("64-20-10", parsed(words)).network(data) == Network.dense([64, 20, 10], **same)


def test_dropout_stands_behind_each_hidden_layer():
    network = choose("64-20-10", parsed("--dropout 0.25")).network(load("digits")[0])
    plain = Network.dense([64, 20, 10]).layers
    assert network.layers == (*plain[:2], Dropout(0.25), *plain[2:])


USUAL = Recipe([Output()])


@pytest.mark.parametrize("name", [name for name in OF_RECIPE if OF_RECIPE[name].usual is not None and name != "eta"])
def test_the_default_that_an_option_says_changes_nothing(name):
    base = USUAL if name != "mu" else recipe_by({"optimizer": "momentum"}, USUAL)
    assert recipe_by({name: OF_RECIPE[name].usual}, base) == base


def test_the_defaults_of_eta_are_those_it_says():
    etas = [choose(None, parsed(words)).recipe.training.schedule.value for words in ("", "--optimizer adam")]
    assert OF_RECIPE["eta"].usual == f"{etas[0]}, with adam {etas[1]}"


def test_the_defaults_of_execution_are_those_of_the_record():
    usual = {name: option.usual for name, option in OF_EXECUTION.items() if name != "threads"}
    assert usual == {name: value for name, value in vars(Execution()).items() if name != "threads"}


NO_DEFAULT = {"coordinator", "resume"}


@pytest.mark.parametrize("command", ["train", "find-eta"])
def test_help_says_the_default_of_every_option_with_a_value(deltarule, command):
    told = " ".join(re.sub("[│╭╮╰╯─]", " ", deltarule(command, "--help").out).split())
    options = {param.name: param for param in COMMANDS[command].params if not param.is_flag}
    for name in (options.keys() & ALL.keys()) - NO_DEFAULT:
        default = f"[default: {ALL[name].usual}]"
        assert ALL[name].usual is not None, name
        assert options[name].help.replace("\\[", "[").endswith(default), name
        assert default in told, name


def test_options_import_nothing_heavy():
    code = (
        "import sys, deltarule.cli.options; print(sorted({'numpy', 'jax', 'matplotlib', 'scipy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "[]\n"
