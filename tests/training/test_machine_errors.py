"""Errors of Boltzmann machines: inputs out of range, unknown labels, masks of another shape, damaged files."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import deltarule as dr
from deltarule.callbacks import FreeEnergy
from deltarule.data import Dataset
from deltarule.errors import DataError, DivergedError, FileError, InvalidArgument, ShapeError
from deltarule.models import files

from .stripes import stripes


def test_the_gap_needs_a_machine():
    with pytest.raises(InvalidArgument) as caught:
        dr.fit(dr.Network.dense([6, 3]), stripes(), epochs=1, callbacks=[FreeEnergy()])
    assert caught.value.argument == "FreeEnergy"


def test_inputs_outside_the_range():
    with pytest.raises(DataError) as caught:
        dr.fit(dr.RBM(2, 1, n_labels=2), Dataset(np.array([[0.0, 2.0], [1, 1]]), np.array([0, 1])), epochs=1)
    assert "state the scale" in caught.value.remedy


def test_inputs_outside_the_range_of_a_trained_machine(machine):
    with pytest.raises(DataError) as caught:
        machine.hidden(np.full((1, 2, 3), 256.0))
    assert caught.value.position == "example 0"
    with pytest.raises(DataError):
        machine.complete(np.full((1, 2, 3), 256.0), np.ones((2, 3), bool))
    machine.complete(np.full((1, 2, 3), 256.0), np.zeros((2, 3), bool), steps=1)  # unknown inputs do not count


@pytest.mark.parametrize("label", ["centre", 3, -1, 1.0])
def test_an_unknown_label(labelled, label):
    with pytest.raises(InvalidArgument) as caught:
        labelled.sample(1, label=label)
    assert (caught.value.argument, caught.value.value) == ("label", label)
    assert "left, middle, right" in caught.value.expected


def test_a_label_for_a_machine_without_labels(machine):
    with pytest.raises(InvalidArgument) as caught:
        machine.sample(1, label="left")
    assert caught.value.argument == "label"


def test_a_model_with_nan(machine):
    broken = replace(machine, params=[{**machine.params[0], "c": np.full(8, np.nan)}])
    for write in (
        lambda: broken.sample(1),
        lambda: broken.hidden(stripes().x),
        lambda: broken.reconstruct(stripes().x),
    ):
        with pytest.raises(DivergedError):
            write()


def test_other_models_do_not_write(machine):
    model = dr.fit(dr.Network.dense([6, 3]), stripes(30), epochs=1, engine="numpy")
    x = stripes().x
    for write in (lambda: model.sample(1), lambda: model.hidden(x), lambda: model.reconstruct(x)):
        with pytest.raises(InvalidArgument) as caught:
            write()
        assert caught.value.argument == "model"


@pytest.mark.parametrize("known", [np.ones(5, bool), np.ones((3, 2, 3), bool), np.ones((2, 2), bool)], ids=len)
def test_a_mask_of_another_shape(machine, known):
    with pytest.raises(ShapeError) as caught:
        machine.complete(stripes().x[:2], known)
    assert caught.value.argument == "known"


def test_a_mask_of_numbers(machine):
    with pytest.raises(InvalidArgument) as caught:
        machine.complete(stripes().x[:2], np.ones((2, 3)))
    assert caught.value.argument == "known"


@pytest.mark.parametrize("sizes", [{"n_hidden": 10**12}, {"chains": 10**12}, {"n_visible": 7}])
def test_a_damaged_size_in_a_file(sizes, machine, tmp_path):
    machine.save(tmp_path / "m.safetensors")
    tensors, description = files.read(tmp_path / "m.safetensors")
    files.write(tmp_path / "m.safetensors", tensors, {**description, "network": {**description["network"], **sizes}})
    with pytest.raises(FileError):
        dr.load(tmp_path / "m.safetensors")
