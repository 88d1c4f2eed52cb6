"""scikit-learn's network, one ``partial_fit`` per epoch."""

from __future__ import annotations

import numpy as np
from sklearn.neural_network import MLPClassifier

from benchmarks.contenders.task import Outcome, Task, time_epochs


def classifier(task: Task) -> Outcome:
    network = MLPClassifier(
        task.sizes[1:-1],
        activation="logistic",
        solver="sgd",
        alpha=0.0,
        batch_size=task.recipe.training.batch_size,
        learning_rate="constant",
        learning_rate_init=task.eta,
        momentum=0.0,
        nesterovs_momentum=False,
        shuffle=True,
        random_state=task.seed,
    )

    def scale(images: np.ndarray) -> np.ndarray:
        return np.multiply(task.images(images), np.float32(1 / task.train.scale), dtype=np.float32)

    def epoch() -> None:
        network.partial_fit(scale(task.train.x), task.train.y, classes=np.arange(task.sizes[-1]))

    return Outcome(time_epochs(epoch, task), 0.0, lambda images: network.predict(scale(images)))
