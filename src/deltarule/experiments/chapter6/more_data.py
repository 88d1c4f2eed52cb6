"""Larger and more dense layers on the expanded training data: what more neurons still bring."""

from __future__ import annotations

from functools import partial

from deltarule.experiments.chapter6.convolutional import (
    LAMBDA,
    RECTIFIED_UNITS,
    SECTION,
    SMALL_RECTIFIED,
)
from deltarule.experiments.chapter6.networks import RECTIFIED, REMARK
from deltarule.experiments.chapter6.training import at_least, draw, measure, published
from deltarule.experiments.experiment import Experiment, Quick

LOOK = "It is to be compared with ch6/expanded, the same network with one layer of 100 neurons."


def _larger(id: str, title: str, shows: str, dense: list[int], value: float, minutes: float) -> Experiment:
    """The network of ch6/expanded with other dense layers."""
    return Experiment(
        id=id,
        title=title,
        section=SECTION,
        shows=f"{shows} {LOOK}",
        measure=measure,
        plot=partial(draw, value=value),
        settings={**RECTIFIED_UNITS, "expanded": True, "dense": dense},
        variants=RECTIFIED,
        published=published(value, "chapter 6, larger fully connected layers"),
        quick=Quick(
            {**SMALL_RECTIFIED, "n_train": 60, "dense": [40] * len(dense)},
            (at_least(40.0, "corrected"),),
            variants=("corrected",),
        ),
        remark=REMARK.format(inputs=2) + LAMBDA,
        minutes=minutes,
    )


MORE_DATA = (
    _larger(
        "ch6/dense-300",
        "A dense layer of 300",
        "Three times as many neurons after the convolutions, on the expanded training data, gain a little.",
        [300],
        99.46,
        270,
    ),
    _larger(
        "ch6/dense-1000",
        "A dense layer of 1,000",
        "Ten times as many neurons after the convolutions gain no more than three times as many do.",
        [1000],
        99.43,
        360,
    ),
    _larger(
        "ch6/two-dense-100",
        "Two dense layers of 100",
        "A second layer of 100 neurons after the convolutions, on the expanded training data.",
        [100, 100],
        99.43,
        260,
    ),
    _larger(
        "ch6/two-dense-300",
        "Two dense layers of 300",
        "Two layers of 300 neurons after the convolutions, on the expanded training data.",
        [300, 300],
        99.48,
        290,
    ),
    _larger(
        "ch6/two-dense-1000",
        "Two dense layers of 1,000",
        "Two layers of 1,000 neurons after the convolutions do hardly better than one of 100: more neurons are "
        "no longer what is missing.",
        [1000, 1000],
        99.47,
        690,
    ),
)
