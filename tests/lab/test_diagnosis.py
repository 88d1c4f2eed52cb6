"""The page Inside: confusion counts and image patches, compared with examples worked by hand."""

from __future__ import annotations

import numpy as np

from deltarule import Conv, Dense, Flatten, LogLikelihood, Network
from deltarule.data import OneHot
from deltarule.lab.diagnosis import Evaluation, find_exciting_patches
from deltarule.models.model import Model
from deltarule.preprocessing import Preprocessing, Scaling

EVALUATION = Evaluation(
    np.array([[0.9, 0.1, 0.0], [0.2, 0.7, 0.1], [0.4, 0.3, 0.3], [0.1, 0.8, 0.1], [0.0, 0.1, 0.9]]),
    np.array([0, 0, 1, 0, 2]),
)


def test_confusion_counts_labels_by_predictions():
    assert EVALUATION.confusion(3).tolist() == [[1, 2, 0], [1, 0, 0], [0, 0, 1]]


def test_find_returns_the_examples_of_a_cell_most_probable_first():
    assert EVALUATION.find(0, 1).tolist() == [3, 1]
    assert EVALUATION.find(2, 0).tolist() == []


def test_the_most_frequent_mistake_is_found():
    assert EVALUATION.find_most_confused(3) == (0, 1)
    assert Evaluation(EVALUATION.probabilities[:1], EVALUATION.labels[:1]).find_most_confused(3) == (0, 0)


def test_misclassified_examples_come_most_certain_first():
    assert EVALUATION.misclassified.tolist() == [3, 1, 2]


def test_a_map_is_excited_most_by_the_pattern_of_its_kernel():
    network = Network([Conv(1, 2), Flatten(), Dense(2)], LogLikelihood(), (4, 4, 1))
    corner = np.array([[1.0, 1.0], [1.0, -3.0]]).reshape(1, 2, 2, 1)
    params = [{"w": corner, "b": np.zeros(1)}, {}, {"w": np.zeros((2, 9)), "b": np.zeros(2)}]
    model = Model(network, params, Preprocessing(OneHot(2), Scaling(255.0), example_shape=(4, 4)))
    images = np.zeros((2, 4, 4), np.uint8)
    images[1, 1:3, 2] = images[1, 1, 3] = 255  # the corner itself, at row 1 and column 2
    ((best, other),) = find_exciting_patches(model, images, 0)
    assert best.tolist() == [[255, 255], [255, 0]]
    assert not other.any()
