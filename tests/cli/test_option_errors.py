"""Errors name the option that sets an argument; an option may be given once."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tests.fields import has
from typer.main import get_command

import deltarule
from deltarule.cli.app import app
from deltarule.cli.commands import Command, Group
from deltarule.cli.option_errors import build, option_error, phrase_error, report_as_option, report_as_part
from deltarule.cli.options import NAMES, find_option
from deltarule.core.constraints import check, optional, whole
from deltarule.core.regularizers import L2
from deltarule.errors import DataError, FileError, InvalidArgument

from .conftest import here
from .test_command import COMMANDS


def test_an_option_error_has_its_fields():
    error = option_error("--mu", 0.5, "no momentum", "leave it out")
    assert has(argument="--mu", owner="", value=0.5, expected="no momentum", remedy="leave it out")(error)
    assert option_error("--mu", 0.5, "no momentum").remedy == ""


def test_an_invalid_argument_is_reported_as_an_option():
    fields = has(argument="--l2", owner="", value=-1.0, expected="a number of at least 0", remedy="")
    with pytest.raises(InvalidArgument, check=fields), report_as_option("--l2", -1.0):
        L2(-2.0)


def test_an_invalid_part_of_a_text_keeps_its_name():
    fields = has(argument="--expand", owner="", value="shift:pixels=-1", expected="pixels as a number of at least 0")
    with pytest.raises(InvalidArgument, check=fields), report_as_part("--expand", "shift:pixels=-1"):
        raise InvalidArgument(argument="pixels", owner="Shift", value=-1, expected="a number of at least 0")


@pytest.mark.parametrize("report", [report_as_option, report_as_part])
def test_other_errors_do_not_change(report):
    with pytest.raises(DataError, check=has(problem="none", argument="")), report("--data", "x"):
        raise DataError("none")


def test_build_returns_an_object_or_names_the_option():
    assert build("--l2", 3.0, L2) == L2(3.0)
    with pytest.raises(InvalidArgument, check=has(argument="--l2", value=-3.0)):
        build("--l2", -3.0, L2)


def test_the_command_names_options_and_never_none():
    with pytest.raises(InvalidArgument) as raised:
        check("threads", 0, optional(whole(1)))
    assert phrase_error(raised.value) == "--threads: expected a whole number of at least 1, got 0"
    assert phrase_error(InvalidArgument(argument="eta", expected="a number", value=None)) == "--eta: expected a number"


def test_an_argument_in_a_file_keeps_its_name():
    for error in (
        InvalidArgument(argument="eta", path="my.toml", position="line 3", expected="a number", value="x"),
        FileError(argument="eta", path="my.toml", expected="a number", value="x"),
    ):
        assert "eta: expected a number, got 'x'" in phrase_error(error)
        assert "--eta" not in phrase_error(error)


@pytest.mark.parametrize("words", ["--threads 5000", "--coordinator a:1", "--processes 2", "--expand affine:shift=1"])
def test_no_error_of_an_option_names_none(deltarule, words):
    Path("rows.csv").write_text("label,a,b\n" + "x,1,2\ny,2,1\n" * 20, encoding="utf-8")
    ran = deltarule("train", "--data", "rows.csv", "--out", "run", *words.split())
    assert ran.code == 2
    assert "None" not in ran.err


def test_arguments_have_the_names_of_existing_options():
    every = {name for command in COMMANDS.values() for param in command.params for name in param.opts}
    assert set(NAMES.values()) <= every
    assert (find_option("checkpoint_every"), find_option("members"), find_option("path")) == (
        "--checkpoint-every",
        "--ensemble",
        "path",
    )


def test_no_module_below_the_command_names_an_option():
    source = Path(deltarule.__file__).parent
    lines = [
        f"{path.relative_to(source)}: {line.strip()}"
        for folder in ("core", "data", "engines", "models", "plotting", "recipes", "digit_strings", "training")
        for path in sorted((source / folder).rglob("*.py"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.search(r"[\"' (]--[a-z]", line) and not re.search("XLA_FLAGS|pip install", line)
    ]
    assert lines == []


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
def test_help_may_be_given_twice(deltarule, words):
    ran = deltarule(*words.split())
    assert (ran.code, ran.err) == (0, "")
    assert "Usage: " in ran.out


def test_arguments_that_look_like_options_may_be_given_twice(deltarule, kept):
    ran = deltarule("runs", "--json", "--", "--json")
    assert (ran.code, "--json: expected a folder" in ran.err) == (1, True)
    Path("script.py").write_text("import sys; print(sys.argv[1:])")
    assert deltarule("book", "script.py", "--eta", "1", "--eta", "2").code == 0
    assert deltarule("show", kept, "--pictures", "--json", "--json").json["run"]  # a folder of this name


def test_an_option_that_collects_its_values_may_be_given_twice(deltarule):
    ran = deltarule("experiments", "run", "ch1/nand", "--quick", "--set", "no=1", "--set", "nor=2")
    assert (ran.code, "expected once" in ran.err, "--set" in ran.err) == (2, False, True)


def test_remedies_about_data_are_options_that_mend_the_fault():
    x, y = np.random.default_rng(0).normal(size=(4, 30)), np.arange(30) % 2
    np.savez("across.npz", x=x, y=y)
    pd.DataFrame({"a": y * 1.5, "lists": [[1, 2]] * 30, "label": ["no", "yes"] * 15}).to_parquet("lists.parquet")
    for name, words in (("across.npz", ["--axis", 1]), ("lists.parquet", ["--ignore", "lists"])):
        refused = here("data", "show", name)
        assert refused.code == 1
        assert " ".join(map(str, words)) in " ".join(refused.err.split())
        assert here("data", "show", name, *words).code == 0
