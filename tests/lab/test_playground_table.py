"""The Playground's own tables: what is read, and messages that name the line of a problem."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect
from tests.lab.playground import Playground

from deltarule.lab.scripts import join_scripts

IRISES = "length,width,kind\n5.1,3.5,setosa\n6.2,2.9,versicolor\n7.7,3.0,virginica\n5.0,3.3,setosa\n"


@pytest.fixture(scope="module")
def read(browser: Browser) -> Iterator[Any]:
    """A function that reads a table with the page's module."""
    context = browser.new_context(offline=True)
    page = context.new_page()
    page.add_script_tag(
        content=join_scripts("playground/random.js", "playground/data_sets.js", "playground/table_reader.js")
    )
    yield lambda text: page.evaluate("(text) => readTable(text)", text)
    context.close()


PROBLEMS = {
    "": "expected lines such as 1.5, 2.0, a; got no text",
    "1,2": "line 1: expected 3 columns, two numbers and a class or a number, got 2",
    "a,b,c\n\n1,2,x\n1,2,x,y": "line 4: expected 3 columns, two numbers and a class or a number, got 4",
    "1,2,x": "expected at least 2 rows of data, got 1",
    "1,2,x\n3,four,y": "line 2, column 2: expected a number, got “four”",
    "1,2,x\n3,1e999,y": "line 2, column 2: expected a number, got “1e999”",
    "1,2,x\n3,4,": "line 2, column 3: expected a class or a number, got nothing",
    "1,2,x\n3,4,x": "column 3: expected at least 2 classes, got only “x”",
    "\n".join(f"1,2,{kind}" for kind in "abcdef"): "line 6, column 3: expected at most 5 classes, got a sixth, “f”",
    "1,2,x\n" * 2001: "line 2001: expected at most 2000 rows, got 2001",
    "1" * 1_500_000: "expected at most 1 MB of text, got 1.5 MB",
}


@pytest.mark.parametrize(("text", "problem"), PROBLEMS.items(), ids=map(str, range(len(PROBLEMS))))
def test_a_problem_names_its_line(text: str, problem: str, read: Any) -> None:
    assert read(text) == {"problem": problem}


def test_columns_are_scaled_and_classes_sorted(read: Any) -> None:
    table = read("﻿" + IRISES.replace("\n", "\r\n"))
    assert table["classNames"] == ["setosa", "versicolor", "virginica"]
    assert table["columns"][0] == {"name": "length", "low": 5, "high": 7.7}
    assert [point["x"] for point in table["points"]] == [-2.315, -0.278, 2.5, -2.5]
    assert [point["label"] for point in table["points"]] == [0, 1, 2, 0]


SAME = ("1;2;x\n3;4;y", "1\t2\tx\n3\t4\ty", "1 2 x\n3  4 y", '"1","2","x"\n"3","4","y"', "1,0;2,0;x\n3,0;4,0;y")


@pytest.mark.parametrize("text", SAME, ids=map(str, range(len(SAME))))
def test_separators_quotes_and_decimal_commas_are_read(text: str, read: Any) -> None:
    assert read(text) == read("1,2,x\n3,4,y")


def test_many_different_numbers_are_numbers_and_few_whole_ones_classes(read: Any) -> None:
    numbers = read("\n".join(f"{i},{i},{i}" for i in range(6)))
    assert (numbers["classes"], [point["label"] for point in numbers["points"]]) == (0, [-1, -0.6, -0.2, 0.2, 0.6, 1])
    assert numbers["columns"][2] == {"name": "y", "low": 0, "high": 5}
    assert read("1,2,0.5\n3,4,1")["classes"] == 0
    tens = read("1,2,10\n3,4,9\n5,6,10")
    assert (tens["classNames"], [point["label"] for point in tens["points"]]) == (["9", "10"], [1, 0, 1])


def test_a_pasted_table_is_learned_in_its_units(playground: Playground) -> None:
    playground.open()
    playground.click("Own table…")
    playground.find("#table-text").fill("1,2\n3,4")
    playground.click("Use this table")
    assert playground.read("#table-problem").startswith("line 1: expected 3 columns")
    playground.find("#table-text").fill(IRISES)
    playground.click("Use this table")
    expect(playground.find("#table-dialog")).to_be_hidden()
    assert playground.ask("[settings.data, run.problem.nOut]") == ["own", 3]
    assert playground.read("#axis-x").split() == ["4.73", "length", "7.97"]
    assert playground.page.get_by_role("radio", name="add points: setosa").count() == 1
    playground.page.get_by_role("application", name="The plane").press("ArrowRight")
    assert playground.read("#probe").startswith("At (6.4, 3.2): setosa 0.")
    playground.wait_until("location.hash.includes('about=')")
    playground.open(playground.page.evaluate("location.hash.slice(1)"))
    assert playground.read("#axis-x").split() == ["4.73", "length", "7.97"]


def test_a_file_is_read_and_escape_closes_the_dialog(playground: Playground, tmp_path: Path) -> None:
    playground.open()
    playground.click("Own table…")
    large, small = tmp_path / "large.csv", tmp_path / "small.csv"
    large.write_text("1,2,3\n" * 200_000)
    small.write_text("\n".join(f"{i},{-i},{i / 2}" for i in range(10)))
    playground.find("#table-file").set_input_files(large)
    expect(playground.find("#table-problem")).to_have_text("large.csv: expected at most 1 MB, got 1.2 MB")
    playground.find("#table-file").set_input_files(small)
    expect(playground.find("#table-text")).to_have_value(small.read_text())
    playground.page.keyboard.press("Escape")
    expect(playground.find("#table-dialog")).to_be_hidden()
    assert playground.ask("settings.data") == "circles"
    playground.click("Own table…")
    playground.click("Use this table")
    assert playground.ask("[run.problem.classes, run.problem.network.cost]") == [0, "quadratic-linear"]
