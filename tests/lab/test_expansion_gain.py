"""The accuracies of Data augmentation that were measured beforehand."""

from __future__ import annotations

import numpy as np
import pytest

from deltarule.core.distortions import Affine
from deltarule.core.network import Network
from deltarule.lab.expansion_gain import BATCH, DEGREES, ETA, HIDDEN, IMAGES, PIXELS, SEEDS, STEPS, read_gain
from deltarule.training.fit import fit


def test_the_file_has_every_case_that_the_page_offers() -> None:
    gain = read_gain()
    assert np.shape(gain["accuracy"]) == (len(IMAGES), len(DEGREES), len(PIXELS), len(SEEDS))
    assert [tuple(gain[name]) for name in ("images", "degrees", "pixels")] == [IMAGES, DEGREES, PIXELS]
    assert (gain["steps"], gain["hidden"], gain["eta"]) == (STEPS, HIDDEN, ETA)
    assert (np.mean(gain["accuracy"], axis=-1)[:, 2, 2] > np.mean(gain["accuracy"], axis=-1)[:, 0, 0]).all()


@pytest.mark.slow
@pytest.mark.parametrize(("i", "j", "k"), [(0, 0, 0), (1, 2, 1)])
def test_training_again_gives_the_accuracies_of_the_file(i: int, j: int, k: int, mnist) -> None:
    training, validation, _ = mnist
    if not training.name.startswith("mnist"):
        pytest.skip("the file was measured on MNIST")
    network = Network.dense([784, HIDDEN, 10], cost="cross-entropy")
    augmentation = Affine(rotation=DEGREES[j], shift=PIXELS[k]) if j or k else None
    model = fit(network, training.take(slice(IMAGES[i])), epochs=STEPS * BATCH // IMAGES[i], batch_size=BATCH, eta=ETA,
                augmentation=augmentation, seed=1)  # fmt: skip
    assert 100 * model.accuracy(validation) == pytest.approx(read_gain()["accuracy"][i][j][k][0], abs=0.5)
