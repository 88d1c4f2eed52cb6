"""float64 in JAX: a program computes in it without changing the setting of the process."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from deltarule.core.trees import leaves
from deltarule.training.callbacks import Callback, GradientNorms
from deltarule.training.fit import fit

from .cases import BATCH, ENGINES, build_everything, make_images


class Switch(Callback):
    def __init__(self):
        self.seen = []

    def on_steps(self, moment):
        self.seen.append(jax.config.jax_enable_x64)

    def on_epoch(self, moment):
        self.seen.append(jax.config.jax_enable_x64)
        return False


def test_float64_does_not_change_jax_s_global_setting():
    assert not jax.config.jax_enable_x64
    switch, data, models = Switch(), make_images(19), []
    for engine in ENGINES:
        models.append(
            fit(
                build_everything(19).network,
                data,
                epochs=2,
                batch_size=BATCH,
                eta=0.05,
                engine=engine,
                dtype="float64",
                validation=data,
                callbacks=[switch, GradientNorms()],
            )
        )
        assert not jax.config.jax_enable_x64
    assert set(switch.seen) == {False}
    assert jnp.zeros(()).dtype == jnp.float32
    assert all(leaf.dtype == np.float64 for model in models for leaf in leaves(model.params))
    first, *others = models
    for model in others:
        for one, other in zip(first.params, model.params, strict=True):
            for name in one:  # no step of it in float32
                np.testing.assert_allclose(one[name], other[name], rtol=0, atol=1e-13)
        np.testing.assert_allclose(model.history["gradient_norms"], first.history["gradient_norms"], rtol=1e-12)
