"""The second program's files: the book's format, exact, never incomplete, and checked field by field."""

from __future__ import annotations

import json

import numpy as np
import pytest
from tests.fields import has

from deltarule.book import network2
from deltarule.errors import FileError

from .conftest import seed


@pytest.fixture
def saved(tmp_path):
    seed(1)
    net = network2.Network([4, 3, 2], cost=network2.QuadraticCost)
    net.save(tmp_path / "net.json")
    return net, tmp_path / "net.json"


def test_a_saved_network_is_loaded(saved):
    net, path = saved
    again = network2.load(str(path))
    assert (again.sizes, again.num_layers, again.cost) == ([4, 3, 2], 3, network2.QuadraticCost)
    for ours, theirs in zip([*net.weights, *net.biases], [*again.weights, *again.biases], strict=True):
        assert np.array_equal(ours, theirs)
    again.update_mini_batch([(np.ones((4, 1)), np.ones((2, 1)))], 0.5)


def test_the_format_is_the_books(saved):
    _, path = saved
    content = json.loads(path.read_text())
    assert list(content) == ["sizes", "weights", "biases", "cost"]
    assert content["cost"] == "QuadraticCost"
    assert np.shape(content["weights"][0]) == (3, 4)
    assert np.shape(content["biases"][0]) == (3, 1)
    assert list(path.parent.iterdir()) == [path]


def test_a_failed_save_leaves_the_old_file(saved, tmp_path):
    net, path = saved
    before = path.read_bytes()
    net.weights[0][0, 0] = np.nan
    with pytest.raises(FileError, match="NaN", check=has(path=path)):
        net.save(path)
    assert path.read_bytes() == before
    with pytest.raises(FileError, match="could not be written"):
        network2.Network([2, 1]).save(tmp_path / "nowhere" / "net.json")


def test_a_cost_of_the_readers_is_found_by_name(tmp_path, monkeypatch):
    class Own(network2.CrossEntropyCost):
        pass

    network2.Network([2, 1], cost=Own).save(tmp_path / "own.json")
    with pytest.raises(FileError, check=has(argument="cost", value="Own")) as error:
        network2.load(tmp_path / "own.json")
    assert "QuadraticCost" in error.value.expected
    assert "network2.MyCost = MyCost" in error.value.remedy
    monkeypatch.setattr(network2, "Own", Own, raising=False)
    assert network2.load(tmp_path / "own.json").cost is Own


BROKEN = {
    "sizes missing": (lambda c: c.pop("sizes"), "", "without sizes"),
    "two missing": (lambda c: (c.pop("weights"), c.pop("cost")), "", "without weights, cost"),
    "sizes of text": (lambda c: c.update(sizes=["4", 3, 2]), "sizes", r"got \['4', 3, 2\]"),
    "one size": (lambda c: c.update(sizes=[4]), "sizes", r"\[4\]"),
    "huge sizes": (lambda c: c.update(sizes=[10**12, 10**12]), "number of weights", "expected 1, got 2"),
    "a layer too few": (lambda c: c["weights"].pop(), "number of weights", "expected 2, got 1"),
    "a row too few": (lambda c: c["weights"][1].pop(), "weights[1]", r"shape \(2, 3\).*got \(1, 3\)"),
    "ragged": (lambda c: c["weights"][0][1].pop(), "weights[0]", r"\(3, 4\)"),
    "flat biases": (lambda c: c["biases"].__setitem__(0, [1, 2, 3]), "biases[0]", r"got \(3,\)"),
    "text for numbers": (lambda c: c["biases"][1][0].__setitem__(0, "one"), "biases[1]", "numbers"),
    "a number in quotes": (lambda c: c["biases"][1][0].__setitem__(0, "1"), "biases[1]", r"shape \(2, 1\), got str$"),
    "true": (lambda c: c["weights"][0][1].__setitem__(0, True), "weights[0]", r"shape \(3, 4\), got bool$"),
    "NaN": (lambda c: c["biases"][1][0].__setitem__(0, float("nan")), "biases[1]", "finite numbers.*nan"),
    "another cost": (lambda c: c.update(cost="load"), "cost", "got 'load'"),
    "a cost that is no text": (lambda c: c.update(cost=[1]), "cost", r"got \[1\]"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_file_is_an_error_with_its_field(saved, what):
    _, path = saved
    content = json.loads(path.read_text())
    change, field, says = BROKEN[what]
    change(content)
    path.write_text(json.dumps(content))
    with pytest.raises(FileError, match=says, check=has(path=path, argument=field)):
        network2.load(path)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "JSON"),
        (b'{"sizes": [4', "JSON"),
        (b"[" * 100_000, "JSON"),
        (b"\xff\xfe", "JSON"),
        (b'{"sizes": [2, 1], "sizes": [3, 1]}', "sizes.* twice"),
        (b"[]", "network2"),
    ],
)
def test_another_file_is_an_error(tmp_path, content, says):
    (tmp_path / "net.json").write_bytes(content)
    with pytest.raises(FileError, match=says, check=has(path="net.json")):
        network2.load(tmp_path / "net.json")


def test_a_missing_file_is_an_error(tmp_path):
    with pytest.raises(FileError, check=has(path="net.json", value=None)):
        network2.load(tmp_path / "net.json")
