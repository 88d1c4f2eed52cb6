"""Sizes, shapes, little memory and interrupts: the native engine ends in a clear error, never in a crash."""

from __future__ import annotations

import signal
import subprocess
import sys
from dataclasses import replace
from threading import Timer

import numpy as np
import pytest
from tests.fields import has

from deltarule.core.activations import ReLU
from deltarule.core.augmentation import OnImages
from deltarule.core.convolution import Conv
from deltarule.core.costs import LogLikelihood
from deltarule.core.distortions import Shift
from deltarule.core.layers import Dense, Flatten
from deltarule.core.network import Network
from deltarule.core.normalization import BatchNorm
from deltarule.core.pooling import MaxPool
from deltarule.core.trees import leaves
from deltarule.data.encodings import OneHot
from deltarule.engines import Epoch, Examples, native_program
from deltarule.engines.choice import choose_evaluator
from deltarule.engines.native_scope import MOST, find_obstacle
from deltarule.engines.numpy_engine import NumpyEvaluator
from deltarule.errors import DataError, InvalidArgument, ShapeError
from deltarule.models.model import Model
from deltarule.preprocessing import Preprocessing
from deltarule.training.fit import fit

from .cases import BATCH, N, build_everything, bytes_of, engine_of, epoch_of, make_images, prepare, shared_run

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="deltarule has no native engine on Windows")

LARGE = 10**9


def network_of(*layers, shape=(28, 28, 1)) -> Network:
    return Network([*layers, Flatten(), Dense(3)], LogLikelihood(), shape)


@pytest.mark.parametrize(
    ("network", "place"),
    [
        (network_of(Flatten(), Dense(LARGE)), "layer 1, Dense,"),
        (network_of(Flatten(), Dense(10**30)), "layer 1, Dense,"),
        (network_of(Flatten(), Dense(MOST // 784 + 1)), "layer 1, Dense,"),
        (network_of(Conv(LARGE, 3)), "layer 0, Conv,"),
        (network_of(Conv(MOST // 26**2 + 1, 3)), "layer 0, Conv,"),
        (network_of(Conv(2**12, 3), Conv(2**12, 3)), "layer 1, Conv,"),
        (network_of(shape=(2**14, 2**14, 1)), "an input"),
        (network_of(MaxPool(LARGE), shape=(LARGE, LARGE, 1)), "an input"),
        (Network([Dense(1)], LogLikelihood(), (MOST + 1,)), "an input"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_sizes_beyond_the_engine_s(network, place):
    assert find_obstacle(network) == f"{place} has more than {MOST:,} numbers"


def test_sizes_within_the_engine_s():
    assert find_obstacle(network_of(Flatten(), Dense(MOST // 784))) == ""
    assert find_obstacle(Network([Dense(1)], LogLikelihood(), (MOST,))) == ""


@pytest.mark.parametrize("layer", [Dense(LARGE), Dense(10**30), BatchNorm()], ids=str)
def test_parameters_beyond_all_memory(layer):
    network = network_of(Flatten(), layer, shape=(2**40, 2**10, 1) if isinstance(layer, BatchNorm) else (28, 28, 1))
    with pytest.raises(ShapeError, check=has(position="layer 1", remedy="use fewer neurons, or smaller inputs")):
        network.init(0)


@pytest.mark.parametrize("engine", ["auto", "native", "numpy"])
def test_a_billion_neurons(engine):
    with pytest.raises(ShapeError, check=has(position="layer 0")):
        fit(Network.dense([36, LARGE, 4]), make_images(4), epochs=1, engine=engine)


@pytest.mark.parametrize("size", [0, -1])
def test_an_empty_mini_batch(size):
    with pytest.raises(InvalidArgument, check=has(argument="batch_size", value=size)):
        fit(Network.dense([36, 4]), make_images(4), epochs=1, batch_size=size, engine="native")


def test_a_label_out_of_range():
    data = replace(make_images(5), y=np.array([0, 1, 4, 0, 0]))
    with pytest.raises(DataError, check=has(position="label at position 2", value=4)):
        fit(Network.dense([36, 4]), data, epochs=1, engine="native")


def test_no_examples_take_no_step():
    run = shared_run("native", "float32")
    none = Examples(run.examples.x[:0], run.examples.y[:0], 255.0)
    epoch = Epoch(np.zeros(0, np.int32), 4, np.zeros(0), epoch_of(N).key)
    params, state, finite = run.program.run(run.params, run.state, none, epoch, 0, epoch.steps)
    assert finite
    assert bytes_of(params, *state.values()) == bytes_of(run.params, *run.state.values())


def test_more_threads_than_examples():
    data, descent = make_images(5), build_everything(5)
    for threads in (64, 300):  # the library keeps at most 256
        run = prepare("native", descent, data, "float32", threads)
        params, _, finite = run.program.run(run.params, run.state, run.examples, epoch_of(5), 0, 2)
        assert finite
        again, _, _ = run.program.run(run.params, run.state, run.examples, epoch_of(5), 0, 2)
        assert bytes_of(params) == bytes_of(again) != bytes_of(run.params)


NETWORK = Network([Dense(3), ReLU(), Dense(2)], LogLikelihood(), (4,))
GOOD = [{"w": np.zeros((3, 4)), "b": np.zeros(3)}, {}, {"w": np.zeros((2, 3)), "b": np.zeros(2)}]


@pytest.mark.parametrize(
    ("layer", "params"),
    [
        (0, {"w": np.zeros((3, 2)), "b": np.zeros(3)}),
        (0, {"w": np.zeros(12), "b": np.zeros(3)}),
        (0, {"w": np.zeros((3, 4))}),
        (0, {}),
        (0, {"w": np.zeros((3, 4)), "b": np.zeros(3), "a": np.zeros(1)}),
        (1, {"w": np.zeros(3)}),
        (2, {"w": np.zeros((3, 2)), "b": np.zeros(2)}),
        (2, {"w": np.zeros((2, 3)), "b": np.zeros(())}),
    ],
)
def test_a_model_with_parameters_of_other_shapes(layer, params):
    wrong = [params if i == layer else good for i, good in enumerate(GOOD)]
    model = Model(NETWORK, wrong, Preprocessing(OneHot(2)), settings={"engine": "native"})
    with pytest.raises(ShapeError, check=has(argument="params", position=f"layer {layer}")):
        model.predict(np.eye(4))


def test_parameters_in_another_order_and_layout():
    right = engine_of("native").evaluator(NETWORK, "float64")
    init = NETWORK.init(1)
    turned = [{name: np.asfortranarray(layer[name]) for name in sorted(layer)} for layer in init]
    examples = right.place(Examples(np.eye(4), np.zeros((4, 2)), 1.0))
    found = right.weighted_inputs(right.params(turned), examples)
    np.testing.assert_array_equal(found, right.weighted_inputs(right.params(init), examples))


def test_numbers_of_other_sizes_are_numpy_s():
    params = [{name: leaf.astype(np.longdouble) for name, leaf in layer.items()} for layer in NETWORK.init(1)]
    dtype = np.result_type(*leaves(params))
    if dtype == np.float64:
        return  # a machine without longer numbers
    assert type(choose_evaluator("native", NETWORK, params, dtype, 4)) is NumpyEvaluator


def test_ctrl_c_is_heard_within_a_stretch(monkeypatch):
    """Press Ctrl-C during a stretch of 30 million steps, of which the library takes some at a time."""
    steps, taken = 30_000_000, 0
    data, descent = make_images(4), build_everything(4)
    run = prepare("native", descent, data, "float32")
    epoch = Epoch(np.zeros(steps, np.int32), 1, np.full(steps, 0.01, np.float32), epoch_of(4).key)
    do = native_program.NativeEvaluator._do

    def count(self, job):
        nonlocal taken
        do(self, job)
        taken += job.steps_done

    monkeypatch.setattr(native_program, "PATIENCE", 0.02)
    monkeypatch.setattr(native_program.NativeEvaluator, "_do", count)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    timer = Timer(0.3, signal.raise_signal, [signal.SIGINT])
    timer.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            run.program.run(run.params, run.state, run.examples, epoch, 0, steps)
    finally:
        timer.cancel()  # where the stretch failed before
        timer.join()
        signal.signal(signal.SIGINT, before)
    assert 0 < taken < steps


def test_pieces_of_a_stretch_give_the_same_bits(monkeypatch):
    run, epoch = shared_run("native", "float32"), epoch_of(N)
    whole = run.program.run(run.params, run.state, run.examples, epoch, 0, epoch.steps)
    monkeypatch.setattr(native_program, "PATIENCE", 0.0)
    pieces = run.program.run(run.params, run.state, run.examples, epoch, 0, epoch.steps)
    assert bytes_of(whole[0], *whole[1].values()) == bytes_of(pieces[0], *pieces[1].values())


def test_pieces_of_augmented_examples_give_the_same_bits(monkeypatch):
    descent = replace(build_everything(N), augmentation=OnImages(Shift(1), (6, 6)))
    run, epoch = prepare("native", descent, make_images(N), "float32"), epoch_of(N)
    whole = run.program.run(run.params, run.state, run.examples, epoch, 0, epoch.steps)
    monkeypatch.setattr(native_program, "AUGMENTED", 3 * BATCH * 36)
    pieces = run.program.run(run.params, run.state, run.examples, epoch, 0, epoch.steps)
    assert bytes_of(whole[0], *whole[1].values()) == bytes_of(pieces[0], *pieces[1].values())


LITTLE_MEMORY = """
import resource
from pathlib import Path
import numpy as np
from deltarule.core.random import key
from deltarule.engines import Epoch, Examples
from deltarule.errors import InvalidArgument
from engines.cases import build_everything, make_images, prepare
from deltarule import CrossEntropy, Dense, Network, SGD, Sigmoid
from deltarule.core.descent import Descent

n, small = 200_000, 100
network = Network([Dense(200), Sigmoid(), Dense(200), Sigmoid(), Dense(4)], CrossEntropy(), (36,))
run = prepare("native", Descent(network, SGD(), None, n), make_images(n), "float32", threads=4)
used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + 150_000_000, resource.RLIM_INFINITY))

def train(batch_size):
    steps = n // batch_size
    epoch = Epoch(np.arange(n, dtype=np.int32), batch_size, np.full(steps, 0.1), key(0))
    return run.program.run(run.params, run.state, run.examples, epoch, 0, 2)

for turn in range(3):
    try:
        train(n // 2)
    except InvalidArgument as error:
        print(error.argument, error.value)
    assert train(small)[2]
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux limits the memory of a process so")
def test_too_little_memory(pytestconfig):
    root = pytestconfig.rootpath
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", LITTLE_MEMORY], capture_output=True, text=True, timeout=60, check=False,
        env={"PYTHONPATH": f"{root}:{root / 'tests'}", "PATH": ""},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "batch_size 100000\n" * 3


def test_examples_in_any_layout():
    """Use what a data set never gives an engine, which would convert it: the library reads plain arrays only."""
    rng, program = np.random.default_rng(2), engine_of("native").evaluator(NETWORK, "float64")
    x = rng.integers(0, 9, (6, 4)).astype(np.float64)
    memory = np.empty(x.nbytes + 1, np.uint8)
    unaligned = memory[1:].view(x.dtype).reshape(x.shape)
    unaligned[...] = x
    big, turned, wide = x.astype(">f4"), np.asfortranarray(x), np.repeat(x, 2, axis=1)[:, ::2]
    params = program.params(NETWORK.init(1))
    results = []
    for each in (x, unaligned, big, turned, wide, x.astype(np.float16), x.astype(np.int64), x.astype(np.longdouble)):
        placed = program.place(Examples(each, np.zeros((6, 2)), 1.0, 0.5, each[:, 0]))
        assert placed.x.flags.aligned
        assert placed.weights.dtype == np.float64
        results.append(program.weighted_inputs(params, placed))
    for found in results:
        np.testing.assert_array_equal(found, results[0])
