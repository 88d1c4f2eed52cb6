"""The commands with a network that the book's network2 saved as JSON."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from tests.fields import has

import deltarule as dr
from deltarule.book import network2
from deltarule.book.network2_model import read_model
from deltarule.data import Dataset, mnist
from deltarule.data.photo import AS_MNIST
from deltarule.errors import FileError

RNG = np.random.default_rng(3)


def save(name: str, sizes: list[int], cost: type = network2.CrossEntropyCost) -> network2.Network:
    net = network2.Network(sizes, cost=cost)
    net.save(name)
    return net


@pytest.mark.parametrize("cost", [network2.CrossEntropyCost, network2.QuadraticCost])
def test_a_saved_network_is_a_model_with_the_same_outputs(tmp_path, cost):
    net = save(str(tmp_path / "net.json"), [784, 12, 10], cost)
    model = read_model(tmp_path / "net.json")
    images = RNG.integers(0, 256, (5, 28, 28)).astype(np.uint8)
    expected = net.feedforward(images.reshape(5, 784).T / 256).T
    assert model.outputs(images) == pytest.approx(expected, abs=1e-12)
    data = [(image.reshape(784, 1) / 256, digit) for digit, image in enumerate(images)]
    found = model.evaluate(Dataset(images, np.arange(5), "some", 256.0))
    assert found["accuracy"] == net.accuracy(data) / 5
    assert found["cost"] == pytest.approx(net.total_cost(data, 0.0, convert=True))
    assert model.classes == tuple("0123456789")


@pytest.mark.slow
def test_evaluate_predict_show_and_train_take_it(deltarule):
    save("net.json", [784, 12, 10])
    images = RNG.integers(0, 256, (20, 28, 28)).astype(np.uint8)
    np.savez("own.npz", x=images, y=np.arange(20) % 10)
    ran = deltarule("evaluate", "net.json", "--data", "own.npz", "--json")
    assert ran.code == 0, ran.err
    assert ran.json["parameters_sha256"] == read_model(Path("net.json")).parameters_sha256
    assert deltarule("show", "net.json", "--json").json["preprocessing"] is not None
    page = np.full((90, 120), 200, np.uint8)
    page[20:60, 30:34] = 40
    from PIL import Image

    Image.fromarray(page).save("one.png")
    assert len(deltarule("predict", "net.json", "one.png", "--json").json["readings"]) == 1
    ran = deltarule(
        "train", "--from", "net.json", "--data", "own.npz", "--epochs", 1, "--eta", 0, "--out", "run", "--json"
    )
    assert ran.code == 0, ran.err
    assert dr.load("run").preprocessing.scale == 256


def test_other_sizes_need_the_data(deltarule):
    save("net.json", [64, 12, 10])
    ran = deltarule("evaluate", "net.json")
    assert (ran.code, ran.out) == (2, "")
    assert "--data: expected the name or path of the data" in ran.err
    test = dr.data.load("digits")[2]
    np.savez("own.npz", x=test.x.reshape(-1, 64) / 16, y=test.y)
    assert deltarule("evaluate", "net.json", "--data", "own.npz", "--json").json["examples"] == len(test)


@pytest.mark.parametrize("content", ["{}", "[1]", '{"sizes": [2, 1]}', '{"a"', '{"sizes": [2], "a": 1}'])
@pytest.mark.parametrize("command", ["evaluate", "show", "predict"])
def test_other_json_is_an_error(deltarule, command, content):
    Path("other.json").write_text(content)
    ran = deltarule(command, "other.json", *(["a.png"] if command == "predict" else []))
    assert (ran.code, ran.out) == (1, "")
    assert "other.json" in ran.err
    assert "Traceback" not in ran.err


def test_a_field_that_is_wrong_is_named(tmp_path):
    save(str(tmp_path / "net.json"), [4, 2])
    content = json.loads((tmp_path / "net.json").read_text())
    (tmp_path / "net.json").write_text(json.dumps({**content, "cost": "MyCost"}))
    with pytest.raises(FileError, check=has(argument="cost", value="MyCost", path="net.json")):
        read_model(tmp_path / "net.json")


def test_a_missing_file_is_an_error(deltarule):
    for words in (["evaluate", "no.json"], ["predict", "no.json", "a.png"], ["train", "--from", "no.json"]):
        ran = deltarule(*words)
        assert (ran.code, ran.out) == (1, "")
        assert "no.json" in ran.err


def test_a_network_of_the_book_is_evaluated_on_mnist(deltarule, monkeypatch):
    """The test images are divided by 256, as the book's file of MNIST has them."""
    images = RNG.integers(0, 256, (30, 28, 28)).astype(np.uint8)
    part = Dataset(images, np.arange(30) % 10, "mnist test", 255.0, tuple("0123456789"), style=AS_MNIST)
    monkeypatch.setattr(mnist, "load", lambda folder: (part, part, part))
    monkeypatch.setenv("DELTARULE_DATA", str(Path.cwd()))
    net = save("net.json", [784, 12, 10])
    data = [(image.reshape(784, 1) / 256, digit) for image, digit in zip(images, part.y, strict=True)]
    found = deltarule("evaluate", "net.json", "--json").json
    assert (found["data"], found["accuracy"]) == ("mnist", net.accuracy(data) / 30)
    assert found["cost"] == pytest.approx(net.total_cost(data, 0.0, convert=True))
