"""Processes that train together compare everything that must be equal, and name the differences."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

import pytest

from deltarule.core.distortions import Shift
from deltarule.core.network import Network
from deltarule.core.optimizers import SGD, Momentum
from deltarule.core.regularizers import L2
from deltarule.core.schedules import Exponential
from deltarule.data.order import AsGiven
from deltarule.engines.execution import Execution
from deltarule.errors import InvalidArgument
from deltarule.training.checkpoint import Checkpoint
from deltarule.training.consistency import check_agreement
from deltarule.training.fit import fit, make_plan, prepare_network
from deltarule.training.plan import Start
from deltarule.training.training import Training

from .runs import TRAIN, VALIDATION, pictures

NETWORK = Network.dense([16, 5, 3])


@dataclass
class Meeting:
    """A stand-in for an engine that collects the texts of all processes."""

    texts: list[str] = field(default_factory=list)
    processes: int = 2
    name: str = "numpy"
    threads: int = 1
    level: str = ""

    def all_gather(self, text: str) -> list[str]:
        self.texts.append(text)
        return self.texts


def run(engine: Meeting, network=NETWORK, train=TRAIN, validation=VALIDATION, callbacks=(), **given):
    training = Training(**{"epochs": 2, "seed": 5, **given})
    network, params, *_ = prepare_network(network, train, training)
    plan = make_plan(Start(network, params), train, validation, training, Execution(engine="numpy"), callbacks)
    return replace(plan, engine=engine), plan.start_from(params)


def compare(*given: dict) -> None:
    meeting = Meeting()
    for one in given:
        check_agreement([run(meeting, **one)])


OTHER = {
    "seed": ({"seed": 6}, "seed (process 0 has 5, process 1 has 6), first parameters"),
    "epochs": ({"epochs": 3}, "epochs (process 0 has 2, process 1 has 3)"),
    "batch size": ({"batch_size": 7}, "batch_size (process 0 has 10, process 1 has 7)"),
    "eta": ({"eta": 0.1}, "eta ("),
    "schedule": ({"eta": Exponential(0.5, 0.9)}, "eta ("),
    "optimizer": ({"optimizer": Momentum(0.9)}, "optimizer ("),
    "regularizer": ({"regularizer": L2(3.0)}, 'regularizer (process 0 has none, process 1 has {"type": "L2"'),
    "augmentation": ({"augmentation": Shift(1)}, "augmentation ("),
    "order": ({"order": AsGiven()}, "order ("),
    "dtype": ({"dtype": "float64"}, "dtype (process 0 has float32, process 1 has float64)"),
    "network": ({"network": Network.dense([16, 6, 3])}, "network ("),
    "training data": ({"train": pictures(42, 9)}, "training data (process 0 has 42 examples, "),
    "validation data": ({"validation": None}, "validation data (process 0 has 30 examples, "),
    "validate_every": ({"validate_every": 2}, "validate_every (process 0 has 0, process 1 has 2)"),
    "checkpoints": ({"callbacks": [Checkpoint("run", 5)]}, "pauses after steps (process 0 has [], process 1 has [5])"),
    "model": ({"network": fit(NETWORK, TRAIN, epochs=1, engine="numpy", seed=5)}, "first parameters ("),
}


@pytest.mark.parametrize("case", OTHER)
def test_differences_are_named(case):
    given, reason = OTHER[case]
    with pytest.raises(InvalidArgument, match=re.escape(reason)):
        compare({}, given)


def test_equal_runs_start():
    compare({}, {"keep_best": True}, {"train": replace(TRAIN, name="the same from another file")})


def test_numbers_of_members_must_be_equal():
    meeting = Meeting()
    runs = [run(meeting, optimizer=rule) for rule in (SGD(), Momentum(0.5))]
    check_agreement(runs)
    check_agreement(runs)
    with pytest.raises(InvalidArgument, match=r"members \(process 0 has 2, process 2 has 1\), .*, optimizer \("):
        check_agreement(runs[:1])
