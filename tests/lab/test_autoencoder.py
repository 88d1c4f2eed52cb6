"""The variational autoencoder of the lesson on generation."""

from __future__ import annotations

import numpy as np
from safetensors.numpy import load

from deltarule.data import Dataset
from deltarule.data.encodings import Inputs
from deltarule.lab.autoencoder import (
    CODES,
    STEPS,
    build_network,
    pack_autoencoder,
    pack_for_page,
    read_autoencoder,
    unpack_autoencoder,
)
from deltarule.models.model import Model
from deltarule.preprocessing import Preprocessing, Scaling


def test_packed_weights_differ_by_at_most_half_a_step_of_their_row() -> None:
    network = build_network()
    params = network.init(seed=1)
    model = Model(network, params, Preprocessing(Inputs(784), Scaling(255.0), example_shape=(28, 28)))
    images = np.random.default_rng(1).integers(0, 256, (3, 28, 28)).astype(np.uint8)
    found = load(pack_autoencoder(model, Dataset(images, np.array([7, 2, 1]))))
    dense = [p for p in params if p]
    for i in range(len(dense)):
        assert found[f"w{i}"].dtype == np.int8
        assert (np.abs(found[f"w{i}"]).max(axis=1) == STEPS).all()
    unpacked = unpack_autoencoder(found)
    for p, q, i in zip(dense, [p for p in unpacked.params if p], range(6), strict=True):
        assert (np.abs(p["w"] - q["w"]) <= 0.501 * found[f"scale{i}"][:, None]).all()
        np.testing.assert_allclose(q["b"], p["b"], rtol=1e-6)
    assert found["labels"].tolist() == [7, 2, 1]
    np.testing.assert_allclose(found["codes"], unpacked.hidden(images), rtol=1e-5)


def test_the_file_is_small_and_the_page_gets_all_of_it() -> None:
    page = pack_for_page()
    assert sum(map(len, page.values())) < 600_000
    assert set(page) == {f"{name}{i}" for name in ("w", "scale", "b") for i in range(6)} | {"codes", "labels"}
    assert (len(page["codes"]), len(page["labels"])) == (8 * CODES, CODES)


def test_codes_of_the_same_digit_lie_together() -> None:
    file = read_autoencoder()
    codes, labels = file["codes"], file["labels"]
    assert np.abs(codes.mean(axis=0)).max() < 0.2
    np.testing.assert_allclose(codes.std(axis=0), 1, atol=0.2)
    distances = np.linalg.norm(codes[:, None] - codes[None], axis=2)
    np.fill_diagonal(distances, np.inf)
    assert (labels[distances.argmin(axis=1)] == labels).mean() > 0.6


def test_it_reconstructs_test_images(mnist) -> None:
    _, _, test = mnist
    model = unpack_autoencoder(read_autoencoder())
    if test.name.startswith("mnist"):  # it was trained on MNIST's training set
        few = test.take(slice(1000))
        off = np.sqrt(np.mean((model.reconstruct(few.x) / 255 - few.x.reshape(-1, 28, 28) / 255) ** 2, axis=(1, 2)))
        assert off.mean() < 0.19
        np.testing.assert_allclose(model.hidden(few), read_autoencoder()["codes"], atol=1e-5)
        assert model.cost(few.with_inputs_as_targets()) < 136
    else:
        assert model.reconstruct(np.zeros((1, 28, 28))).shape == (1, 28, 28)
