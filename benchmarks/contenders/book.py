"""The method of the book's first program: example by example, column vectors, double precision."""

from __future__ import annotations

import numpy as np

from benchmarks.contenders.task import Outcome, Task, time_epochs


def loop(task: Task) -> Outcome:
    images, scale, batch_size, eta = (
        task.images(task.train.x),
        task.train.scale,
        task.recipe.training.batch_size,
        task.eta,
    )
    targets = task.train.targets[:, :, None]
    rng = np.random.default_rng(task.seed)
    weights = [params["w"] for params in task.params if params]
    biases = [params["b"][:, None] for params in task.params if params]

    def sigmoid(z: np.ndarray) -> np.ndarray:
        return 1 / (1 + np.exp(-z))

    def backprop(x: np.ndarray, y: np.ndarray) -> tuple[list[np.ndarray], list[np.ndarray]]:
        activations = [x]
        for w, b in zip(weights, biases, strict=True):
            activations.append(sigmoid(w @ activations[-1] + b))
        delta = activations[-1] - y  # BP1, of the cross-entropy
        nabla_w, nabla_b = [delta @ activations[-2].T], [delta]  # BP4, BP3
        for w, a, a_before in zip(weights[:0:-1], activations[-2:0:-1], activations[-3::-1], strict=True):
            delta = (w.T @ delta) * a * (1 - a)  # BP2
            nabla_w.insert(0, delta @ a_before.T)
            nabla_b.insert(0, delta)
        return nabla_w, nabla_b

    def epoch() -> None:
        order = rng.permutation(len(images))
        for start in range(0, len(order), batch_size):
            batch = order[start : start + batch_size]
            sum_w, sum_b = [np.zeros_like(w) for w in weights], [np.zeros_like(b) for b in biases]
            for i in batch:
                nabla_w, nabla_b = backprop(images[i][:, None] / scale, targets[i])
                sum_w = [s + n for s, n in zip(sum_w, nabla_w, strict=True)]
                sum_b = [s + n for s, n in zip(sum_b, nabla_b, strict=True)]
            weights[:] = [w - eta / len(batch) * s for w, s in zip(weights, sum_w, strict=True)]
            biases[:] = [b - eta / len(batch) * s for b, s in zip(biases, sum_b, strict=True)]

    def predict(images: np.ndarray) -> np.ndarray:
        a = (task.images(images) / scale).T
        for w, b in zip(weights, biases, strict=True):
            a = sigmoid(w @ a + b)
        return a.argmax(0)

    return Outcome(time_epochs(epoch, task), 0.0, predict)
