"""The exported page of a model of a table: the same numbers as the library, and a form that names its problems."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page
from tests.fields import has

from deltarule import CrossEntropy, Dense, Linear, Network, Quadratic, Sigmoid, Tanh, fit
from deltarule.data import Bits, MultiLabel, OneHot, OneVsRest, Standardized
from deltarule.data.dataset import Dataset
from deltarule.data.schema import Column, Schema
from deltarule.errors import FileError, InvalidArgument
from deltarule.lab.export import export
from deltarule.lab.table_page import build_table_page
from deltarule.models.model import Model

SOILS = ("clay", "sand", "<b>peat</b> //SCRIPTS {{model}}")
COLUMNS = (Column("width"), Column("soil", SOILS), Column("income"), Column("same"))


def make_table(n: int, seed: int, holes: bool) -> np.ndarray:
    """Make random rows of the columns above, some with missing values."""
    random = np.random.default_rng(seed)
    x = np.stack(
        [random.normal(5, 0.3, n), random.integers(0, 3, n), random.normal(1e5, 3e4, n), np.full(n, 1 / 3)], axis=1
    )
    if holes:
        x[random.random(x.shape) < 0.1] = np.nan
    return x


def train(kind: str) -> Model:
    """Train a model with this kind of target."""
    x, random = make_table(300, 1, holes=kind == "labels"), np.random.default_rng(2)
    settings: dict[str, Any] = {"missing": "median", "unknown": "zeros"} if kind == "labels" else {}
    targets = ("price in €", "age") if kind == "two numbers" else ()
    schema, hidden, cost = Schema(COLUMNS, targets, **settings), [Dense(8), Sigmoid()], CrossEntropy()
    y, encoding, classes = random.integers(0, 3, 300), OneHot(3), ("ash", "elm", "<i>oak</i>")
    if kind == "labels":
        y, encoding = random.integers(0, 2, (300, 3)), MultiLabel(3)
    elif kind == "one label":
        encoding = OneVsRest(1)
    elif kind == "two numbers":
        y, encoding, classes = np.stack([1e4 + x[:, 2] / 7, -x[:, 0]], axis=1), Standardized(2), ()
        hidden, cost = [Dense(8), Tanh()], Quadratic(Linear())
    data = Dataset(x, y, "trees", None, classes, encoding, schema=schema)
    network = Network([*hidden, Dense(encoding.n_out)], cost, (6,))
    return fit(network, data, epochs=3, eta=0.1, seed=1, engine="numpy", dtype=DTYPES.get(kind, "float32"))


KINDS = ("classes", "labels", "one label", "two numbers", "float64")
DTYPES = {"float64": "float64"}


@pytest.fixture(scope="module")
def tables(browser: Browser) -> Iterator[Page]:
    """A page of a browser without internet."""
    context = browser.new_context(offline=True)
    page = context.new_page()
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    yield page
    context.close()
    assert problems == []


def show(page: Page, model: Model, folder: Path) -> None:
    """Open the page of a model."""
    path = folder / "form.html"
    path.write_text(build_table_page(model), encoding="utf-8")
    page.goto(path.as_uri())


def convert_rows(x: np.ndarray) -> list[list[Any]]:
    """Convert rows to cells of the page: numbers, words, and None for a missing value."""
    return [[None if np.isnan(v) else SOILS[int(v)] if i == 1 else v for i, v in enumerate(row)] for row in x.tolist()]


@pytest.mark.parametrize("kind", KINDS)
def test_the_page_answers_random_rows_as_the_library_does(kind: str, tables: Page, tmp_path: Path) -> None:
    model = train(kind)
    show(tables, model, tmp_path)
    x = make_table(500, 3, holes=kind == "labels")
    answers = np.array(tables.evaluate("(rows) => rows.map(window.computeAnswer)", convert_rows(x)))
    if kind == "two numbers":
        error = (answers - model.predict(x)) / np.array(model.encoding.deviation)
    else:
        error = answers - (model.outputs(x) if "label" in kind else model.predict_proba(x))
    assert answers.shape == (500, model.encoding.n_out)
    assert np.abs(error).max() < (1e-12 if kind == "float64" else 1e-6)


def test_the_form_starts_at_the_means_and_shows_the_answer(tables: Page, tmp_path: Path) -> None:
    model = train("classes")
    show(tables, model, tmp_path)
    means = [column.mean for column in model.preprocessing.inputs.columns if hasattr(column, "mean")]
    values = [float(field.input_value()) for field in tables.locator("input").all()]
    assert values == pytest.approx(means, rel=1e-2)
    assert tables.locator("select option").all_inner_texts() == sorted(SOILS)
    tables.locator("select").select_option("sand")
    tables.locator("input").nth(0).fill("4.7")
    x = np.array([[4.7, 1.0, *values[1:]]])
    (shares,) = model.predict_proba(x)
    assert tables.locator("#answer").inner_text() == model.classes[int(shares.argmax())]
    rows = [row.rsplit(None, 2) for row in tables.locator("#shares").inner_text().strip().splitlines()]
    assert [row[0].strip() for row in rows] == list(model.classes)
    assert [float(row[1]) for row in rows] == pytest.approx((100 * shares).tolist(), abs=0.06)
    tables.locator("#reset").click()
    assert [float(field.input_value()) for field in tables.locator("input").all()] == values


def test_an_empty_field_is_a_problem_that_names_its_column(tables: Page, tmp_path: Path) -> None:
    show(tables, train("classes"), tmp_path)
    income = tables.locator("input").nth(1)
    income.fill("")
    assert tables.locator(".problem").all_inner_texts() == ["", "", "income: expected a number, got an empty field", ""]
    assert tables.locator("#answer").inner_text() == "–"
    assert income.get_attribute("aria-invalid") == "true"
    income.press("Enter")
    income.press_sequentially("-e")
    assert tables.locator(".problem").all_inner_texts()[2] == "income: expected a number"
    income.fill("90000")
    assert "".join(tables.locator(".problem").all_inner_texts()) == ""
    assert tables.locator("#answer").inner_text() in ("ash", "elm", "<i>oak</i>")


def test_missing_values_and_other_words_are_answered_if_the_training_allows_them(tables: Page, tmp_path: Path) -> None:
    model = train("labels")
    show(tables, model, tmp_path)
    for field in tables.locator("input").all():
        field.fill("")
    for option, soil in (("(another word)", None), (f"(missing: {fill_of(model)} is used)", np.nan)):
        tables.locator("select").select_option(option)
        holes = Dataset(
            np.array([[np.nan, 0.0 if soil is None else soil, np.nan, np.nan]]),
            np.zeros((1, 3), int),
            encoding=MultiLabel(3),
            schema=Schema((COLUMNS[0], Column("soil", ("marsh",)), *COLUMNS[2:]), missing="median", unknown="zeros"),
        )
        (shares,) = model.outputs(holes)
        rows = [row.rsplit(None, 2) for row in tables.locator("#shares").inner_text().strip().splitlines()]
        assert [float(row[1]) for row in rows] == pytest.approx((100 * shares).tolist(), abs=0.06)
        named = [name for name, share in zip(model.classes, shares, strict=True) if share > 0.5]
        assert tables.locator("#answer").inner_text() == (", ".join(named) or "none")


def fill_of(model: Model) -> str:
    """Return the word that replaces a missing one."""
    return str(model.preprocessing.inputs.columns[1].fill)


def test_numbers_are_shown_in_their_units(tables: Page, tmp_path: Path) -> None:
    model = train("two numbers")
    show(tables, model, tmp_path)
    values = [float(field.input_value()) for field in tables.locator("input").all()]
    expected = model.predict(np.array([[values[0], 2.0, *values[1:]]]))[0]  # the first word, sorted
    names, shown = zip(*(part.split("\n") for part in tables.locator("#answer > div").all_inner_texts()), strict=True)
    assert names == ("price in €", "age")
    assert [float(text.replace(",", "")) for text in shown] == pytest.approx(expected.tolist(), rel=1e-3)
    assert tables.title() == "Predict price in €, age"


def test_a_model_of_a_table_is_exported_as_a_form(tmp_path: Path) -> None:
    train("classes").save(tmp_path / "model.safetensors")
    (path,) = export(tmp_path / "out", tmp_path / "model.safetensors", model_only=True)
    assert path == tmp_path / "out" / "form.html"
    with pytest.raises(FileError):
        list(export(tmp_path / "out", tmp_path / "model.safetensors", model_only=True))


def test_the_page_refuses_labels_that_it_cannot_show() -> None:
    data = Dataset(np.eye(4), np.arange(4), encoding=Bits(2), schema=Schema(tuple(map(Column, "abcd"))))
    model = fit(Network.dense([4, 2]), data, epochs=1, engine="numpy")
    with pytest.raises(InvalidArgument, check=has(argument="model", value=Bits(2))):
        build_table_page(model)
