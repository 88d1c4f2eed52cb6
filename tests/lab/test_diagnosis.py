"""What the page Inside counts and cuts out, by examples worked by hand."""

from __future__ import annotations

import numpy as np

from deltarule import Conv, Dense, Flatten, LogLikelihood, Network
from deltarule.data import OneHot
from deltarule.lab.diagnosis import Read, exciting
from deltarule.models.model import Model

READ = Read(
    np.array([[0.9, 0.1, 0.0], [0.2, 0.7, 0.1], [0.4, 0.3, 0.3], [0.1, 0.8, 0.1], [0.0, 0.1, 0.9]]),
    np.array([0, 0, 1, 0, 2]),
)


def test_counts_of_labels_by_answers():
    assert READ.counts(3).tolist() == [[1, 2, 0], [1, 0, 0], [0, 0, 1]]


def test_the_examples_of_a_cell_the_most_certain_first():
    assert READ.of(0, 1).tolist() == [3, 1]
    assert READ.of(2, 0).tolist() == []


def test_what_is_confused_most_often():
    assert READ.most_confused(3) == (0, 1)
    assert Read(READ.shares[:1], READ.labels[:1]).most_confused(3) == (0, 0)


def test_the_worst_are_the_most_certain_of_what_is_wrong():
    assert READ.worst.tolist() == [3, 1, 2]


def test_a_map_is_excited_by_what_its_kernel_looks_for():
    network = Network([Conv(1, 2), Flatten(), Dense(2)], LogLikelihood(), (4, 4, 1))
    corner = np.array([[1.0, 1.0], [1.0, -3.0]]).reshape(1, 2, 2, 1)
    params = [{"w": corner, "b": np.zeros(1)}, {}, {"w": np.zeros((2, 9)), "b": np.zeros(2)}]
    model = Model(network, params, OneHot(2), 255.0, example_shape=(4, 4))
    images = np.zeros((2, 4, 4), np.uint8)
    images[1, 1:3, 2] = images[1, 1, 3] = 255  # the corner itself, at row 1 and column 2
    ((best, other),) = exciting(model, images, 0)
    assert best.tolist() == [[255, 255], [255, 0]]
    assert not other.any()
