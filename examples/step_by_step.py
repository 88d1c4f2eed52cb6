"""Backpropagation step by step: every δ and every gradient of a small network, printed as it is computed.

Run it:  python examples/step_by_step.py    or in a debugger, with a breakpoint in Dense.backward.
"""

import numpy as np

import deltarule as dr

network = dr.Network.dense([2, 3, 1], cost="quadratic")
params = network.init(seed=0)
x, y = np.array([[0.5, -1.0]]), np.array([[1.0]])

print("Forward: the weighted inputs z and activations a of each layer")
a, caches = x, []
for layer, p in zip(network.layers, params, strict=True):
    a, cache = layer.forward(p, a)
    caches.append(cache)
    print(f"  {type(layer).__name__:8} {a.round(4)}")
z = a
print(f"  answer   {network.cost.activation(z).round(4)}   desired {y}   cost {network.cost.value(z, y):.4f}")

print("\nBackward: the error d, ∂C/∂ of the input of each layer, and the gradients")
d = network.cost.delta(z, y)
print(f"  BP1      δ of the last layer {d.round(4)}")
for layer, p, cache in reversed(list(zip(network.layers, params, caches, strict=True))):
    d, grads = layer.backward(p, cache, d)
    print(f"  BP2      back through {type(layer).__name__:8} {d.round(4)}")
    if grads:
        print(f"  BP3      ∂C/∂b {grads['b'].round(4)}")
        print(f"  BP4      ∂C/∂w {grads['w'].round(4).tolist()}")

report = dr.gradcheck(network, params, x, y)
print(
    f"\nAgainst finite differences, all {report.checked} parameters: largest relative difference {report.relative:.1e}"
)
