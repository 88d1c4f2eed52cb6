"""The jobs that everybody is given: which network learns what, and how much faster deltarule has to be."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Target:
    """How many times as long as deltarule ``peer`` should take: at least ``must``, hoped for ``aim``."""

    peer: str
    must: float
    aim: float


@dataclass(frozen=True)
class Job:
    """A network of sigmoid neurons that learns by plain stochastic gradient descent at a constant η.

    ``sizes`` are the numbers of neurons from inputs to outputs; ``epochs`` how many passes over the
    training images everybody makes before the accuracy on the test images is taken.
    """

    name: str
    sizes: tuple[int, ...]
    batch_size: int
    cost: str
    eta: float
    epochs: int
    targets: tuple[Target, ...] = ()


JOBS = (
    Job(
        name="784-30-10, mini-batch 10",
        sizes=(784, 30, 10),
        batch_size=10,
        cost="cross-entropy",
        eta=0.5,
        epochs=5,
        targets=(Target("pytorch", 9, 18), Target("scikit-learn", 6, 12)),
    ),
    Job(
        name="784-100-10, mini-batch 10",
        sizes=(784, 100, 10),
        batch_size=10,
        cost="cross-entropy",
        eta=0.5,
        epochs=5,
        targets=(Target("pytorch", 6, 10),),
    ),
)
