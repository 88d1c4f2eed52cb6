"""The Boltzmann machine of the lesson on generation."""

from __future__ import annotations

import numpy as np
from safetensors.numpy import load

from deltarule.core.rbm import RBM
from deltarule.data import OneHot
from deltarule.lab.machine import HIDDEN, STEPS, pack_for_page, pack_machine, read_machine
from deltarule.models.model import Model
from deltarule.preprocessing import Preprocessing, Scaling


def test_packed_weights_differ_by_at_most_half_a_step() -> None:
    network = RBM(6, 4, n_labels=2)
    (p,) = params = network.init(seed=1)
    found = load(pack_machine(Model(network, params, Preprocessing(OneHot(2)))))
    assert found["w"].dtype == np.int8
    assert np.abs(found["w"]).max() == STEPS
    np.testing.assert_allclose(found["w"] * found["scale"], p["w"], atol=0.501 * found["scale"].item())
    np.testing.assert_allclose(found["b"], p["b"], rtol=1e-6)


def test_the_page_gets_all_parameters() -> None:
    page = pack_for_page()
    assert {name: len(page[name]) for name in ("w", "b", "c")} == {
        "w": 794 * HIDDEN,
        "b": 4 * 794,
        "c": 4 * HIDDEN,
    }


def test_the_machine_reads_digits_by_its_labels(mnist) -> None:
    _, _, test = mnist
    file = read_machine()
    params = {"w": file["w"] * file["scale"], "b": file["b"], "c": file["c"]}
    model = Model(RBM(784, HIDDEN, n_labels=10), [params], Preprocessing(OneHot(10), Scaling(255.0)))
    if test.name.startswith("mnist"):  # it was trained on MNIST's training set
        assert model.accuracy(test.take(slice(1000))) > 0.92
    else:
        assert model.predict(np.zeros((1, 784))).shape == (1,)
