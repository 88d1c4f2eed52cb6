"""Training with augmentation: the same seed gives the same result, resumed or not."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest
from tests.slow import with_slow

from deltarule.core import random
from deltarule.core.distortions import Affine, Chain, Elastic, Shift
from deltarule.core.layers import Dense, Flatten
from deltarule.core.network import Network
from deltarule.errors import FileError, InvalidArgument
from deltarule.training.checkpoint import Checkpoint
from deltarule.training.fit import fit
from deltarule.training.resume import resume

from .runs import ENGINES, TRAIN, Stop, StopAt, about, resume_run, train

AUGMENTATION = Chain([Affine(rotation=10, shift=1), Elastic(4, 2), Shift(1)])


@dataclass(frozen=True)
class Mirror:
    """An augmentation of the user."""

    p: float

    def __call__(self, images, rng):
        xp = images.__array_namespace__()
        turned = random.bernoulli(rng, self.p, (images.shape[0], 1, 1))
        return xp.where(turned, xp.flip(images, axis=2), images)


@pytest.mark.parametrize("engine", with_slow(ENGINES, "jax"))
def test_a_run_resumed_within_an_epoch_gets_the_same_augmentation(engine, tmp_path):
    whole = train(engine, epochs=2, augmentation=AUGMENTATION)
    with pytest.raises(Stop):
        train(engine, [Checkpoint(tmp_path, 3), StopAt(1, 7)], epochs=2, augmentation=AUGMENTATION)
    resumed = resume_run(tmp_path)
    assert resumed.parameters_sha256 == whole.parameters_sha256
    assert dict(resumed.settings) == dict(whole.settings)
    assert whole.settings["augmentation"]["parts"][1] == {"type": "Elastic", "alpha": 4, "sigma": 2}


@pytest.mark.parametrize("engine", ENGINES[1:])
def test_all_engines_give_the_same_parameters(engine):
    model, numpy = (train(name, epochs=2, dtype="float64", augmentation=AUGMENTATION) for name in (engine, "numpy"))
    for found, expected in zip(model.params, numpy.params, strict=True):
        for name in expected:
            np.testing.assert_allclose(found[name], expected[name], rtol=0, atol=1e-9)


def test_the_result_depends_on_seed_and_augmentation():
    runs = [
        train(epochs=1, seed=seed, augmentation=augmentation).parameters_sha256
        for seed, augmentation in [(1, AUGMENTATION), (1, AUGMENTATION), (2, AUGMENTATION), (1, Shift(1)), (1, None)]
    ]
    assert runs[0] == runs[1]
    assert len(set(runs)) == 4


def test_flat_data_are_augmented_in_the_shape_of_the_networks_input():
    flat = replace(TRAIN, x=TRAIN.x.reshape(-1, 16))
    network = Network((Flatten(), Dense(3)), Network.dense([16, 3]).cost, (4, 4))
    shaped, unshaped = (fit(network, data, epochs=1, seed=1, augmentation=AUGMENTATION) for data in (TRAIN, flat))
    assert shaped.parameters_sha256 == unshaped.parameters_sha256


def test_resume_needs_the_users_augmentation_class(tmp_path):
    network = Network.dense([16, 3])
    with pytest.raises(Stop):
        fit(network, TRAIN, epochs=2, augmentation=Mirror(0.5), callbacks=[Checkpoint(tmp_path), StopAt(0, 0)])
    with pytest.raises(FileError, match=r"got 'Mirror'; .*custom=\[Mirror\]"):
        resume(tmp_path, TRAIN)
    resumed = resume(tmp_path, TRAIN, custom=[Mirror])
    assert resumed.parameters_sha256 == fit(network, TRAIN, epochs=2, augmentation=Mirror(0.5)).parameters_sha256


@pytest.mark.parametrize(
    "wrong", [Shift, lambda images, rng: images, [Shift(1)], "shifts", 5], ids=lambda wrong: type(wrong).__name__
)
def test_other_objects_are_refused_as_augmentation(wrong):
    with pytest.raises(InvalidArgument, check=about("augmentation", wrong)):
        fit(Network.dense([16, 3]), TRAIN, epochs=1, augmentation=wrong)


def test_augmentation_needs_images():
    flat = replace(TRAIN, x=TRAIN.x.reshape(-1, 16))
    with pytest.raises(InvalidArgument, match=r"\(16,\)", check=about("augmentation")):
        fit(Network.dense([16, 3]), flat, epochs=1, augmentation=Shift(1))
