"""Layers that compute with the parameters of a Boltzmann machine: a reconstruction, and the free energies of labels."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from math import prod
from typing import Any, ClassVar

from deltarule.core import random
from deltarule.core.activations import sigmoid
from deltarule.core.boltzmann import softplus
from deltarule.core.constraints import Constraints, Validated, whole
from deltarule.core.layer import Array, Key, Layer, Params, Shape
from deltarule.core.operations import sum_of_outer_products
from deltarule.errors import ShapeError


@dataclass(frozen=True)
class MachineLayer(Layer, Validated):
    """A layer with the parameters of a restricted Boltzmann machine (:mod:`deltarule.core.boltzmann`).

    The weights ``w`` are drawn from N(0, 0.01²), and the biases ``b`` and ``c`` are 0, as the practical guide
    recommends (section 8). Its visible biases ln(p/(1 − p)) need the training set.
    """

    n_hidden: int
    n_labels: int = 0
    weights: ClassVar[tuple[str, ...]] = ("w",)
    statistics: ClassVar[tuple[str, ...]] = ("chains",)

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("n_hidden", "n_labels"):
            object.__setattr__(self, name, int(getattr(self, name)))

    def init(self, rng: Key, input_shape: Shape) -> Params:
        xp, n = rng[0].__array_namespace__(), prod(input_shape) + self.n_labels
        zeros = {name: xp.zeros(size, dtype=xp.float64) for name, size in (("b", n), ("c", self.n_hidden))}
        return {"w": 0.01 * random.normal(rng, (self.n_hidden, n)), **zeros}

    def output_shape(self, input_shape: Shape) -> Shape:
        if len(input_shape) != 1:
            raise ShapeError(
                argument="input_shape",
                owner=type(self).__name__,
                expected="a flat shape (n,)",
                value=input_shape,
                remedy="put Flatten() before it",
            )
        return (self.n_labels or input_shape[0],)

    @abstractmethod
    def forward(self, params: Params, v: Array, rng: Key | None = None) -> tuple[Array, Any]: ...


@dataclass(frozen=True)
class Reconstruction(MachineLayer):
    """Reconstruct the visible units by way of the hidden ones: h = σ(w v + c), z = wᵀ h + b, so that σ(z) ≈ v.

    >>> import numpy as np
    >>> p = {"w": np.asarray([[2.0, -2.0]]), "b": np.zeros(2), "c": np.zeros(1)}
    >>> Reconstruction(1).forward(p, np.asarray([[1.0, 1.0]]))[0]
    array([[ 1., -1.]])
    """

    n_labels: int = 0
    constraints: ClassVar[Constraints] = {"n_hidden": whole(1), "n_labels": whole(0, 0)}

    def forward(self, params: Params, v: Array, rng: Key | None = None) -> tuple[Array, Any]:
        h = sigmoid(v @ params["w"].T + params["c"])
        return h @ params["w"] + params["b"], (v, h)

    def backward(self, params: Params, cache: Any, d_z: Array) -> tuple[Array, Params]:
        v, h = cache
        xp, w = d_z.__array_namespace__(), params["w"]
        delta = (d_z @ w.T) * h * (1 - h)  # BP2
        d_w = sum_of_outer_products(h, d_z) + sum_of_outer_products(delta, v)  # w is used twice
        grads = {"w": d_w, "b": xp.sum(d_z, axis=0), "c": xp.sum(delta, axis=0)}
        return delta @ w, _with_zeros(params, grads)


@dataclass(frozen=True)
class LabelEnergies(MachineLayer):
    """Compute z_l = −F(v, l), the negative free energy of the inputs v together with each label l.

    The machine has label units beside those of v. The softmax of z is P(l | v), exactly, without a sum over all states:
    Z cancels. So this layer with the cost :class:`LogLikelihood` classifies (Hinton, 2010, section 16).

    >>> import numpy as np
    >>> p = {"w": np.zeros((3, 2 + 2)), "b": np.asarray([0.0, 0.0, 1.0, 2.0]), "c": np.zeros(3)}
    >>> z, _ = LabelEnergies(3, 2).forward(p, np.zeros((1, 2)))
    >>> (z - 3 * np.log(2)).round(9).tolist()
    [[1.0, 2.0]]
    """

    n_labels: int = 10
    constraints: ClassVar[Constraints] = {"n_hidden": whole(1), "n_labels": whole(2)}

    def forward(self, params: Params, v: Array, rng: Key | None = None) -> tuple[Array, Any]:
        xp, n, w, b = v.__array_namespace__(), v.shape[1], params["w"], params["b"]
        a = v @ w[:, :n].T + params["c"]
        sums = [xp.sum(softplus(a + w[:, n + i]), axis=1) for i in range(self.n_labels)]
        return (v @ b[:n])[:, None] + b[n:] + xp.stack(sums, axis=1), (v, a)

    def backward(self, params: Params, cache: Any, d_z: Array) -> tuple[Array, Params]:
        v, a = cache
        xp, n, w = d_z.__array_namespace__(), v.shape[1], params["w"]
        # δ of the hidden units, whose weighted input is a + w_l if the label is l; softplus′ = σ
        deltas = [d_z[:, i : i + 1] * sigmoid(a + w[:, n + i]) for i in range(self.n_labels)]
        delta = xp.sum(xp.stack(deltas), axis=0)
        total = xp.sum(d_z, axis=1, keepdims=True)
        d_labels = xp.stack([xp.sum(each, axis=0) for each in deltas], axis=1)
        grads = {
            "w": xp.concat([sum_of_outer_products(delta, v), d_labels], axis=1),
            "b": xp.concat([xp.sum(total * v, axis=0), xp.sum(d_z, axis=0)]),
            "c": xp.sum(delta, axis=0),
        }
        return total * params["b"][:n] + delta @ w[:, :n], _with_zeros(params, grads)


def _with_zeros(params: Params, grads: Params) -> Params:
    """Add zeros for the parameters without a gradient: the states of persistent chains."""
    return {name: grads[name] if name in grads else 0 * leaf for name, leaf in params.items()}
