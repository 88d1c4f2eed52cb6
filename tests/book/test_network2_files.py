"""The second program's files: the book's form, exact, whole or not at all, and checked field by field."""

from __future__ import annotations

import json

import numpy as np
import pytest

from deltarule.book import network2
from deltarule.errors import FileError

from .conftest import seed


@pytest.fixture
def saved(tmp_path):
    seed(1)
    net = network2.Network([4, 3, 2], cost=network2.QuadraticCost)
    net.save(tmp_path / "net.json")
    return net, tmp_path / "net.json"


def test_what_is_saved_is_loaded(saved):
    net, path = saved
    again = network2.load(str(path))
    assert (again.sizes, again.num_layers, again.cost) == ([4, 3, 2], 3, network2.QuadraticCost)
    for ours, theirs in zip([*net.weights, *net.biases], [*again.weights, *again.biases], strict=True):
        assert np.array_equal(ours, theirs)
    again.update_mini_batch([(np.ones((4, 1)), np.ones((2, 1)))], 0.5)


def test_the_form_is_the_books(saved):
    _, path = saved
    content = json.loads(path.read_text())
    assert list(content) == ["sizes", "weights", "biases", "cost"]
    assert content["cost"] == "QuadraticCost"
    assert np.shape(content["weights"][0]) == (3, 4)
    assert np.shape(content["biases"][0]) == (3, 1)
    assert list(path.parent.iterdir()) == [path]


def test_a_file_that_cannot_be_replaced_stays(saved, tmp_path):
    net, path = saved
    before = path.read_bytes()
    net.weights[0][0, 0] = np.nan
    with pytest.raises(FileError, match="nothing was written") as error:
        net.save(path)
    assert error.value.path == path
    assert path.read_bytes() == before
    with pytest.raises(FileError, match="could not be written"):
        network2.Network([2, 1]).save(tmp_path / "nowhere" / "net.json")


def test_a_cost_of_the_readers_is_found_by_its_name(tmp_path, monkeypatch):
    class Own(network2.CrossEntropyCost):
        pass

    network2.Network([2, 1], cost=Own).save(tmp_path / "own.json")
    with pytest.raises(FileError, match=r"network2.MyCost = MyCost") as error:
        network2.load(tmp_path / "own.json")
    assert (error.value.argument, error.value.value) == ("cost", "Own")
    assert error.value.expected == "'QuadraticCost' or 'CrossEntropyCost'"
    monkeypatch.setattr(network2, "Own", Own, raising=False)
    assert network2.load(tmp_path / "own.json").cost is Own


BROKEN = {
    "sizes missing": (lambda c: c.pop("sizes"), "", "none of sizes"),
    "two missing": (lambda c: (c.pop("weights"), c.pop("cost")), "", "none of weights, cost"),
    "sizes of text": (lambda c: c.update(sizes=["4", 3, 2]), "sizes", r"got \['4', 3, 2\]"),
    "one size": (lambda c: c.update(sizes=[4]), "sizes", r"two or more whole numbers from 1.*got \[4\]"),
    "huge sizes": (lambda c: c.update(sizes=[10**12, 10**12]), "number of weights", "expected 1, got 2"),
    "a layer too few": (lambda c: c["weights"].pop(), "number of weights", "expected 2, got 1"),
    "a row too few": (lambda c: c["weights"][1].pop(), "weights[1]", r"shape \(2, 3\).*got \(1, 3\)"),
    "ragged": (lambda c: c["weights"][0][1].pop(), "weights[0]", r"numbers in the shape \(3, 4\), got others"),
    "flat biases": (lambda c: c["biases"].__setitem__(0, [1, 2, 3]), "biases[0]", r"got \(3,\)"),
    "text for numbers": (lambda c: c["biases"][1][0].__setitem__(0, "one"), "biases[1]", "expected numbers"),
    "NaN": (lambda c: c["biases"][1][0].__setitem__(0, float("nan")), "biases[1]", "finite numbers.*nan.*diverged"),
    "another cost": (lambda c: c.update(cost="load"), "cost", "got 'load'"),
    "a cost that is no text": (lambda c: c.update(cost=[1]), "cost", r"got \[1\]"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_file_is_said_by_its_field(saved, what):
    _, path = saved
    content = json.loads(path.read_text())
    change, field, says = BROKEN[what]
    change(content)
    path.write_text(json.dumps(content))
    with pytest.raises(FileError, match=says) as error:
        network2.load(path)
    assert (error.value.path, error.value.argument) == (path, field)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "expected a JSON file, .*save the network again"),
        (b'{"sizes": [4', "expected a JSON file"),
        (b"[" * 100_000, "expected a JSON file"),
        (b"\xff\xfe", "expected a JSON file"),
        (
            b'{"sizes": [2, 1], "sizes": [3, 1]}',
            r"expected a JSON file, .*expected each name once, got .*sizes.* twice",
        ),
        (b"[]", "expected a network of network2's save"),
    ],
)
def test_what_is_no_such_file_is_said(tmp_path, content, says):
    (tmp_path / "net.json").write_bytes(content)
    with pytest.raises(FileError, match=rf"net\.json.*{says}"):
        network2.load(tmp_path / "net.json")


def test_no_file_is_said(tmp_path):
    with pytest.raises(FileError, match=r"net\.json: .*check that it is there"):
        network2.load(tmp_path / "net.json")
