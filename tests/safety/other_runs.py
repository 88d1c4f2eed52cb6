"""What is built on training: the book's programs, rows of digits, and the command."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
from PIL import Image

import deltarule as dr
from deltarule import digit_strings
from deltarule.book import network, network2, network3
from deltarule.recipes import Output, Recipe

from . import api
from .api import command, joined
from .table import FLOAT32, Arrays, named, some_digits


def digits_as_pairs(n: int) -> list[Any]:
    train = some_digits()[0].take(slice(n))
    x = train.x.reshape(n, -1, 1) / train.scale
    return list(zip(x, np.eye(10)[train.y][:, :, None], strict=True))


@named("the book's first program")
def _(folder: Path) -> Arrays:
    net = network.Network([64, 12, 10])
    net.SGD(digits_as_pairs(200), 2, 10, 3.0)
    return {"weights": api.book_weights(net), "outputs": joined(net.feedforward(x) for x, _ in digits_as_pairs(20))}


@named("the book's second program")
def _(folder: Path) -> Arrays:
    net = network2.Network([64, 12, 10], cost=network2.CrossEntropyCost)
    watched = {"monitor_training_cost": True, "monitor_training_accuracy": True}
    monitored = net.SGD(digits_as_pairs(200), 2, 10, 0.5, lmbda=1.0, **watched)
    return {"weights": api.book_weights(net), "monitored": joined(joined(one) for one in monitored if one)}


@named("the book's third program")
def _(folder: Path) -> Arrays:
    convolution = network3.ConvPoolLayer((4, 1, 3, 3), (10, 1, 8, 8), (2, 2), network3.ReLU)
    layers = [network3.FullyConnectedLayer(36, 12, network3.ReLU, 0.5), network3.SoftmaxLayer(12, 10, 0.5)]
    net = network3.Network([convolution, *layers], 10)
    train, validation = ((one.x.reshape(len(one), -1) / one.scale, one.y) for one in some_digits())
    with patch.object(network3, "GPU", False):
        net.SGD(train, 2, 10, 0.05, validation, validation, lmbda=0.1)
    return {"weights": api.book_weights(net), "answers": net.predict(validation)}


SMALL = Recipe(
    [dr.Dense(30), dr.ReLU(), Output()],
    dr.LogLikelihood(),
    dr.Training(eta=dr.schedules.OneCycle(0.005), optimizer=dr.Adam(), epochs=1, batch_size=32),
)


@named("a row of digits, drawn and read", FLOAT32)
def _(folder: Path) -> Arrays:
    train, validation = some_digits()
    reader = digit_strings.train_reader(train, n_rows=20, plan=SMALL, members=2)
    row = digit_strings.synthesize_strings(validation, 4, seed=8, lengths=(2, 3))[1]
    attempt = digit_strings.segment(row.image, reader)
    reading = attempt.to_reading()
    boxes = np.array([digit.box for digit in reading.digits])
    texts = [reading.text, *(text for text, _ in reading.others)]
    return {
        "parameters": api.parameters(reader),
        "picture": row.image,
        "pieces": attempt.images,
        "answers": attempt.scores,
        "texts": joined(list(text.encode()) for text in texts),
        "boxes": boxes,
    }


@named("the reader that comes with the library", FLOAT32)
def _(folder: Path) -> Arrays:
    row = digit_strings.synthesize_strings(some_digits()[1], 2, seed=3, lengths=(3,))[0]
    reading = digit_strings.read_string(row.image, digit_strings.load_reader())
    return {"text": np.array(list(reading.text.encode())), "sure": joined(d.probability for d in reading.digits)}


def drawn(folder: Path) -> list[Path]:
    """Pictures of two digits, dark on light."""
    paths = [folder / f"{i}.png" for i in range(2)]
    for path, image in zip(paths, some_digits()[1].x[:2], strict=True):
        large = np.kron(np.pad(255 - image * 15, 2, constant_values=255), np.ones((4, 4)))
        Image.fromarray(large.astype(np.uint8)).save(path)
    return paths


def told(folder: Path, *words: object) -> Any:
    """The JSON that a command prints; it must end well."""
    ran = command(folder, *words, "--json")
    assert ran.code == 0, ran.err
    return json.loads(ran.out)


SAME_EVERYWHERE = ("--dtype", "float64", "--engine", "numpy")

RESULTS = ("test_accuracy", "test_cost", "validation_accuracy", "best_test_accuracy")


def trained(folder: Path, *words: object) -> tuple[Arrays, Any]:
    """Train by the command, and look at the run by two others."""
    result = told(folder, "train", *words, "--data", "digits", "--threads", 1, "--out", "run")
    seen = told(folder, "evaluate", "run")
    read = told(folder, "predict", "run", *drawn(folder))["readings"]
    return {
        "parameters": api.parameters(dr.load(folder / "run")),
        "results": joined(result.get(name) for name in RESULTS),
        "evaluated": joined([seen["accuracy"], seen["cost"], np.array(seen["confusion"])]),
        "read": joined([*(list(one["probabilities"].values()) for one in read), [int(one["label"]) for one in read]]),
    }


@named("by the command: the recipe book-shallow", FLOAT32)
def _(folder: Path) -> Arrays:
    return trained(folder, "--net", "book-shallow", "--epochs", 1, "--engine", "numpy")


@named("by the command: the recipe book-conv", FLOAT32)
def _(folder: Path) -> Arrays:
    return trained(folder, "--net", "book-conv", "--epochs", 1, "--engine", "jax")


@named("by the command: options of every kind")
def _(folder: Path) -> Arrays:
    network = "--net 64-20-10 --hidden tanh --l2 1 --dropout 0.2 --smoothing 0.1 --average 0.9 --expand shift:pixels=1"
    learning = "--schedule exponential:0.9 --optimizer momentum --mu 0.3 --eta 0.1 --keep-best --monitor --epochs 2"
    return trained(folder, *network.split(), *learning.split(), *SAME_EVERYWHERE)


@named("by the command: an ensemble")
def _(folder: Path) -> Arrays:
    return trained(folder, "--ensemble", 3, "--voting", "soft", "--epochs", 1, *SAME_EVERYWHERE)


@named("by the command: find-eta")
def _(folder: Path) -> Arrays:
    words = "--net 64-10 --data digits --engine numpy --threads 1 --dtype float64 --batch-size 100"
    found = told(folder, "find-eta", *words.split())
    return {"eta": np.array([found["threshold"], found["above"], found["recommended"]])}
