"""From gradients to new parameters, leaf by leaf: a pair of pure functions for each optimizer.

``init(params)`` gives the state that the optimizer remembers between steps, as trees of arrays;
``update(grads, state, params, eta)`` gives ``(params, state)`` after one step.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from deltarule.core.layer import Array
from deltarule.core.trees import Tree, leafwise, leaves
from deltarule.errors import UsageError

State: TypeAlias = dict[str, Tree]
"""What an optimizer remembers: trees of arrays by name, most of them shaped like the parameters."""


class Optimizer(Protocol):
    """The pair of functions described above."""

    def init(self, params: Tree) -> State: ...

    def update(self, grads: Tree, state: State, params: Tree, eta: Any) -> tuple[Tree, State]: ...


def _zeros(params: Tree) -> Tree:
    return leafwise(lambda p: p.__array_namespace__().zeros_like(p), params)


def _check(optimizer: object, name: str, mu: float) -> None:
    if not 0 <= mu < 1:
        raise UsageError(f"{optimizer}: {name} must be at least 0 and below 1")


@dataclass(frozen=True)
class SGD:
    """Gradient descent: w → w − η ∇C (equations (20) and (21)).

    >>> SGD().update([{"w": 4.0}], {}, [{"w": 1.0}], 0.25)
    ([{'w': 0.0}], {})
    """

    def init(self, params: Tree) -> State:
        return {}

    def update(self, grads: Tree, state: State, params: Tree, eta: Any) -> tuple[Tree, State]:
        return leafwise(lambda w, g: w - eta * g, params, grads), {}


@dataclass(frozen=True)
class Momentum:
    """v → μv − η ∇C; w → w + v (equations (107) and (108)). 1 − μ is the friction; μ = 0 is SGD.

    >>> params, state = Momentum(0.5).update([{"w": 4.0}], {"v": [{"w": 2.0}]}, [{"w": 1.0}], 0.25)
    >>> params, state
    ([{'w': 1.0}], {'v': [{'w': 0.0}]})
    """

    mu: float = 0.9

    def __post_init__(self) -> None:
        _check(self, "mu", self.mu)

    def init(self, params: Tree) -> State:
        return {"v": _zeros(params)}

    def update(self, grads: Tree, state: State, params: Tree, eta: Any) -> tuple[Tree, State]:
        v = leafwise(lambda v, g: self.mu * v - eta * g, state["v"], grads)
        return leafwise(lambda w, v: w + v, params, v), {"v": v}


@dataclass(frozen=True)
class Nesterov:
    """Momentum whose gradient is taken where the velocity is about to lead.

    v → μv − η ∇C(w + μv); w → w + v. The parameters kept are those places ahead, w + μv, so the
    gradient needs no second pass: in them the step is w → w + μv′ − η ∇C, v′ the new velocity.
    """

    mu: float = 0.9

    def __post_init__(self) -> None:
        _check(self, "mu", self.mu)

    def init(self, params: Tree) -> State:
        return {"v": _zeros(params)}

    def update(self, grads: Tree, state: State, params: Tree, eta: Any) -> tuple[Tree, State]:
        v = leafwise(lambda v, g: self.mu * v - eta * g, state["v"], grads)
        return leafwise(lambda w, v, g: w + self.mu * v - eta * g, params, v, grads), {"v": v}


@dataclass(frozen=True)
class Adam:
    """Steps scaled by running moments of the gradient: m of g, s of g², both corrected for their start.

    m → β₁m + (1 − β₁)g; s → β₂s + (1 − β₂)g²; w → w − η (m / (1 − β₁ᵗ)) / (√(s / (1 − β₂ᵗ)) + ε).
    Beyond the book (Kingma and Ba, 2015, algorithm 1). The usual η is 0.001.
    """

    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8

    def __post_init__(self) -> None:
        _check(self, "beta1", self.beta1)
        _check(self, "beta2", self.beta2)
        if not self.epsilon > 0:
            raise UsageError(f"{self}: epsilon must be above 0")

    def init(self, params: Tree) -> State:
        # β₁ᵗ and β₂ᵗ: how much of each average its start at zero still leaves missing
        one = [leaf.__array_namespace__().ones((), dtype=leaf.dtype) for leaf in leaves(params)[:1]]
        missing = [{"beta1": t, "beta2": t} for t in one]
        return {"m": _zeros(params), "s": _zeros(params), "missing": missing}

    def update(self, grads: Tree, state: State, params: Tree, eta: Any) -> tuple[Tree, State]:
        m = leafwise(lambda m, g: self.beta1 * m + (1 - self.beta1) * g, state["m"], grads)
        s = leafwise(lambda s, g: self.beta2 * s + (1 - self.beta2) * g * g, state["s"], grads)
        missing = [{"beta1": self.beta1 * t["beta1"], "beta2": self.beta2 * t["beta2"]} for t in state["missing"]]

        def step(w: Array, m: Array, s: Array) -> Array:
            xp = w.__array_namespace__()
            mean, square = m / (1 - missing[0]["beta1"]), s / (1 - missing[0]["beta2"])
            return w - eta * mean / (xp.sqrt(square) + self.epsilon)

        return leafwise(step, params, m, s), {"m": m, "s": s, "missing": missing}
