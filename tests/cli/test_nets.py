"""Networks by name and by file on the command line: settings in force, output, saved runs, resume."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import get_type_hints

import pytest
from tests.fields import has

from deltarule.cli.selection import change_recipe, select_network
from deltarule.core.costs import CrossEntropy, LabelSmoothing, LogLikelihood
from deltarule.core.distortions import Affine, Shift
from deltarule.core.initializers import Initializer
from deltarule.core.optimizers import SGD, Adam, ExponentialMovingAverage, Momentum
from deltarule.core.regularizers import L1, L2
from deltarule.core.schedules import Constant, Exponential, OneCycle
from deltarule.errors import InvalidArgument
from deltarule.recipes import RECIPES, Output, Recipe
from deltarule.recipes.notation import parse_object
from deltarule.recipes.recipe import Part
from deltarule.training import Training

from .conftest import change_words

ROOT = Path(__file__).parent.parent.parent
BRIEF = ("train", "--data", "digits", "--engine", "numpy", "--epochs", "1", "--out", "run")
DOCUMENT = (ROOT / "docs" / "networks.md").read_text(encoding="utf-8")
FILES = re.findall(r"```toml\n(.*?)```", DOCUMENT, re.DOTALL)


def brief(*words: object) -> list[object]:
    """Return the words of a short training, with other words in place of its own."""
    return change_words(BRIEF, *words)


def settings_of(ran) -> dict[str, str]:
    return dict(re.findall(r"^  (\w+) +(.+)$", ran.out, re.MULTILINE))


def test_nets_lists_the_names(deltarule):
    ran = deltarule("nets")
    assert (ran.code, ran.err) == (0, "")
    assert re.findall(r"^([a-z0-9-]+) .* %", ran.out, re.MULTILINE) == list(RECIPES)
    rows = {row["name"]: row for row in deltarule("nets", "--json").json["nets"]}
    assert list(rows) == list(RECIPES)
    conv = rows["book-conv"]
    assert conv["parameters"] == 520 + 288_100 + 1010
    assert conv["multiplications_per_image"] == 500 * 24 * 24 + 2880 * 100 + 1000
    assert conv["flops_per_image"] == 2 * conv["multiplications_per_image"]
    assert conv["layers"][-1] == "Dense(10)"
    assert (rows["book-dropout"]["shifts"], rows["book-conv"]["shifts"]) == (1, 0)


MEASURED = {"accuracy": 0.98765, "spread": 0.0004, "seconds": 61.26, "seeds": [1, 2, 4], "on": "A [b] chip"}


@pytest.mark.parametrize("known", [None, MEASURED])
def test_nets_shows_the_accuracy_of_measured_networks(deltarule, monkeypatch, known):
    monkeypatch.setattr("deltarule.recipes.measurements.find_measurement", lambda name, recipe: known)
    ran = deltarule("nets")
    assert ("98.77 % ± 0.04" in ran.out) == ("61.3 s" in ran.out) == ("A [b] chip" in ran.out) == (known is not None)
    assert deltarule("nets", "--json").json["nets"][0]["reached"] == known


@pytest.mark.parametrize("width", [80, 100, 200])
def test_nets_marks_each_time_with_its_machine_if_there_are_several(deltarule, monkeypatch, width):
    others = {"best": {**MEASURED, "seconds": 1234.5, "on": "Z chip"}, "book-conv": None}
    found = "deltarule.recipes.measurements.find_measurement"
    monkeypatch.setattr(found, lambda name, recipe: others.get(name, MEASURED))
    monkeypatch.setattr("deltarule.cli.console.out.width", width)
    ran = deltarule("nets")
    assert {line.split()[0] for line in ran.out.splitlines() if line.endswith("61.3 s ¹")} == set(RECIPES) - set(others)
    assert re.search(r"^best .* 1,234\.5 s ²$", ran.out, re.MULTILINE)
    assert "\n  A [b] chip ¹\n  Z chip ²\n" in ran.out
    assert all(len(line.rstrip()) <= width for line in ran.out.splitlines())


def test_nets_toml_prints_a_file_that_trains_the_same_network(deltarule):
    Path("my.toml").write_text(deltarule("nets", "--toml", "book-conv").out, encoding="utf-8")
    shas = set()
    for net in ("my.toml", "book-conv"):
        ran = deltarule(*brief("--net", net, "--out", Path(net).stem, "--json"))
        assert ran.code == 0
        shas.add(ran.json["parameters_sha256"])
    assert len(shas) == 1
    assert deltarule("nets", "--toml", "book").code == 2
    assert deltarule("nets", "--toml", "book-conv", "--json").code == 2


def test_train_prints_and_saves_the_settings_in_force(deltarule):
    ran = deltarule(*brief("--net", "book-shallow", "--eta", 0.2, "--l2", 0.5, "--expand", "shifts", "--out", "run"))
    assert ran.code == 0
    assert "Recipe: book-shallow: One hidden layer" in ran.out
    assert settings_of(ran) == {
        "layers": "Dense(100), Sigmoid, Dense(10)",
        "cost": "LogLikelihood",
        "optimizer": "SGD, mini-batches of 10",
        "η": "0.2  (book-shallow has 0.1)",
        "regularizer": "L2(0.5)  (book-shallow has none)",
        "epochs": "1  (book-shallow has 60)",
        "augmentation": "5 times the images, by shifts of 1 px  (book-shallow has none)",
    }
    shown = deltarule("show", "run", "--json").json
    assert shown["settings"]["eta"] == {"type": "Constant", "value": 0.2}
    assert shown["settings"]["training_examples"] == 5 * 1197
    assert shown["notes"]["net"] == "book-shallow"
    assert shown["notes"]["changed"] == {"eta": "0.1", "regularizer": "none", "epochs": "60", "shifts": "none"}
    again = deltarule("train", "--resume", "run", "--epochs", 2)
    assert again.code == 0
    assert deltarule("show", "run", "--json").json["settings"]["training_examples"] == 5 * 1197
    assert "book-shallow" in deltarule("show", "run").out


ALL = """\
layers = ["Dense(20)", "Sigmoid", "Output"]
with_validation = true
"""


def test_with_validation_trains_on_the_validation_set(deltarule):
    Path("all.toml").write_text(ALL, encoding="utf-8")
    ran = deltarule(*brief("--net", "all.toml"))
    assert ran.code == 0
    assert settings_of(ran)["validation"] == "trained on as well: yes"
    result = json.loads(Path("run/run.json").read_text(encoding="utf-8"))["result"]
    assert (result["validation_accuracy"], result["best_epoch"]) == (None, None)
    settings = deltarule("show", "run", "--json").json["settings"]
    assert settings["training_examples"] == 1197 + 300
    assert settings["training_data"] == "digits training, with the validation examples"
    as_option = deltarule(*brief("--net", "64-20-10", "--with-validation", "--out", "option", "--json")).json
    assert as_option["parameters_sha256"] == result["parameters_sha256"]
    assert as_option["validation_accuracy"] is None


def test_with_validation_a_run_resumes_with_the_same_examples(deltarule):
    Path("all.toml").write_text(ALL, encoding="utf-8")
    whole = deltarule(*brief("--net", "all.toml", "--epochs", 2, "--out", "whole", "--json")).json
    deltarule(*brief("--net", "all.toml"))
    again = deltarule("train", "--resume", "run", "--epochs", 2, "--json")
    assert (again.code, again.json["epochs"], again.json["validation_accuracy"]) == (0, 2, None)
    assert again.json["parameters_sha256"] == whole["parameters_sha256"]
    assert deltarule("show", "run", "--json").json["settings"]["training_examples"] == 1197 + 300


def test_without_validation_changes_the_recipe(deltarule):
    Path("all.toml").write_text(ALL, encoding="utf-8")
    ran = deltarule(*brief("--net", "all.toml", "--without-validation", "--keep-best"))
    assert ran.code == 0
    assert settings_of(ran)["validation"] == "trained on as well: no  (all.toml has yes)"
    shown = deltarule("show", "run", "--json").json
    assert shown["settings"]["training_examples"] == 1197
    assert shown["notes"]["changed"] == {"epochs": "30", "with_validation": "yes"}
    assert 0 < shown["notes"]["result"]["validation_accuracy"] < 1


@pytest.mark.parametrize(
    "words", [("--keep-best",), ("--early-stopping", 3), ("--schedule", "halve:3")], ids=lambda words: words[0]
)
def test_a_validation_set_that_is_trained_on_cannot_be_watched(deltarule, words):
    Path("all.toml").write_text(ALL, encoding="utf-8")
    ran = deltarule(*brief("--net", "all.toml", *words))
    assert (ran.code, ran.out) == (2, "")
    assert f"error: {words[0]}: expected a validation set" in ran.err
    assert "add --without-validation, because all.toml" in ran.err
    by_option = deltarule(*brief("--with-validation", *words))
    assert by_option.code == 2
    assert f"error: {words[0]}: expected a validation set" in by_option.err
    assert "leave out --with-validation" in by_option.err
    assert not Path("run").exists()


def test_sizes_print_no_recipe(deltarule):
    ran = deltarule(*brief("--net", "64-20-10", "--eta", 0.2))
    assert settings_of(ran)["η"] == "0.2"
    assert "Recipe" not in ran.out


@pytest.mark.parametrize(
    ("net", "given", "eta"),
    [
        (None, {}, Constant(0.5)),
        (None, {"optimizer": "adam"}, Constant(0.001)),
        ("64-30-10", {"optimizer": "adam", "schedule": "exponential:0.5"}, Exponential(0.001, 0.5)),
        (None, {"optimizer": "adam", "eta": 0.5}, Constant(0.5)),
        (None, {"optimizer": "momentum"}, Constant(0.5)),
        ("book-shallow", {"optimizer": "adam"}, Constant(0.1)),
    ],
)
def test_the_default_eta_depends_on_the_optimizer(net, given, eta):
    assert select_network(net, given).recipe.training.eta == eta


def test_adam_learns_with_its_default_eta(deltarule):
    ran = deltarule(*brief("--epochs", 3, "--optimizer", "adam"))
    assert settings_of(ran)["η"] == "0.001"
    assert float(re.search(r"^Test: .*  (\d+\.\d+) %", ran.out, re.MULTILINE)[1]) > 50
    assert "default: 0.5, with adam 0.001" in " ".join(
        re.sub("[│╭╮╰╯─]", " ", deltarule("train", "--help").out).split()
    )


def test_the_folder_of_a_run_has_the_name_of_the_recipe(deltarule):
    words = ("train", "--data", "digits", "--epochs", "1", "--engine", "numpy", "--json")
    assert deltarule(*words, "--net", "book-shallow").json["out"] == "runs/digits-book-shallow-1"


def test_the_files_in_the_document_train(deltarule):
    assert len(FILES) == 2
    for number, text in enumerate(FILES):
        Path("my.toml").write_text(text, encoding="utf-8")
        ran = deltarule(*brief("--net", "my.toml", "--out", f"run-{number}"))
        assert (ran.code, ran.err) == (0, "")
    Path("my.toml").write_text(FILES[0].replace("Dense(100, He)", "Dence(100, He)"), encoding="utf-8")
    said = deltarule(*brief("--net", "my.toml")).err
    assert said.startswith(re.search(r"(error: my\.toml.*?), …", DOCUMENT)[1])


def test_the_python_in_the_document_runs(capsys):
    names: dict = {}
    exec(re.search(r"```python\n(.*?)```", DOCUMENT, re.DOTALL)[1], names)
    assert float(capsys.readouterr().out) == pytest.approx(
        float(re.search(r"# (0\.\d+), after", DOCUMENT)[1]), abs=0.02
    )
    assert repr(names["model"]) == "Model(64-100-10, Sigmoid, LogLikelihood; 20 epochs)"


def test_the_table_in_the_document_has_every_setting_and_every_name_with_its_fields():
    rows = re.findall(r"^\| (`[^|]+?) \| ([^|]+) \| [^|]+ \|$", DOCUMENT.partition("| setting |")[2], re.MULTILINE)
    hints = {**get_type_hints(Recipe), **get_type_hints(Training)}
    places = {name: hint for name, hint in hints.items() if name not in ("training", "constraints")}
    places |= {"layers": Part, "initializer": Initializer}
    shown = {setting: cell for key, cell in rows for setting in re.findall(r"`(\w+)`", key)}
    assert set(shown) == set(places)
    for place in ("layers", "initializer", "cost", "eta", "optimizer", "regularizer", "augmentation"):
        with pytest.raises(InvalidArgument) as fitting:
            parse_object("Nothing(1)", places[place])
        names = re.search(r"one of ([\w, ]+?)(?: or |$)", fitting.value.expected)[1].split(", ")
        said = dict(re.findall(r"`(\w+)(\([^`]*\))?`", shown[place]))
        assert sorted(said) == names
        for name, signature in said.items():
            expected = f"a field of {name}{signature}" if signature else f"{name} without fields"
            with pytest.raises(InvalidArgument, check=has(expected=expected)):
                parse_object(f"{name}(nothing=1)", places[place])


def test_the_commands_in_the_document_are_valid(tmp_path):
    Path("my.toml").write_text(FILES[0], encoding="utf-8")
    lines = [line.split("#")[0] for line in DOCUMENT.splitlines() if line.startswith("deltarule train")]
    assert len(lines) == 4
    for line in lines:
        words = shlex.split(line)
        assert select_network(words[words.index("--net") + 1], {}).recipe


WRONG = {
    "--net book-rel": ("did you mean book-relu?", 2),
    "--net absent.toml": ("absent.toml: the file could not be read: No such file", 1),
    "--net ''": ("--net: expected sizes such as 784-30-10", 2),
    "--net shifts.toml": ("error: shifts.toml, line 2: shifts: ", 1),
    "--net shifts.toml --expand shifts:pixels=8": (
        "error: --expand: ",
        1,
    ),
    "--expand shifts:pixels=8": ("error: --expand: ", 1),
    "--net .": (".: the file could not be read: Is a directory", 1),
    "--net book-conv --hidden relu": ("deltarule nets --toml book-conv > my.toml", 2),
    "--net book-conv --init he --dropout 0.2": ("--init and --dropout: expected a network given by sizes", 2),
    "--net book-relu": ("book-relu for examples of 8 × 8, layer 3: kernel of Conv: ", 1),
    "--data rows.csv --net fast-99": ("fast-99 for examples of 3 numbers, layer 0: input_shape of Conv: ", 1),
    "--net book-conv --mu 0.5": ("--mu: expected an optimizer with momentum, not sgd", 2),
    "--net book-conv --cost least": ("--cost: expected one of quadratic", 2),
    "--net book-conv --eta -1": ("error: --eta: expected a number of at least 0", 2),
    "--eta nan --schedule halve:3": ("error: --eta: expected a number of at least 0", 2),
    "--l1 -0.5": ("error: --l1: expected a number of at least 0, got -0.5", 2),
    "--l2 -1": ("error: --l2: expected a number of at least 0, got -1", 2),
    "--smoothing 1": ("error: --smoothing: expected a number of at least 0 and below 1", 2),
    "--average 1": ("error: --average: expected a number of at least 0 and below 1", 2),
    "--dropout 1": ("error: --dropout: expected a number of at least 0 and below 1", 2),
    "--optimizer momentum --mu 1.5": ("error: --mu: expected a number of at least 0 and below 1, got 1.5", 2),
    "--net my-momentum.toml --mu 1.5": ("error: --mu: expected a number of at least 0 and below 1, got 1.5", 2),
    "--schedule halve:0": ("error: --schedule: expected patience as", 2),
    "--schedule exponential:2": ("error: --schedule: expected rate as", 2),
    "--batch-size 10 --devices 4 --engine jax": ("error: --devices: expected at most 1", 2),
    "--batch-size 10 --devices 4 --processes 2 --coordinator a:1 --engine jax": (
        "error: --batch-size: expected a multiple of 8",
        2,
    ),
    "--expand twice": ("error: --expand: expected", 2),
    "--ensemble 0": ("--ensemble", 2),
    "--process 1": ("--process: expected a number below the number of processes, 1", 2),
    "--coordinator localhost:5000": ("--coordinator: expected", 2),
    "--processes 2": ('--coordinator: expected "host:port"', 2),
}


@pytest.mark.parametrize("words", WRONG)
def test_invalid_options_are_refused_before_a_folder_is_made(deltarule, words):
    said, code = WRONG[words]
    Path("shifts.toml").write_text('layers = ["Output"]\nshifts = 9', encoding="utf-8")
    Path("rows.csv").write_text("".join(f"{i % 3},{i},0.5,{-i}\n" for i in range(30)), encoding="utf-8")
    Path("my-momentum.toml").write_text('layers = ["Output"]\noptimizer = "Momentum"', encoding="utf-8")
    ran = deltarule(*brief(*shlex.split(words)))
    assert said in ran.err
    assert ran.code == code
    assert not Path("run").exists()


CHANGED = {
    "epochs": ("fast-99", {"epochs": 3}, {"epochs": 3}),
    "eta of a schedule": ("fast-99", {"eta": 0.02}, {"eta": OneCycle(0.02)}),
    "schedule": ("book-conv", {"schedule": "exponential:0.5"}, {"eta": Exponential(0.1, 0.5)}),
    "schedule and eta": ("fast-99", {"schedule": "constant", "eta": 0.3}, {"eta": Constant(0.3)}),
    "cost": ("fast-99", {"cost": "cross-entropy"}, {"cost": LabelSmoothing(CrossEntropy(), 0.1)}),
    "smoothing": ("fast-99", {"smoothing": 0.2}, {"cost": LabelSmoothing(LogLikelihood(), 0.2)}),
    "no smoothing": ("fast-99", {"smoothing": 0.0}, {"cost": LogLikelihood()}),
    "average": ("fast-99", {"average": 0.99}, {"optimizer": ExponentialMovingAverage(Adam(0.7, 0.9), 0.99)}),
    "optimizer": ("fast-99", {"optimizer": "momentum", "mu": 0.5}, {"optimizer": Momentum(0.5)}),
    "no lambda": ("book-relu", {"l2": 0.0}, {"regularizer": None}),
    "another lambda": ("book-relu", {"l1": 0.5}, {"regularizer": L1(0.5)}),
    "batch size": ("book-relu", {"batch_size": 50}, {"batch_size": 50}),
    "augmentation": ("book-dropout", {"expand": "shift:pixels=2"}, {"shifts": 0, "augmentation": Shift(2)}),
    "both": ("book-conv", {"expand": "shifts+affine:shift=1"}, {"shifts": 1, "augmentation": Affine(shift=1)}),
    "no augmentation": ("book-dropout", {"expand": "none"}, {"shifts": 0}),
    "nothing": ("book-relu", {}, {}),
}


@pytest.mark.parametrize("case", CHANGED)
def test_an_option_changes_its_setting_and_no_other(case):
    name, given, wanted = CHANGED[case]
    selection = select_network(name, given)
    before, after = ({**vars(recipe), **vars(recipe.training)} for recipe in (selection.base, selection.recipe))
    assert {name: value for name, value in after.items() if before[name] != value and name != "training"} == wanted
    assert set(selection.originals) == set(wanted)


def test_schedules_stretch_and_an_average_can_be_removed():
    base = Recipe(
        [Output()],
        training=Training(
            eta=Exponential(1.0, 0.25),
            epochs=10,
            optimizer=ExponentialMovingAverage(SGD(), 0.9),
            regularizer=L2(1.0),
        ),
    )
    now = change_recipe({"epochs": 20, "average": 0.0}, base).training
    assert (now.schedule, now.optimizer, now.regularizer) == (Exponential(1.0, 0.5), SGD(), L2(1.0))
    with pytest.raises(InvalidArgument) as refused:
        change_recipe({"mu": 0.5}, RECIPES["fast-99"])
    assert (refused.value.argument, "adam" in refused.value.expected) == ("--mu", True)


def test_an_ensemble_votes_and_resumes(deltarule):
    words = ("--net", "book-shallow", "--ensemble", 3, "--voting", "soft", "--seed", 4, "--expand", "shift:pixels=1")
    ran = deltarule(*brief(*words))
    assert (ran.code, ran.err) == (0, "")
    assert re.findall(r"^Seed (\d)  Epoch 1: ", ran.out, re.MULTILINE) == ["4", "5", "6"]
    assert ran.out.count("Right answers") == 1
    assert "by the soft vote of 3 networks; each alone: " in ran.out
    saved = json.loads(Path("run/run.json").read_text(encoding="utf-8"))["result"]
    assert saved["seeds"] == [4, 5, 6]
    assert len(saved["test_accuracy_of_each"]) == 3
    again = deltarule("train", "--resume", "run", "--epochs", 2, "--json")
    assert again.json["epochs"] == 2
    assert (again.json["seeds"], again.json["voting"]) == ([4, 5, 6], "soft")
    assert deltarule("evaluate", "run", "--json").json["accuracy"] == again.json["test_accuracy"]
    assert "4, 5, 6" in deltarule("show", "run").out


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("--voting", "soft"), "--voting: expected an ensemble; add --ensemble"),
        (("--voting", "loud", "--ensemble", 2), "--voting: expected 'hard' or 'soft', got 'loud'"),
    ],
)
def test_voting_needs_an_ensemble_and_a_known_vote(deltarule, words, reason):
    ran = deltarule(*brief("--net", "book-shallow", *words))
    assert ran.code != 0
    assert reason in " ".join(ran.err.split())
    assert not Path("run").exists()


def test_a_member_of_an_ensemble_is_the_run_with_its_seed(deltarule):
    one = deltarule(*brief("--seed", 4)).out
    three = deltarule(*brief("--seed", 3, "--ensemble", 2, "--out", "several")).out
    alone = re.search(r"^Epoch 1: +(\d+ / \d+)", one, re.MULTILINE)[1]
    assert re.search(rf"^Seed 4  Epoch 1: +{alone} ", three, re.MULTILINE)


@pytest.mark.parametrize(
    ("setting", "words", "where"),
    [
        ("keep_best = true", (), "my.toml, line 3: keep_best: "),
        ("validate_every = 5", (), "my.toml, line 3: validate_every: "),
        ("keep_best = true", ("--keep-best",), "--keep-best: "),
    ],
)
def test_a_setting_that_needs_validation_is_reported_by_its_place(deltarule, setting, words, where):
    text = f'layers = ["Output"]\nwith_validation = true\n{setting}\n'
    Path("my.toml").write_text(text, encoding="utf-8")
    ran = deltarule(*brief("--net", "my.toml"), *words)
    assert ran.code == 2
    assert f"error: {where}expected a validation set" in ran.err
    assert "add --without-validation" in ran.err


@pytest.mark.parametrize(
    ("words", "where"), [((), "my.toml, line 2: augmentation"), (("--expand", "affine:shift=1"), "--expand")]
)
def test_an_invalid_augmentation_is_reported_by_its_place(deltarule, words, where):
    Path("my.toml").write_text('layers = ["Output"]\naugmentation = "Shift(1)"\n', encoding="utf-8")
    Path("rows.csv").write_text("label,a,b\n" + "x,1,2\ny,2,1\n" * 20, encoding="utf-8")
    ran = deltarule("train", "--net", "my.toml", "--data", "rows.csv", "--out", "run", *words)
    assert ran.code == 2
    assert f"error: {where}: expected no augmentation" in ran.err
