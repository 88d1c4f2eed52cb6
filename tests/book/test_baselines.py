"""The book's small programs: expanded data and the baselines, their results and printed lines."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
from sklearn.svm import SVC
from tests.fields import has

from deltarule.book import expand_mnist, mnist_average_darkness, mnist_loader, mnist_svm
from deltarule.data import Dataset
from deltarule.errors import DataError

from .conftest import seed


def scale_to_mnist(part):
    """Scale the small digits, from 0 to 16, to the darkness of MNIST."""
    return part if part.scale == 255 else replace(part, x=part.x * np.uint8(15))


@pytest.fixture
def data(mnist, monkeypatch):
    """MNIST, or the small digits in its place, in the programs' loaders."""
    training, validation, test = (scale_to_mnist(part) for part in mnist)
    small = training.take(slice(2500)), validation.take(slice(50)), test.take(slice(500))

    def load(name, path=None):
        return small

    monkeypatch.setattr(expand_mnist, "load", load)
    monkeypatch.setattr(mnist_loader, "load", load)
    monkeypatch.delenv("DELTARULE_DATA", raising=False)
    return small


def shift(image):
    """Return an image and its four shifted copies in the book's order: down, up, right, left."""
    padded = np.pad(image, 1)
    h, w = image.shape
    return [padded[1 - dy : 1 - dy + h, 1 - dx : 1 - dx + w] for dy, dx in ((0, 0), (1, 0), (-1, 0), (0, 1), (0, -1))]


def test_each_image_is_shifted_four_times_and_all_are_shuffled_once(data, tmp_path, capsys):
    seed(1)
    place = expand_mnist.expand(tmp_path / "mnist_expanded.npz")
    n = len(data[0])
    lines = [f"Expanding image number {min(k, n)}" for k in range(1000, n + 1000, 1000)]
    printed = capsys.readouterr().out.splitlines()
    assert printed[0] == "Expanding the MNIST training set"
    assert printed[1:-1] == [line for line in lines if int(line.split()[-1]) <= n]
    assert printed[-1] == "Saving expanded data. This may take a few minutes."
    pairs = [(shifted, y) for x, y in zip(data[0].x, data[0].y, strict=True) for shifted in shift(x)]
    seed(1)
    random.shuffle(pairs)
    with np.load(place, allow_pickle=False) as arrays:
        np.testing.assert_array_equal(arrays["x_train"], np.stack([x for x, _ in pairs]))
        np.testing.assert_array_equal(arrays["y_train"], [y for _, y in pairs])
        np.testing.assert_array_equal(arrays["x_test"], data[2].x)
        assert arrays["x_train"].dtype == np.uint8
    training, validation, _ = mnist_loader.load_data(place)
    assert training[0].shape == (5 * n, data[0].x[0].size)
    assert len(validation[1]) == len(data[1])


def test_an_existing_file_is_not_replaced(tmp_path, capsys):
    (tmp_path / "there.npz").write_bytes(b"mine")
    expand_mnist.expand(tmp_path / "there.npz")
    assert capsys.readouterr().out.splitlines()[-1] == "The expanded training set already exists.  Exiting."
    assert (tmp_path / "there.npz").read_bytes() == b"mine"
    with pytest.raises(DataError, check=has(path="mnist_expanded.pkl.gz", value=".gz")):
        expand_mnist.expand(tmp_path / "mnist_expanded.pkl.gz")


def test_the_nearest_average_darkness_is_predicted(data):
    training, _, test = mnist_loader.load_data()
    avgs = mnist_average_darkness.avg_darknesses(training)
    for digit in range(10):
        sums = [float(sum(image.tolist())) for image, y in zip(*training, strict=True) if y == digit]
        assert avgs[digit] == pytest.approx(sum(sums) / len(sums))
    image = test[0][0]
    darkness = float(sum(image.tolist()))
    nearest = sorted(avgs, key=lambda digit: (avgs[digit] - darkness) ** 2)[0]
    assert mnist_average_darkness.guess_digit(image, avgs) == nearest


def test_the_darkness_program_prints_its_accuracy(mnist, monkeypatch, capsys):
    """On MNIST it is the book's number."""
    monkeypatch.delenv("DELTARULE_DATA", raising=False)
    monkeypatch.setattr(mnist_loader, "load", lambda name, path=None: mnist)
    mnist_average_darkness.main()
    first, second = capsys.readouterr().out.splitlines()
    assert first == "Baseline classifier using average darkness of image."
    if mnist[0].name.startswith("mnist"):
        assert second == "2225 of 10000 values correct."
    else:
        right, of = second.removesuffix(" values correct.").split(" of ")
        assert 0.1 <= int(right) / int(of) < 0.4


def test_the_svm_program_prints_its_accuracy(data, capsys):
    """γ is 1 / (number of inputs), for pixels k/256: scikit-learn's default when the book was written."""
    mnist_svm.svm_baseline(300)
    (train, test), n_in = ((data[i].x.reshape(len(data[i]), -1) / 256 for i in (0, 2)), data[0].x[0].size)
    expected = SVC(C=1.0, kernel="rbf", gamma=1 / n_in).fit(train[:300], data[0].y[:300]).predict(test)
    right = sum(expected == data[2].y)
    assert capsys.readouterr().out.splitlines() == [
        "Baseline classifier using an SVM.",
        f"{right} of {len(data[2])} values correct.",
    ]
    assert right > len(test) / 3


def test_pixels_have_the_books_scale(mnist, monkeypatch):
    """An SVM trained on 100 images has an accuracy of 25.07 %, as published; with k/255 it is 25.28 %."""
    monkeypatch.delenv("DELTARULE_DATA", raising=False)
    monkeypatch.setattr(mnist_loader, "load", lambda name, path=None: mnist)
    (images, digits), (validation, expected), _ = mnist_loader.load_data()
    predictions = SVC(gamma="auto").fit(images[:100], digits[:100]).predict(validation)
    if mnist[0].name.startswith("mnist"):
        assert sum(predictions == expected) == 2507
    else:
        assert images.max() == 16 / 256


def test_images_of_other_sizes_can_be_expanded():
    one = Dataset(np.arange(12, dtype=np.uint8).reshape(1, 4, 3), np.array([7]), "one")
    seed(0)
    x, y = expand_mnist.expand_images(one)
    assert x.shape == (5, 4, 3)
    assert y.tolist() == [7] * 5
