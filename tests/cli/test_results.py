"""What an accuracy is worth, wherever the command prints one, and the cause of a run that learned nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from .conftest import here
from .table_cases import make_colours, make_prices, make_rare, make_trees, write

TRAIN = ["train", "--engine", "numpy"]
LIKELIEST = "The likeliest cause: "


def make_noise(n: int = 300) -> list[list[object]]:
    rng = np.random.default_rng(1)
    return [[*rng.normal(size=3).round(3), "ab"[rng.integers(2)]] for _ in range(n)]


def train(rows: list[list[object]], names: str, *words: object, out: str = "run") -> str:
    write("mine.csv", rows, names)
    ran = here(*TRAIN, "--data", "mine.csv", "--out", out, *words)
    assert ran.code == 0
    return ran.out


def test_classes_have_an_interval_a_constant_answer_and_recalls_everywhere():
    shown = train(make_trees(n=60), "species height width", "--epochs", 10, "--keep-best")
    assert "after each epoch (always ash: 33.33 %):" in shown
    for text in (shown, here("demo", "--data", "digits").out):
        assert "95 % interval " in text
        assert "; always answering " in text
        assert "; balanced accuracy " in text
        assert "recall: " in text
    assert "with the parameters of epoch" in shown
    assert shown.count("95 % interval") == 2
    assert "no better" not in shown
    assert "luck" not in shown
    result = here("show", "run", "--json").json["notes"]["result"]
    low, high = result["test_interval"]
    assert low < result["test_accuracy"] <= high <= 1
    assert result["test_commonest_share"] == pytest.approx(1 / 3, abs=0.02)
    assert set(result["test_recall_of_each"]) == {"oak", "ash", "elm"}
    assert (result["warning"], result["causes"]) == (None, [])
    shown = here("show", "run").out
    assert all(name in shown for name in ("95 % interval", "commonest class", "balanced accuracy", "lowest recalls"))
    found = here("evaluate", "run", "--json").json
    assert found["interval"] == result["test_interval"]
    assert found["recall_of_each"] == result["test_recall_of_each"]
    shown = here("evaluate", "run").out
    assert "95 % interval " in shown
    assert "recall\n" in shown


def test_an_ensemble_has_intervals():
    write("trees.csv", make_trees(n=30), "species height width")
    found = here(*TRAIN, "--data", "trees.csv", "--ensemble", 2, "--epochs", 2, "--json").json
    assert len(found["test_interval_of_each"]) == 2
    assert len(found["test_interval"]) == 2


def test_folds_are_judged_together():
    write("trees.csv", make_trees(n=30), "species height width")
    words = (*TRAIN, "--data", "trees.csv", "--epochs", 8, "--folds", 3)
    assert "all folds together: 95 % interval " in here(*words).out
    found = here(*words, "--json").json["together"]
    assert found["interval"][0] > 0.8
    assert np.sum(found["confusion"]) == 90
    write("noise.csv", make_noise(), "a b c y")
    shown = here(*TRAIN, "--data", "noise.csv", "--epochs", 2, "--folds", 3).out
    assert LIKELIEST in shown


def test_numbers_are_compared_with_the_mean_and_the_median():
    shown = train(make_prices(300), "price a b c d", "--epochs", 20)
    assert "95 % interval of R² 0." in shown
    assert ", MAE " in shown.split("Test: R²")[1].splitlines()[0]
    assert "always answering the mean: R² 0, RMSE " in shown
    assert "; the median: MAE " in shown
    assert "always answering the mean: R² 0" in here("evaluate", "run").out
    found = here("evaluate", "run", "--json").json
    assert found["mae"] < found["median_mae"] <= found["mean_mae"] * 1.01
    rows = [[np.random.default_rng(i).normal(), *row[1:]] for i, row in enumerate(make_prices(300))]
    shown = train(rows, "price a b c d", "--epochs", 20, out="noise")
    assert "no better than always answering the mean" in shown or "may be luck: always answering the mean" in shown
    assert "The likeliest cause: the inputs seem to tell nothing of the target" in shown


def test_each_label_stands_beside_its_commonest_value():
    shown = train(make_colours(300), "red green blue a b c", "--label", "red,green,blue", "--epochs", 10)
    assert "each label (and its commonest value): red 9" in shown
    assert "always its commonest value" in here("evaluate", "run").out
    found = here("evaluate", "run", "--json").json
    assert 0.5 <= found["commonest_of_each"]["red"] < 0.7 < found["accuracy_of_each"]["red"]


def test_rare_classes_get_their_own_remedy():
    shown = train(make_rare(), "rare a b c", "--epochs", 10)
    assert "for rare classes try --class-weights balanced" in shown
    assert LIKELIEST not in shown


def test_labels_that_the_inputs_do_not_tell():
    shown = train(make_noise(), "a b c y", "--epochs", 3)
    assert "no better than always answering" in shown or "may be luck" in shown
    assert f"{LIKELIEST}the inputs seem to tell nothing of the label" in shown
    assert "always answering the commonest class" in here("evaluate", "run").err
    result = here("show", "run", "--json").json["notes"]["result"]
    assert result["warning"]
    assert len(result["causes"]) == 1


def test_another_column_that_is_the_label():
    rng = np.random.default_rng(2)
    x = rng.normal(size=(300, 4)).round(3)
    rows = [[rng.integers(10), *v, int(v[0] + v[1] > 0)] for v in x]
    shown = train(rows, "age a b c d ill", "--epochs", 3)
    assert f"{LIKELIEST}the inputs tell nothing of the label, but they tell column ill: another label may be" in shown
    assert "try --label ill" in shown


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--eta", 1e-6], "η is too small, or the epochs are too few; try --eta 0.0001 and --epochs "),
        (["--eta", 150, "--net", "2-30-30-3"], "units of layer 4 (Sigmoid) are saturated"),
    ],
)
def test_an_eta_that_is_too_small_or_too_large(words, said):
    shown = train(make_trees(n=60), "species height width", "--epochs", 3, *words)
    assert "no better than always answering the commonest class" in shown
    assert said in shown


def test_a_run_on_pictures_that_learns_nothing_says_so():
    rng = np.random.default_rng(3)
    for kind in ("light", "dark"):
        Path("pictures", kind).mkdir(parents=True)
        for i in range(60):
            Image.fromarray(rng.integers(0, 256, (6, 6), np.uint8)).save(f"pictures/{kind}/{i}.png")
    ran = here(*TRAIN, "--data", "pictures", "--epochs", 2, "--eta", 0.01)
    assert ran.code == 0
    assert "no better than always answering" in ran.out or "may be luck" in ran.out
    assert LIKELIEST in ran.out


def test_inputs_that_tell_nothing_are_counted_before_training():
    x = np.random.default_rng(4).integers(0, 256, (60, 5, 5), np.uint8)
    x[::3] = 9
    np.savez("blank.npz", x=x, y=np.arange(60) % 2)
    shown = here(*TRAIN, "--data", "blank.npz", "--epochs", 1).out
    assert "training images are blank: all their pixels are equal" in shown.split("layers")[0]
    np.savez("same.npz", x=np.ones((60, 4)), y=np.arange(60) % 2)
    shown = here(*TRAIN, "--data", "same.npz", "--epochs", 1).out
    assert "training rows have the same inputs" in shown.split("layers")[0]
    assert f"{LIKELIEST}all " in shown
    x = np.random.default_rng(4).normal(size=(60, 4))
    x[:, 1] = 3
    np.savez("column.npz", x=x, y=np.arange(60) % 2)
    shown = here(*TRAIN, "--data", "column.npz", "--epochs", 1).out
    assert "column 2 has one value in all training rows" in shown.split("layers")[0]


def test_few_test_rows_may_be_luck():
    rows = [["ab"[i % 2], i % 2 + np.random.default_rng(i).normal() * 1.2, 0.1 * i] for i in range(30)]
    shown = train(rows, "y a b", "--epochs", 20)
    assert "may be luck: always answering the commonest class is within the 95 % interval" in shown or (
        "no better than" in shown
    )
