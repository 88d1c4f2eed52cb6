"""The code of a variational autoencoder: a layer that draws from a normal distribution, and its gradient.

After D. P. Kingma and M. Welling, "Auto-Encoding Variational Bayes" (2014), sections 2.4 and 3 and appendix B.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from deltarule.core import random
from deltarule.core.layer import Array, Key, Layer, Params, Shape
from deltarule.errors import ShapeError


@dataclass(frozen=True)
class Latent(Layer):
    """Draw the code z = μ + σ ε of an example, with ε from N(0, 1); the inputs are μ and ln σ².

    2n inputs give n numbers: the first n are μ, the others ln σ². Because z is a function of μ and σ, the error passes
    through the random draw (the reparametrization trick): ∂z/∂μ = 1 and ∂z/∂(ln σ²) = σ ε / 2. The layer adds to the
    cost the divergence of its distribution from N(0, 1), a sum over the numbers of the code:

    KL = ½ Σ (μ² + σ² − 1 − ln σ²), with ∂KL/∂μ = μ and ∂KL/∂(ln σ²) = (σ² − 1) / 2.

    So codes of all examples together look like N(0, 1), and the layers after this one, the decoder, make a new example
    of any code drawn from it. In use z = μ, unless the network is asked to draw.

    >>> import numpy as np
    >>> z, cache = Latent().forward({}, np.asarray([[3.0, 0.0]]))
    >>> z.tolist(), Latent().penalty({}, cache).tolist()  # ½ · 3²
    ([[3.0]], [4.5])
    """

    draws: ClassVar[bool] = True

    def output_shape(self, input_shape: Shape) -> Shape:
        if len(input_shape) != 1 or input_shape[0] % 2:
            raise ShapeError(
                argument="input_shape",
                owner="Latent",
                expected="a flat shape (2n,), of n means and n logarithms of variances",
                value=input_shape,
                remedy="put Dense(2 * n) before it, for a code of n numbers",
            )
        return (input_shape[0] // 2,)

    def forward(self, params: Params, x: Array, rng: Key | None = None) -> tuple[Array, Any]:
        xp, n = x.__array_namespace__(), x.shape[1] // 2
        mean, log_variance = x[:, :n], x[:, n:]
        if rng is None:
            return mean, (mean, log_variance, xp.zeros_like(mean))
        noise = xp.exp(log_variance / 2) * random.normal_like(rng, mean)  # σ ε
        return mean + noise, (mean, log_variance, noise)

    def backward(self, params: Params, cache: Any, d_z: Array) -> tuple[Array, Params]:
        _, _, noise = cache
        return d_z.__array_namespace__().concat([d_z, d_z * noise / 2], axis=1), {}

    def penalty(self, params: Params, cache: Any) -> Array:
        mean, log_variance, _ = cache
        xp = mean.__array_namespace__()
        return xp.sum(mean**2 + xp.exp(log_variance) - 1 - log_variance, axis=1) / 2

    def penalty_gradient(self, params: Params, cache: Any) -> Array:
        mean, log_variance, _ = cache
        xp = mean.__array_namespace__()
        return xp.concat([mean, (xp.exp(log_variance) - 1) / 2], axis=1)
