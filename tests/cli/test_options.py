"""Each option of train sets its field of a record, and no other; its help gives the true default."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import pytest

from deltarule.cli.options import ALL, BASIC, OF_DATA, OF_EXECUTION, OF_RECIPE, OF_RUN, OF_SIZES, build_execution
from deltarule.cli.selection import change_recipe, select_network
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
"""A recipe whose settings all differ from the defaults."""

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
"""Settings of a training that no option changes."""

FILE_ALONE = {"layers", "about", "source", "training"}
"""Fields of a recipe that only its file sets, and the record whose fields the options set."""


def parse(words: str) -> dict[str, Any]:
    """Parse options as ``train`` receives them."""
    return COMMANDS["train"].make_context("train", words.split()).params


def get_option(words: str) -> str:
    return words.split()[0].removeprefix("--").replace("-", "_")


def read_help(deltarule, command: str, flag: str) -> str:
    """Return the help of a command as one line, without its frames."""
    return " ".join(re.sub("[│╭╮╰╯─]", " ", deltarule(command, flag).out).split())


def list_settings(recipe: Recipe) -> dict[str, Any]:
    return {**vars(recipe), **vars(recipe.training)}


def find_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in after.items() if name != "training" and value != before[name]}


def test_the_tables_have_a_row_for_each_option():
    assert {get_option(words) for words in SET} == set(OF_RECIPE)
    assert {get_option(words) for words in EXECUTED} == set(OF_EXECUTION)
    assert set(ALL) == {"net", *OF_DATA, *OF_RECIPE, *OF_SIZES, *OF_EXECUTION, *OF_RUN}


@pytest.mark.parametrize("words", SET)
def test_an_option_sets_its_field_and_no_other(words):
    now = change_recipe(parse(words), START)
    assert find_changes(list_settings(START), list_settings(now)) == SET[words]


@pytest.mark.parametrize("words", EXECUTED)
def test_an_execution_option_sets_its_field_and_no_other(words):
    given = parse(words)
    assert find_changes(vars(ELSEWHERE), vars(build_execution(given, ELSEWHERE))) == EXECUTED[words]
    assert change_recipe(given, START) == START


@pytest.mark.parametrize("words", SET)
def test_a_recipe_option_does_not_change_the_execution(words):
    assert build_execution(parse(words), ELSEWHERE) == ELSEWHERE


def test_no_option_changes_nothing():
    given = parse("")
    assert change_recipe(given, START) == START
    assert build_execution(given, ELSEWHERE) == ELSEWHERE
    assert build_execution(given) == Execution()


def test_every_field_has_an_option_unless_listed():
    reached = {name for changes in SET.values() for name in changes}
    assert {field.name for field in fields(Training)} - reached == PYTHON_ALONE
    assert {field.name for field in fields(Recipe)} - reached == FILE_ALONE
    assert {field.name for field in fields(Execution)} == {name for change in EXECUTED.values() for name in change}


@pytest.mark.parametrize(
    ("words", "same"),
    [
        ("", {}),
        ("--hidden tanh", {"hidden": "tanh"}),
        ("--init he", {"init": "he"}),
    ],
)
def test_sizes_options_set_the_layers(words, same):
    data = load("digits")[0]
    assert select_network("64-20-10", parse(words)).build_network(data) == Network.dense([64, 20, 10], **same)


def test_dropout_follows_each_hidden_layer():
    network = select_network("64-20-10", parse("--dropout 0.25")).build_network(load("digits")[0])
    plain = Network.dense([64, 20, 10]).layers
    assert network.layers == (*plain[:2], Dropout(0.25), *plain[2:])


DEFAULT = Recipe([Output()])


@pytest.mark.parametrize("name", [name for name in OF_RECIPE if OF_RECIPE[name].default is not None and name != "eta"])
def test_the_default_of_an_option_changes_nothing(name):
    base = DEFAULT if name != "mu" else change_recipe({"optimizer": "momentum"}, DEFAULT)
    assert change_recipe({name: OF_RECIPE[name].default}, base) == base


def test_the_help_gives_the_defaults_of_eta():
    etas = [select_network(None, parse(words)).recipe.training.schedule.value for words in ("", "--optimizer adam")]
    assert OF_RECIPE["eta"].default == f"{etas[0]}, with adam {etas[1]}"


def test_the_defaults_of_execution_are_those_of_the_record():
    defaults = {name: option.default for name, option in OF_EXECUTION.items() if name != "threads"}
    assert defaults == {name: value for name, value in vars(Execution()).items() if name != "threads"}


NO_DEFAULT = {"coordinator", "resume", "start", "ignore", "test", "class_weights", "group", "folds", "axis"}


@pytest.mark.parametrize("command", ["train", "find-eta"])
def test_help_gives_the_default_of_every_option_with_a_value(deltarule, command):
    flag = "--help-all" if command == "train" else "--help"
    text = read_help(deltarule, command, flag)
    options = {param.name: param for param in COMMANDS[command].params if not param.is_flag}
    for name in (options.keys() & ALL.keys()) - NO_DEFAULT:
        default = f"[default: {ALL[name].default}]"
        assert ALL[name].default is not None, name
        assert options[name].help.replace("\\[", "[").endswith(default), name
        assert default in text, name


def test_options_import_nothing_heavy():
    code = (
        "import sys, deltarule.cli.options; print(sorted({'numpy', 'jax', 'matplotlib', 'scipy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "[]\n"


PARAMETERS = {param.name: param for param in COMMANDS["train"].params}


def find_options(text: str) -> set[str]:
    """Find the options that have a row in the help of train."""
    return {name for name, param in PARAMETERS.items() if re.search(rf"{param.opts[0]}(?= )", text)}


def test_the_short_help_of_train_shows_the_basic_options_and_names_the_other_help(deltarule):
    text = read_help(deltarule, "train", "--help").partition(" Options ")[2]
    assert find_options(text) == BASIC
    assert len(BASIC - {"help_all"}) == 12
    assert "deltarule train --help-all" in text
    assert read_help(deltarule, "train", "-h").partition(" Options ")[2] == text


def test_the_full_help_of_train_shows_all_options_in_groups(deltarule):
    ran = deltarule("train", "--eta", "much", "--help-all")
    assert (ran.code, ran.err) == (0, "")
    text = read_help(deltarule, "train", "--help-all")
    assert find_options(text.partition(" Options ")[2]) == PARAMETERS.keys()
    for group in ("Learning", "Against overfitting", "Running and saving", "Several devices"):
        assert f" {group} --" in text
    assert "basic options" not in text
    assert read_help(deltarule, "train", "--help") != text  # the full help changes nothing for later calls
