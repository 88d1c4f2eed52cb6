"""Runs of the book's programs, of digit strings and of the command."""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
from PIL import Image

import deltarule as dr
from deltarule import digit_strings
from deltarule.book import network, network2, network3
from deltarule.cli.picture_readings import EXIT_CODES
from deltarule.preprocessing import prepare_picture
from deltarule.recipes import Output, Recipe

from . import api
from .api import concatenate, run_command
from .table import FLOAT32, Arrays, load_digits, register


def load_pairs(n: int) -> list[Any]:
    train = load_digits()[0].take(slice(n))
    x = train.x.reshape(n, -1, 1) / train.scale
    return list(zip(x, np.eye(10)[train.y][:, :, None], strict=True))


@register("the book's first program")
def _(folder: Path) -> Arrays:
    net = network.Network([64, 12, 10])
    net.SGD(load_pairs(200), 2, 10, 3.0)
    return {
        "weights": api.collect_book_weights(net),
        "outputs": concatenate(net.feedforward(x) for x, _ in load_pairs(20)),
    }


@register("the book's second program")
def _(folder: Path) -> Arrays:
    net = network2.Network([64, 12, 10], cost=network2.CrossEntropyCost)
    watched = {"monitor_training_cost": True, "monitor_training_accuracy": True}
    monitored = net.SGD(load_pairs(200), 2, 10, 0.5, lmbda=1.0, **watched)
    return {
        "weights": api.collect_book_weights(net),
        "monitored": concatenate(concatenate(one) for one in monitored if one),
    }


@register("the book's third program")
def _(folder: Path) -> Arrays:
    convolution = network3.ConvPoolLayer((4, 1, 3, 3), (10, 1, 8, 8), (2, 2), network3.ReLU)
    layers = [network3.FullyConnectedLayer(36, 12, network3.ReLU, 0.5), network3.SoftmaxLayer(12, 10, 0.5)]
    net = network3.Network([convolution, *layers], 10)
    train, validation = ((one.x.reshape(len(one), -1) / one.scale, one.y) for one in load_digits())
    with patch.object(network3, "GPU", False):
        net.SGD(train, 2, 10, 0.05, validation, validation, lmbda=0.1)
    return {"weights": api.collect_book_weights(net), "answers": net.predict(validation)}


SMALL = Recipe(
    [dr.Dense(30), dr.ReLU(), Output()],
    dr.LogLikelihood(),
    dr.Training(eta=dr.schedules.OneCycle(0.005), optimizer=dr.Adam(), epochs=1, batch_size=32),
)


@register("a digit string, synthesized and read", FLOAT32)
def _(folder: Path) -> Arrays:
    train, validation = load_digits()
    reader = digit_strings.train_reader(train, n_rows=20, plan=SMALL, members=2)
    row = digit_strings.synthesize_strings(validation, 4, seed=8, lengths=(2, 3))[1]
    attempt = digit_strings.segment(row.image, reader)
    reading = attempt.to_reading()
    boxes = np.array([digit.box for digit in reading.digits])
    texts = [reading.text, *(text for text, _ in reading.others)]
    return {
        "parameters": api.collect_parameters(reader),
        "picture": row.image,
        "pieces": attempt.images,
        "answers": attempt.scores,
        "texts": concatenate(list(text.encode()) for text in texts),
        "boxes": boxes,
    }


@register("the pretrained reader", FLOAT32)
def _(folder: Path) -> Arrays:
    row = digit_strings.synthesize_strings(load_digits()[1], 2, seed=3, lengths=(3,))[0]
    reading = digit_strings.read_string(row.image, digit_strings.load_reader())
    return {"text": np.array(list(reading.text.encode())), "sure": concatenate(d.probability for d in reading.digits)}


def draw_pictures(folder: Path) -> list[Path]:
    """Draw pictures of two digits, dark on light."""
    paths = [folder / f"{i}.png" for i in range(2)]
    for path, image in zip(paths, load_digits()[1].x[:2], strict=True):
        large = np.kron(np.pad(255 - image * 15, 2, constant_values=255), np.ones((4, 4)))
        Image.fromarray(large.astype(np.uint8)).save(path)
    return paths


def read_json(folder: Path, *words: object, codes: Collection[int] = (0,)) -> Any:
    """Run a command, which must succeed or end with one of some codes, and return the JSON that it prints."""
    ran = run_command(folder, *words, "--json")
    assert ran.code in codes, ran.err
    return json.loads(ran.out)


SAME_EVERYWHERE = ("--dtype", "float64", "--engine", "numpy")

RESULTS = ("test_accuracy", "test_cost", "validation_accuracy", "best_test_accuracy")


def train_by_command(folder: Path, *words: object) -> tuple[Arrays, Any]:
    """Run the commands train, evaluate and predict."""
    result = read_json(folder, "train", *words, "--data", "digits", "--threads", 1, "--out", "run")
    evaluation = read_json(folder, "evaluate", "run")
    pictures = draw_pictures(folder)
    readings = read_json(folder, "predict", "run", *pictures, codes=EXIT_CODES.values())["readings"]
    model = dr.load(folder / "run")
    # those of the readings are calibrated by a temperature, which rounding errors change
    probabilities = [model.predict_proba(prepare_picture(path, model.preprocessing)[None]) for path in pictures]
    return {
        "parameters": api.collect_parameters(model),
        "results": concatenate(result.get(name) for name in RESULTS),
        "evaluated": concatenate([evaluation["accuracy"], evaluation["cost"], np.array(evaluation["confusion"])]),
        "read": concatenate([*probabilities, [int(one["label"]) for one in readings]]),
    }


@register("command: the recipe book-shallow", FLOAT32)
def _(folder: Path) -> Arrays:
    return train_by_command(folder, "--net", "book-shallow", "--epochs", 1, "--engine", "numpy")


@register("command: the recipe book-conv", FLOAT32)
def _(folder: Path) -> Arrays:
    return train_by_command(folder, "--net", "book-conv", "--epochs", 1, "--engine", "jax")


@register("command: options of every kind")
def _(folder: Path) -> Arrays:
    network = "--net 64-20-10 --hidden tanh --l2 1 --dropout 0.2 --smoothing 0.1 --average 0.9 --expand shift:pixels=1"
    learning = "--schedule exponential:0.9 --optimizer momentum --mu 0.3 --eta 0.1 --keep-best --monitor --epochs 2"
    return train_by_command(folder, *network.split(), *learning.split(), *SAME_EVERYWHERE)


@register("command: an ensemble")
def _(folder: Path) -> Arrays:
    return train_by_command(folder, "--ensemble", 3, "--voting", "soft", "--epochs", 1, *SAME_EVERYWHERE)


@register("command: find-eta")
def _(folder: Path) -> Arrays:
    words = "--net 64-10 --data digits --engine numpy --threads 1 --dtype float64 --batch-size 100"
    found = read_json(folder, "find-eta", *words.split())
    return {"eta": np.array([found["threshold"], found["above"], found["recommended"]])}
