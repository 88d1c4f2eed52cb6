"""Optimizers, which update parameters by gradients: each is a pair of pure functions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, TypeAlias

from deltarule.core.constraints import Constraint, Constraints, Validated, number, with_functions
from deltarule.core.layer import Array
from deltarule.core.trees import Tree, leaves, map_leaves

State: TypeAlias = dict[str, Tree]
"""The state of an optimizer: trees of arrays by name, most of them shaped like the parameters."""


class Optimizer(Protocol):
    """The protocol of optimizers: two pure functions, and an optional third.

    Some optimizers update other parameters than those that are used to predict, evaluate and save. Their optional
    function ``params_in_use(params, state)`` returns the parameters for use.

    >>> class SignDescent:  # w → w − η sgn(∇C)
    ...     def init(self, params):
    ...         return {}
    ...     def update(self, grads, state, params, eta):
    ...         return map_leaves(lambda w, g: w - eta * ((g > 0) - (g < 0)), params, grads), state
    >>> SignDescent().update([{"w": 4.0}], {}, [{"w": 1.0}], 0.25)
    ([{'w': 0.75}], {})
    """

    def init(self, params: Tree) -> State:
        """Return the state that the optimizer needs between steps.

        It is a dict from names to trees of arrays, such as ``{"v": …}``.
        """
        ...

    def update(self, grads: Tree, state: State, params: Tree, eta: Any) -> tuple[Tree, State]:
        """Return ``(params, state)`` after one step with the learning rate ``eta``."""
        ...


OPTIMIZER = with_functions(["init", "update"], "an optimizer such as Momentum()")


def params_in_use(optimizer: Optimizer, params: Tree, state: State) -> Tree:
    """Return the parameters for use: those in training, unless the optimizer has a function ``params_in_use``.

    >>> params_in_use(SGD(), [{"w": 1.0}], {})
    [{'w': 1.0}]
    """
    return optimizer.params_in_use(params, state) if hasattr(optimizer, "params_in_use") else params


def _zeros(params: Tree) -> Tree:
    return map_leaves(lambda p: p.__array_namespace__().zeros_like(p), params)


@dataclass(frozen=True)
class SGD:
    """Gradient descent: w → w − η ∇C (equations (20) and (21)).

    >>> SGD().update([{"w": 4.0}], {}, [{"w": 1.0}], 0.25)
    ([{'w': 0.0}], {})
    """

    def init(self, params: Tree) -> State:
        return {}

    def update(self, grads: Tree, state: State, params: Tree, eta: Any) -> tuple[Tree, State]:
        return map_leaves(lambda w, g: w - eta * g, params, grads), {}


@dataclass(frozen=True)
class Momentum(Validated):
    """Momentum: v → μv − η ∇C; w → w + v (equations (107) and (108)). 1 − μ is the friction; μ = 0 is SGD.

    >>> params, state = Momentum(0.5).update([{"w": 4.0}], {"v": [{"w": 2.0}]}, [{"w": 1.0}], 0.25)
    >>> params, state
    ([{'w': 1.0}], {'v': [{'w': 0.0}]})
    """

    mu: float = 0.9
    constraints: ClassVar[Constraints] = {"mu": number(0, below=1)}

    def init(self, params: Tree) -> State:
        return {"v": _zeros(params)}

    def update(self, grads: Tree, state: State, params: Tree, eta: Any) -> tuple[Tree, State]:
        v = map_leaves(lambda v, g: self.mu * v - eta * g, state["v"], grads)
        return map_leaves(lambda w, v: w + v, params, v), {"v": v}


@dataclass(frozen=True)
class Nesterov(Validated):
    """Nesterov momentum: the gradient is computed at the point to which the velocity leads.

    v → μv − η ∇C(w + μv); w → w + v. The stored parameters are p = w + μv, the point to which the velocity
    leads, so the gradient needs no second pass. For p the step is p → p + μv′ − η ∇C(p), where v′ is the new
    velocity. It is not in the book (see Nesterov, 1983; Sutskever and others, 2013).

    >>> Nesterov(0.5).update([{"w": 4.0}], {"v": [{"w": 2.0}]}, [{"w": 1.0}], 0.5)
    ([{'w': -1.5}], {'v': [{'w': -1.0}]})
    """

    mu: float = 0.9
    constraints: ClassVar[Constraints] = {"mu": number(0, below=1)}

    def init(self, params: Tree) -> State:
        return {"v": _zeros(params)}

    def update(self, grads: Tree, state: State, params: Tree, eta: Any) -> tuple[Tree, State]:
        v = map_leaves(lambda v, g: self.mu * v - eta * g, state["v"], grads)
        return map_leaves(lambda w, v, g: w + self.mu * v - eta * g, params, v, grads), {"v": v}


@dataclass(frozen=True)
class Adam(Validated):
    """Adam: each step is scaled by running means of the gradient g and of g², called m and s, which start at 0.

    The divisions by 1 − β₁ᵗ and 1 − β₂ᵗ after t steps correct for this start.

    m → β₁m + (1 − β₁)g; s → β₂s + (1 − β₂)g²; w → w − η (m / (1 − β₁ᵗ)) / (√(s / (1 − β₂ᵗ)) + ε).
    It is not in the book (see Kingma and Ba, 2015, algorithm 1). The usual η is 0.001.

    >>> import numpy as np
    >>> params = [{"w": np.asarray([1.0, 1.0])}]
    >>> params, state = Adam().update([{"w": np.asarray([4.0, -0.1])}], Adam().init(params), params, 0.001)
    >>> params[0]["w"].round(6).tolist()  # the first step is η in every direction
    [0.999, 1.001]
    """

    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    constraints: ClassVar[Constraints] = {
        "beta1": number(0, below=1),
        "beta2": number(0, below=1),
        "epsilon": number(above=0),
    }

    def init(self, params: Tree) -> State:
        # β₁ᵗ and β₂ᵗ: the weight that each average still gives to its start at zero
        one = [leaf.__array_namespace__().ones((), dtype=leaf.dtype) for leaf in leaves(params)[:1]]
        missing = [{"beta1": t, "beta2": t} for t in one]
        return {"m": _zeros(params), "s": _zeros(params), "missing": missing}

    def update(self, grads: Tree, state: State, params: Tree, eta: Any) -> tuple[Tree, State]:
        m = map_leaves(lambda m, g: self.beta1 * m + (1 - self.beta1) * g, state["m"], grads)
        s = map_leaves(lambda s, g: self.beta2 * s + (1 - self.beta2) * g * g, state["s"], grads)
        missing = [{"beta1": self.beta1 * t["beta1"], "beta2": self.beta2 * t["beta2"]} for t in state["missing"]]

        def step(w: Array, m: Array, s: Array) -> Array:
            xp = w.__array_namespace__()
            mean, square = m / (1 - missing[0]["beta1"]), s / (1 - missing[0]["beta2"])
            return w - eta * mean / (xp.sqrt(square) + self.epsilon)

        return map_leaves(step, params, m, s), {"m": m, "s": s, "missing": missing}


@dataclass(frozen=True)
class ExponentialMovingAverage(Validated):
    """An exponential moving average of the parameters over the steps of another optimizer.

    The average is used to evaluate, predict and save; training continues from the parameters w themselves.

    After step t: w̄ → w̄ + (1 − d)/(1 − dᵗ) (w − w̄), where d is ``decay``. So w̄ is a weighted mean of all w so
    far; the factor of the w of k steps ago is proportional to dᵏ. The first w̄ is the first w. A run much
    shorter than 1/(1 − d) steps is averaged as a whole; in a longer one, mostly the last 1/(1 − d) steps count.
    A model uses the running means of batch normalization as they are trained, not their average.
    It is not in the book (see Polyak and Juditsky, 1992).

    Args:
        optimizer: The optimizer that makes the steps; it must not average parameters itself.
        decay: d, from 0 to below 1.

    Raises:
        InvalidArgument: If ``decay`` is out of range, or ``optimizer`` is not such an optimizer.

    >>> optimizer = ExponentialMovingAverage(SGD(), decay=0.5)
    >>> params, state = [{"w": 0.0}], {"average": [{"w": 0.0}], "weight": [{"weight": 0.0}]}
    >>> for gradient in (-1.0, -3.0):
    ...     params, state = optimizer.update([{"w": gradient}], state, params, 1.0)
    >>> params, optimizer.params_in_use(params, state)  # (½ · 1 + 4) / (½ + 1)
    ([{'w': 4.0}], [{'w': 3.0}])
    """

    optimizer: Optimizer
    decay: float = 0.999
    constraints: ClassVar[Constraints] = {
        "optimizer": Constraint(
            "an optimizer other than ExponentialMovingAverage, such as SGD()",
            lambda value: OPTIMIZER.accepts(value) and not isinstance(value, ExponentialMovingAverage),
        ),
        "decay": number(0, below=1),
    }

    def init(self, params: Tree) -> State:
        # the sum of the weights in the average, 1 − dᵗ
        zero = [leaf.__array_namespace__().zeros((), dtype=leaf.dtype) for leaf in leaves(params)[:1]]
        return {**self.optimizer.init(params), "average": params, "weight": [{"weight": z} for z in zero]}

    def update(self, grads: Tree, state: State, params: Tree, eta: Any) -> tuple[Tree, State]:
        inner = {name: tree for name, tree in state.items() if name not in ("average", "weight")}
        params, inner = self.optimizer.update(grads, inner, params, eta)
        weight = [{"weight": self.decay * t["weight"] + (1 - self.decay)} for t in state["weight"]]

        def average(mean: Array, w: Array) -> Array:
            return mean + (1 - self.decay) / weight[0]["weight"] * (w - mean)

        used = params_in_use(self.optimizer, params, inner)
        return params, {**inner, "average": map_leaves(average, state["average"], used), "weight": weight}

    def params_in_use(self, params: Tree, state: State) -> Tree:
        return state["average"]


@dataclass(frozen=True)
class ClipNorm(Validated):
    """Clip the gradient g of all parameters together to a length, before the step of another optimizer.

    If ‖g‖ is above ``norm``, g → ``norm`` · g/‖g‖; the direction stays. So the step at a cliff of the cost, where the
    gradient of a recurrent network explodes, does not undo the training. g includes the gradient of regularization. It
    is not in the book (see Pascanu, Mikolov and Bengio, 2013, algorithm 1).

    Args:
        optimizer: The optimizer that makes the steps.
        norm: The largest length of g; Pascanu and others advise about the mean of ‖g‖ over many steps.

    Raises:
        InvalidArgument: If ``norm`` is not above 0, or ``optimizer`` is not an optimizer.

    >>> import numpy as np
    >>> gradient = [{"w": np.asarray([3.0]), "b": np.asarray([4.0])}]  # of length 5
    >>> params, _ = ClipNorm(SGD(), norm=1).update(gradient, {}, [{"w": np.zeros(1), "b": np.zeros(1)}], 1.0)
    >>> params[0]["w"].round(6).tolist(), params[0]["b"].round(6).tolist()
    ([-0.6], [-0.8])
    """

    optimizer: Optimizer
    norm: float = 1.0
    constraints: ClassVar[Constraints] = {"optimizer": OPTIMIZER, "norm": number(above=0)}

    def init(self, params: Tree) -> State:
        return self.optimizer.init(params)

    def update(self, grads: Tree, state: State, params: Tree, eta: Any) -> tuple[Tree, State]:
        return self.optimizer.update(clip_norm(grads, self.norm), state, params, eta)

    def params_in_use(self, params: Tree, state: State) -> Tree:
        return params_in_use(self.optimizer, params, state)


def clip_norm(grads: Tree, norm: Any) -> Tree:
    """Scale a gradient to at most this length, over all its arrays.

    The length is computed in a unit as large as the numbers, so that a gradient of 10³⁰ does not overflow in float32.

    >>> import numpy as np
    >>> clip_norm([{"w": np.asarray([3.0, 4.0])}], 10.0)[0]["w"].tolist()
    [3.0, 4.0]
    """
    found = [g for g in leaves(grads) if g.size]
    if not found:
        return grads
    xp = found[0].__array_namespace__()
    largest = xp.max(xp.stack([xp.max(xp.abs(g)) for g in found]))
    unit = xp.where(largest > norm, largest, norm * xp.ones_like(largest))
    length, most = xp.sqrt(sum(xp.sum((g / unit) ** 2) for g in found)), norm / unit  # in this unit
    factor = most / xp.where(length > most, length, most)
    return map_leaves(lambda g: factor * g, grads)
