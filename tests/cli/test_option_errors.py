"""What is refused is told by the option that gave it; options are given once each."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.main import get_command

import deltarule
from deltarule.cli.app import app
from deltarule.cli.commands import Command, Group
from deltarule.cli.option_errors import build, given_by, part_of, refuse
from deltarule.cli.options import NAMES, option_of
from deltarule.core.regularizers import L2
from deltarule.errors import DataError, InvalidArgument

from .test_command import COMMANDS


def fields(error: InvalidArgument) -> tuple[object, ...]:
    return error.argument, error.owner, error.value, error.expected, error.remedy


def test_an_error_of_an_option_holds_its_fields():
    error = refuse("--mu", 0.5, "none with sgd", "leave it out")
    assert fields(error) == ("--mu", "", 0.5, "none with sgd", "leave it out")
    assert refuse("--mu", 0.5, "none with sgd").remedy == ""


def test_an_argument_is_told_by_the_option_that_gave_it():
    with pytest.raises(InvalidArgument) as refused, given_by("--l2", -1.0):
        L2(-2.0)
    assert fields(refused.value) == ("--l2", "", -1.0, "a number from 0", "")


def test_a_part_of_a_text_keeps_its_name():
    with pytest.raises(InvalidArgument) as refused, part_of("--expand", "shift:pixels=-1"):
        raise InvalidArgument(argument="pixels", owner="Shift", value=-1, expected="a number from 0")
    assert fields(refused.value) == ("--expand", "", "shift:pixels=-1", "pixels as a number from 0", "")


@pytest.mark.parametrize("told", [given_by, part_of])
def test_other_errors_stay_as_they_are(told):
    with pytest.raises(DataError) as raised, told("--data", "x"):
        raise DataError("none")
    assert (raised.value.problem, raised.value.argument) == ("none", "")


def test_an_option_makes_something_or_is_refused():
    assert build("--l2", 3.0, L2) == L2(3.0)
    with pytest.raises(InvalidArgument) as refused:
        build("--l2", -3.0, L2)
    assert (refused.value.argument, refused.value.value) == ("--l2", -3.0)


def test_arguments_have_the_names_of_options_that_there_are():
    every = {name for command in COMMANDS.values() for param in command.params for name in param.opts}
    assert set(NAMES.values()) <= every
    assert (option_of("checkpoint_every"), option_of("members"), option_of("x")) == (
        "--checkpoint-every",
        "--ensemble",
        "x",
    )


def test_no_error_below_the_command_names_an_option():
    source = Path(deltarule.__file__).parent
    naming = [
        f"{path.relative_to(source)}: {line.strip()}"
        for folder in ("core", "data", "engines", "models", "plotting", "recipes", "digit_strings", "training")
        for path in sorted((source / folder).rglob("*.py"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.search(r"[\"' (]--[a-z]", line) and not re.search("XLA_FLAGS|pip install", line)
    ]
    assert naming == []


def test_every_command_refuses_an_option_given_twice():
    assert all(isinstance(command, Command | Group) for command in COMMANDS.values())
    assert isinstance(get_command(app), Group)


@pytest.mark.parametrize(
    ("words", "option"),
    [
        ("train --eta=1 --eta 2", "--eta"),
        ("train --eta 1 --eta=1", "--eta"),
        ("train --json --json", "--json"),
        ("train --keep-best --eta 1 --keep-best", "--keep-best"),
        ("train --with-validation --without-validation", "--with-validation"),
        ("train --out --eta --eta 1 --out x", "--out"),
        ("find-eta --net 64-10 --net 64-20-10", "--net"),
        ("runs --json . --json", "--json"),
        ("experiments --json --json", "--json"),
        ("experiments run ch1/nand --jobs 1 --jobs=2", "--jobs"),
        ("data fetch mnist --json --json", "--json"),
        ("lab --port 0 --port 1", "--port"),
        ("lab export site --reader-only --reader-only", "--reader-only"),
    ],
)
def test_an_option_given_twice_is_refused(deltarule, words, option):
    ran = deltarule(*words.split())
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == f"error: {option}: expected once, got it 2 times; leave out all but one\n"
    assert not list(Path().iterdir())


@pytest.mark.parametrize("words", ["train -h -h", "train --help -h", "train --eta 1 --eta 2 -h", "-h -h"])
def test_help_is_given_as_often_as_it_is_asked_for(deltarule, words):
    ran = deltarule(*words.split())
    assert (ran.code, ran.err) == (0, "")
    assert "Usage: " in ran.out


def test_what_only_looks_like_an_option_may_stand_there_twice(deltarule, kept):
    ran = deltarule("runs", "--json", "--", "--json")
    assert (ran.code, "--json: expected a folder" in ran.err) == (1, True)
    Path("script.py").write_text("import sys; print(sys.argv[1:])")
    assert deltarule("book", "script.py", "--eta", "1", "--eta", "2").code == 0
    assert deltarule("show", kept, "--pictures", "--json", "--json").json["run"]  # a folder of this name


def test_an_option_that_collects_its_values_is_given_often(deltarule):
    ran = deltarule("experiments", "run", "ch1/nand", "--quick", "--set", "no=1", "--set", "nor=2")
    assert (ran.code, "expected once" in ran.err, "--set" in ran.err) == (2, False, True)
