"""Tables of users' own by the command: what is understood, learned, evaluated and answered, for each kind of table."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import chdir
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler

import deltarule as dr
from deltarule.data import load

from .conftest import here, show, train
from .table_cases import (
    TREES,
    make_colours,
    make_mixed_sizes,
    make_patients,
    make_prices,
    make_range,
    make_rare,
    make_trees,
    read,
    write,
)

ALL_RIGHT = 0.95


def answer(run: Path | str, table: Path | str, *words: object) -> list[list[str]]:
    """Answer the rows of a table by the command."""
    ran = here("predict", run, table, "--out", "answers.csv", *words)
    assert ran.code == 0, ran.err
    return read("answers.csv")


def refuse(*words: object) -> str:
    """Run the command, which must refuse, and return its error."""
    ran = here(*words)
    assert (ran.code in (1, 2), ran.out, ran.err.count("error: ")) == (True, "", 1)
    return ran.err


@pytest.fixture(scope="module")
def build(tmp_path_factory) -> Callable[..., tuple[Path, dict[str, Any]]]:
    """Return a function that trains a run once for all tests, and returns its folder and result."""
    place = tmp_path_factory.mktemp("runs")
    done: dict[str, tuple[Path, dict[str, Any]]] = {}

    def train_once(name: str, make: Callable[[], Path], *words: object) -> tuple[Path, dict[str, Any]]:
        if name not in done:
            with chdir(place):
                done[name] = (place / name, train(make(), *words, out=name).json)
        return done[name]

    return train_once


@pytest.fixture
def trees(build) -> Path:
    """Train a run on trees, with their heights and widths."""
    return build("trees", lambda: write("trees.csv", make_trees(), "species height width"), "--epochs", 30)[0]


@pytest.mark.parametrize("names", ["0 1 2 3", "2019 2020 2021 2022"])
def test_a_heading_of_numbers_is_a_heading(names):
    write("trees.csv", make_trees(columns=4, n=60), f"species {names}")
    shown = show("trees.csv")
    assert "180 rows: 4 columns of numbers" in shown
    assert "target species, 3 classes: ash (60), elm (60), oak (60)" in shown
    assert f"line 1 is the heading: species, {names.replace(' ', ', ')}" in shown


PATIENTS = "age_group m0 m1 m2 m3 m4 m5 ill"


def test_a_target_that_could_be_another_column_is_named_with_the_other():
    write("patients.csv", make_patients((0, 1)), PATIENTS)
    shown = show("patients.csv")
    assert "the target is column age_group, as the first (--label age_group)" in shown
    assert "if ill is meant, state --label ill" in shown
    assert "no better than always answering the commonest class" in shown
    write("named.csv", make_patients(("no", "yes")), PATIENTS)
    shown = show("named.csv", out="named")
    assert "the target is column ill, as the only column of words (--label ill)" in shown
    assert "if age_group is meant, state --label age_group" in shown


@pytest.mark.parametrize("label", ["ill", "last", "8"])
def test_the_target_may_be_stated_by_name_or_position(label):
    write("patients.csv", make_patients((0, 1)), PATIENTS)
    ran = train("patients.csv", "--label", label, "--epochs", 20)
    assert "target ill, 2 classes" in ran.err
    assert "if age_group is meant" not in ran.err
    assert ran.json["test_accuracy"] >= ALL_RIGHT


def test_a_label_that_is_no_column_is_refused_with_those_there_are():
    write("patients.csv", make_patients((0, 1), 30), PATIENTS)
    for label in ("sick", "9"):
        error = refuse("train", "--data", "patients.csv", "--label", label)
        assert "--label" in error
        assert repr(label) in error
        assert "age_group" in error


def test_a_model_prepares_rows_of_a_smaller_range_as_it_was_trained(build):
    make = lambda: write("wide.csv", make_range(200, 3000, 7), "above a b c d")  # noqa: E731 # one of a kind
    run, result = build("wide", make)
    rows = make_range(100, 300, 8)
    table = write("narrow.csv", rows, "above a b c d")
    found = here("evaluate", run, "--data", table, "--json").json
    assert min(result["test_accuracy"], found["accuracy"]) >= 0.98
    assert (found["examples"], found["part"]) == (300, "all")
    answers = answer(run, table, "--shares")
    model, x = dr.load(run), np.array([row[1:] for row in rows])
    labels = [model.classes[k] for k in model.predict(x)]
    assert [row[1] for row in answers] == labels
    assert np.mean([row[1] == str(own[0]) for row, own in zip(answers, rows, strict=True)]) == found["accuracy"]
    shares = np.array([row[2:] for row in answers], float)
    np.testing.assert_allclose(shares, np.concatenate([model.predict_proba(x[i : i + 1]) for i in range(300)]), 1e-5)
    assert answer(run, write("turned.csv", [row[::-1] for row in rows], "d c b a above")) == [r[:2] for r in answers]


def test_columns_of_different_sizes_are_learned_as_well_as_by_scikit_learn():
    table = write("sizes.csv", make_mixed_sizes(), "kind mass p q r")
    result = train(table).json
    training, _, test = load(table)
    scaler = StandardScaler().fit(training.x)
    reference = MLPClassifier((30,), max_iter=600, random_state=0)
    reference.fit(scaler.transform(training.x), training.y)
    assert result["test_accuracy"] >= max(0.85, reference.score(scaler.transform(test.x), test.y) - 0.02)


COMMAS = [[name, *(str(v).replace(".", ",") for v in values)] for name, *values in make_trees()]


@pytest.mark.parametrize(
    ("name", "rows", "delimiter", "note"),
    [
        ("a.csv", make_trees(), ";", "columns are separated by semicolons"),
        ("a.tsv", make_trees(), "\t", "columns are separated by tabs"),
        ("a.csv", COMMAS, ";", "the decimal mark is a comma"),
        ("a.csv.gz", make_trees(), ",", "line 1 is the heading"),
    ],
)
def test_tables_of_spreadsheets_are_read(name, rows, delimiter, note):
    write(name, rows, "species height width", delimiter)
    ran = train(name, "--epochs", 20)
    assert "120 rows: 2 columns of numbers (height, width); target species, 3 classes: ash (40)" in ran.err
    assert note in ran.err
    assert ran.json["test_accuracy"] >= ALL_RIGHT
    assert ran.json["data"] == "a"


def test_a_separator_may_be_stated_by_its_name():
    write("a.txt", make_trees(n=9), "species height width", ";")
    assert "27 rows: 2 columns of numbers" in show("a.txt", "--delimiter", "semicolon")
    assert "--delimiter: expected comma, semicolon, tab or space, got 'pipe'" in refuse(
        "train", "--data", "a.txt", "--delimiter", "pipe"
    )


def test_row_numbers_are_left_out_and_copied_before_the_answers():
    rows = [[i + 100, *row] for i, row in enumerate(make_trees())]
    ran = train(write("numbered.csv", rows, "id species height width"), "--epochs", 20)
    assert "2 columns of numbers (height, width)" in ran.err
    assert "column id (identifier) is left out" in ran.err
    assert ran.json["test_accuracy"] >= ALL_RIGHT
    assert [row[0] for row in answer("run", "numbered.csv")] == [str(row[0]) for row in rows]
    assert [row[0] for row in answer("run", "numbered.csv", "--id", "species")] == [row[1] for row in rows]
    error = refuse("predict", "run", "numbered.csv", "--id", "height")
    assert "--id: expected a column that is no input: id, species, got 'height'" in error
    error = refuse("predict", "run", "numbered.csv", "--id", "name")
    assert "--id: " in error
    assert "got 'name'; the names are id, species, height, width" in error


@pytest.mark.parametrize("names", [(1, 2, 3), (1, -1), (7, "A", "b"), ("007", "7"), ("NA", "none"), ("True", "False")])
def test_labels_are_shown_as_they_are_written(names):
    rows = make_trees(names)
    write("labels.csv", rows, "label height width")
    result = train("labels.csv", "--epochs", 20)
    written = {str(name) for name in names}
    assert f"{len(names)} classes: " in result.err
    assert all(f"{name} (40)" in result.err for name in written)
    assert result.json["test_accuracy"] >= ALL_RIGHT
    answers = [row[1] for row in answer("run", "labels.csv")]
    assert set(answers) == written
    assert np.mean([a == str(row[0]) for a, row in zip(answers, rows, strict=True)]) >= ALL_RIGHT


def test_evaluate_shows_the_labels_as_they_are_written():
    write("labels.csv", make_trees(("007", "A", "-1")), "label height width")
    train("labels.csv", "--epochs", 20)
    ran = here("evaluate", "run", "--part", "all")
    assert "Data: labels, all 120 rows" in ran.err
    assert "always answering -1: 33.33 %; balanced accuracy " in ran.out
    heading = next(line for line in ran.out.splitlines() if line.split()[-1:] == ["recall"])
    assert heading.split() == ["-1", "007", "A", "recall"]


def test_missing_values_are_refused_with_their_lines_and_the_ways_on():
    rows = [[name, "" if i % 30 == 3 else h, w] for i, (name, h, w) in enumerate(make_trees())]
    write("holes.csv", rows, "species height width")
    error = refuse("train", "--data", "holes.csv")
    assert "holes.csv, lines 5 (height), 35 (height), 65 (height), 95 (height): " in error
    assert "got 4 missing values in 4 rows" in error
    assert all(way in error for way in ("--missing drop", "--missing median", "--ignore height"))
    hole = write("hole.csv", [["", 4], [4, 4]], "height width")
    for way, news, first in (
        ("median", "4 missing values of column height are filled by the model", set(TREES)),
        ("drop", "4 rows with missing values are left out", {""}),
    ):
        ran = train("holes.csv", "--missing", way, "--epochs", 20, out=way)
        assert news in ran.err
        assert ran.json["test_accuracy"] >= 0.85
        answers = answer(way, hole)
        assert answers[0][1] in first
        assert answers[1][1] == "ash"
    ran = here("predict", "drop", hole)
    assert "1 of 2 rows have missing values and got no answer" in ran.err


def test_a_missing_value_where_the_training_set_had_none_is_refused(trees):
    error = refuse("predict", trees, write("hole.csv", [[4, 4], [4, ""]], "height width"))
    assert "hole.csv, line 3, column 'width'" in error
    assert "--missing median" in error


def test_words_become_inputs_and_unknown_words_are_named():
    rows = [[name, ("sand", "clay")[int(h > 4)], w] for name, h, w in make_trees()]
    write("soil.csv", rows, "species soil width")
    ran = train("soil.csv", "--epochs", 20)
    assert "1 column of words (soil: sand, clay)" in ran.err
    assert ran.json["test_accuracy"] >= 0.8
    assert dr.load("run").preprocessing.input_shape == (3,)
    peat = write("peat.csv", [["oak", "sand", 0], ["ash", "peat", 4]], "species soil width")
    for command in (["predict", "run", peat], ["evaluate", "run", "--data", peat]):
        error = refuse(*command)
        assert "peat.csv, line 3, column 'soil': expected a word of the training set (" in error
        assert "got 'peat'" in error
        assert "--unknown zeros" in error
    train("soil.csv", "--epochs", 20, "--unknown", "zeros", out="zeros")
    assert [row[1] for row in answer("zeros", peat)][1] in TREES


XOR = [[0, 0, 0], [1, 0, 1], [1, 1, 0], [0, 1, 1]]


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (2, 3, 4, 5))])
def test_a_small_network_learns_xor(seed):
    write("xor.csv", XOR, "y a b")
    ran = train("xor.csv", "--net", "2-4-2", "--seed", seed)
    assert (ran.code, ran.json["test_accuracy"], ran.json["split"]) == (0, 1.0, False)
    assert [row[1] for row in answer("run", "xor.csv")] == ["0", "1", "1", "0"]


def test_too_few_rows_to_divide_are_all_trained_on_and_the_result_says_so():
    write("xor.csv", XOR, "y a b")
    shown = show("xor.csv", "--net", "2-2-1", "--seed", 3)
    assert "training, validation and test: the same 4 rows" in shown
    assert "on the rows it was trained on" in shown
    assert "may be stuck" in shown or "no better" in shown or "4 / 4" in shown


def test_rare_classes_are_judged_by_more_than_accuracy():
    write("rare.csv", make_rare(), "rare a b c")
    ran = here("train", "--engine", "numpy", "--data", "rare.csv", "--epochs", 10, "--out", "plain")
    assert "always answering 0: 9" in ran.out
    assert "; balanced accuracy " in ran.out
    assert "no better than always answering the commonest class; for rare classes try --class-weights bal" in ran.out
    result = train("rare.csv", "--epochs", 10, "--class-weights", "balanced", out="weighted")
    assert "no better" not in result.err
    plain, weighted = (here("evaluate", run, "--part", "all", "--json").json for run in ("plain", "weighted"))
    recalls = [np.diag(found["confusion"]) / np.sum(found["confusion"], axis=1) for found in (plain, weighted)]
    assert recalls[1][1] > recalls[0][1] + 0.3
    assert weighted["balanced_accuracy"] == pytest.approx(recalls[1].mean())
    assert weighted["balanced_accuracy"] > plain["balanced_accuracy"] + 0.1
    assert plain["commonest"] == "0"
    assert plain["commonest_share"] == pytest.approx(np.mean([row[0] == 0 for row in make_rare()]))


def test_several_labels_are_learned_at_once():
    rows = make_colours()
    write("colours.csv", rows, "red green blue a b c")
    ran = train("colours.csv", "--label", "red,green,blue", "--epochs", 25)
    assert "3 labels, each 0 or 1: red (" in ran.err
    assert ran.json["test_accuracy"] >= 0.9
    found = here("evaluate", "run", "--json").json
    assert found["accuracy_of_each"].keys() == {"red", "green", "blue"}
    assert min(found["accuracy_of_each"].values()) >= max(ALL_RIGHT, found["accuracy"])
    answers = answer("run", "colours.csv")
    assert Path("answers.csv").read_text().startswith("row,red,green,blue\n1,")
    right = np.mean([row[1:] == list(map(str, own[:3])) for row, own in zip(answers, rows, strict=True)])
    assert right >= 0.9


@pytest.mark.parametrize("name", ["prices.csv", "prices.npz"])
def test_numbers_are_learned_in_their_own_units(name):
    rows = np.array(make_prices())
    if name.endswith("csv"):
        write(name, rows.tolist(), "price a b c d")
    else:
        np.savez(name, x=rows[:, 1:], y=rows[:, 0])
    ran = train(name)
    assert ran.json["test_r2"] >= 0.9
    assert "numbers from " in ran.err
    found = here("evaluate", "run", "--json").json
    assert (found["r2"], found["rmse"]) == (ran.json["test_r2"], ran.json["test_rmse"])
    if name.endswith("csv"):
        answers = np.array([row[1] for row in answer("run", name)], float)
        assert np.std(answers - rows[:, 0]) < 0.4 * np.std(rows[:, 0])
        np.testing.assert_array_equal(answers, dr.load("run").predict(rows[:, 1:]))


def test_a_cost_that_numbers_cannot_have_is_refused():
    write("prices.csv", make_prices(60), "price a b c d")
    error = refuse("train", "--data", "prices.csv", "--cost", "cross-entropy")
    assert "--cost: expected quadratic for a target of numbers, got 'cross-entropy'" in error


def test_names_in_an_array_are_labels():
    rows = make_trees(("cat", "dog", "owl"))
    np.savez("names.npz", x=np.array([row[1:] for row in rows]), y=np.array([row[0] for row in rows]))
    ran = train("names.npz", "--epochs", 20)
    assert "3 classes: cat (40), dog (40), owl (40)" in ran.err
    assert ran.json["test_accuracy"] >= ALL_RIGHT
    assert here("evaluate", "run", "--data", "names.npz", "--json").json["classes"] == ["cat", "dog", "owl"]


def test_missing_values_of_an_array_are_refused_left_out_or_filled():
    x = np.array([row[1:] for row in make_trees()])
    x[[3, 40], 1] = np.nan
    np.savez("holes.npz", x=x, y=np.arange(120) % 3)
    error = refuse("train", "--data", "holes.npz")
    assert "rows 3, 40, from 0: x: expected numbers, got missing values (NaN) in 2 rows" in error
    for way, n, news in (("drop", 118, "are left out"), ("median", 120, "are filled")):
        shown = show("holes.npz", "--missing", way, out=way)
        assert f"{n} rows: " in shown
        assert news in shown


@pytest.mark.parametrize("words", ["--label y", "--ignore a", "--inputs a", "--group a", "--test other.npz"])
def test_arrays_have_no_columns_to_name(words):
    np.savez("mine.npz", x=np.eye(30), y=np.arange(30) % 2)
    assert f"{words.split()[0]}: expected a table with columns, not arrays" in refuse(
        "train", "--data", "mine.npz", *words.split()
    )


def test_a_test_set_may_be_given_and_classes_are_matched_by_name():
    write("train.csv", make_trees(), "species height width")
    write("test.csv", [row[::-1] for row in make_trees(("ash", "oak"), n=10)], "width height species")
    shown = show("train.csv", "--test", "test.csv")
    assert "training 99, validation 21, test 20" in shown
    # there the first name has the numbers of oak, as here ash
    result = train("train.csv", "--test", "test.csv", "--epochs", 20).json
    assert result["test_accuracy"] <= 0.05
    error = refuse("train", "--data", "train.csv", "--test", write("b.csv", [["yew", 1, 2]], "species height width"))
    assert "b.csv, line 2" in error
    assert "'yew'" in error


def test_no_split_trains_on_all_rows():
    write("trees.csv", make_trees(), "species height width")
    ran = train("trees.csv", "--no-split", "--epochs", 20)
    assert "the same 120 rows" in ran.err
    assert (ran.json["split"], ran.json["validation_accuracy"] is not None) == (False, True)
    shown = show("trees.csv", "--no-split")
    assert "on the rows it was trained on" in shown


def test_rows_of_a_group_stay_together():
    rows = [[name, i // 6, *values] for i, (name, *values) in enumerate(make_trees())]
    write("trees.csv", rows, "species forest height width")
    ran = train("trees.csv", "--group", "forest", "--epochs", 5)
    assert "2 columns of numbers (height, width)" in ran.err
    parts = load("trees.csv", group="forest")
    forest = {(h, w): f for _, f, h, w in rows}
    forests = [{forest[tuple(x)] for x in part.x.tolist()} for part in parts]
    assert sum(map(len, forests)) == 20 == len(set.union(*forests))


def test_folds_train_a_run_for_each_part_of_the_rows():
    write("trees.csv", make_trees(n=20), "species height width")
    words = ("train", "--engine", "numpy", "--data", "trees.csv", "--folds", 5, "--epochs", 10)
    ran = here(*words, "--out", "folds")
    assert ran.out.count("48 rows to train on, 12 to test on") == 5
    assert "standard deviation" in ran.out
    found = here(*words, "--out", "again", "--json").json
    assert len(found["folds"]) == 5
    assert found["mean"]["accuracy"] == pytest.approx(np.mean([fold["accuracy"] for fold in found["folds"]]))
    assert found["mean"]["accuracy"] >= 0.9
    for fold in (1, 5):  # evaluated and resumed on its own rows
        again = here("evaluate", f"again/fold-{fold}", "--json").json
        assert (again["examples"], again["accuracy"]) == (12, found["folds"][fold - 1]["accuracy"])
    ran = here("train", "--resume", "folds/fold-5", "--epochs", 11)
    assert "on rows it never saw" in ran.out
    assert "12" in ran.out


def test_rows_without_labels_are_answered_in_the_form_of_a_competition():
    digits = load("digits")[0]
    x, y = digits.x.reshape(-1, 64).astype(int), digits.y
    names = [f"pixel{i}" for i in range(64)]
    write("train.csv", np.column_stack([y, x])[:900].tolist(), "label " + " ".join(names))
    ran = train("train.csv", "--epochs", 10)
    assert "images of 8×8" in ran.err
    assert ran.json["test_accuracy"] >= 0.8
    write("test.csv", x[900:, ::-1].tolist(), " ".join(names[::-1]))
    assert here("predict", "run", "test.csv", "--out", "plain.csv", "--headings", "ImageId,Label").code == 0
    answers = read("plain.csv")
    assert Path("plain.csv").read_text().startswith("ImageId,Label\n1,")
    assert [row[0] for row in answers] == [str(i + 1) for i in range(len(x) - 900)]
    assert np.mean([int(row[1]) for row in answers] == y[900:]) >= 0.85
    with_shares = answer("run", "test.csv", "--headings", "ImageId,Label", "--shares")
    assert Path("answers.csv").read_text().startswith("ImageId,Label,0,1,2,3,4,5,6,7,8,9\n")
    assert [row[:2] for row in with_shares] == answers
    shares = np.array([row[2:] for row in with_shares], float)
    assert shares.argmax(axis=1).tolist() == [int(row[1]) for row in answers]


def test_rows_that_repeat_stay_in_one_set_and_are_counted():
    rows = make_trees(n=10)
    write("often.csv", [row for row in rows for _ in range(6)], "species height width")
    ran = train("often.csv")
    assert "150 rows repeat others: repeats stay in one set" in ran.err
    assert ran.json["repeated"] == 0
    write("binary.csv", [[i % 3 % 2, i % 2, i // 2 % 2] for i in range(60)], "y a b")
    shown = show("binary.csv", out="binary")
    assert "56 rows repeat others, as the values of the columns allow only 4 different inputs: repeats may " in shown
    assert "the same inputs have different labels in 60 rows: at most " in shown
    assert "of the test set have the same inputs as rows of the training set" in shown
    ran = here("train", "--engine", "numpy", "--epochs", 1, "--data", "often.csv", "--folds", 3)
    assert "examples with the same inputs stay in one fold" in ran.out


def test_a_table_that_is_not_there_is_named(trees):
    assert "nowhere.csv: expected a file with a table, got no such file" in refuse("predict", trees, "nowhere.csv")
    new = write("new.csv", [[4, 4]], "height width")
    assert "expected one table at a time, got 2" in refuse("predict", trees, new, new)
    error = here("evaluate", trees, "--data", "digits").err
    assert "error: x of digits: expected examples of 2 numbers, shape (2,), as the model takes, got 64" in error


def test_columns_that_do_not_match_are_named(trees):
    for rows, heading, words in (
        ([[4, 4]], "height widht", ("width", "did you mean 'widht'", "widht")),
        ([[4, 4, 4]], "height width more", ("column more", "--ignore more")),
        ([[4, 4, 4]], "height width width", ("columns 2 and 3", "width")),
        ([["tall", 4]], "height width", ("line 2", "height", "tall")),
    ):
        error = refuse("predict", trees, write("new.csv", rows, heading))
        assert "new.csv" in error
        assert all(word in error.replace('"', "'") for word in words), error
    assert answer(trees, write("new.csv", [[4, 4, 0]], "height width more"), "--ignore", "more")[0][1] == "ash"
    twice = write("twice.csv", [["oak", 4, 4]] * 9, "species width width")
    assert "columns 2 and 3" in refuse("train", "--data", twice)


def test_a_class_that_the_model_does_not_know_is_named(trees):
    error = refuse(
        "evaluate", trees, "--data", write("yew.csv", [["oak", 0, 0], ["yew", 1, 1]], "species height width")
    )
    assert "yew.csv, line 3" in error
    assert "expected one of the classes of the training set, ash, elm, oak, got 'yew'" in error
    some = write("some.csv", make_trees(("oak", "ash"), n=9), "species height width")
    found = here("evaluate", trees, "--data", some, "--json").json
    assert (found["accuracy"], found["balanced_accuracy"], found["classes"]) == (1.0, 1.0, ["ash", "elm", "oak"])
