"""The work for a network with twice the layers is at most twice as much, counted in calls of ``output_shape``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import deltarule as dr
from deltarule.cli.summary import describe_layers
from deltarule.core.layers import Dense
from deltarule.data.encodings import OneHot
from deltarule.engines import native_scope
from deltarule.exchange import from_onnx, save_keras, save_onnx, save_pytorch
from deltarule.lab import memory
from deltarule.lab.page_network import describe_network
from deltarule.notebook.summaries import build_summary
from deltarule.preprocessing import Preprocessing
from deltarule.recipes import measurements

LAYERS = 40
"""The number of dense layers of the smaller network."""


def build_model(n: int) -> dr.Model:
    network = dr.Network.dense([4, *[3] * (n - 1), 2])
    return dr.Model(network, network.init(1), Preprocessing(OneHot(2)))


def save(model: dr.Model, folder: Path) -> Path:
    model.save(path := folder / "m.safetensors")
    return path


def export(model: dr.Model, folder: Path) -> Path:
    save_onnx(model, path := folder / "m.onnx")
    return path


USES: dict[str, tuple[Callable[[dr.Model, Path], object], Callable[..., object]]] = {
    "build": (lambda model, folder: (len(model.network.layers) + 1) // 2, build_model),
    "save": (lambda model, folder: (model, folder), lambda pair: save(*pair)),
    "save_onnx": (lambda model, folder: (model, folder), lambda pair: export(*pair)),
    "save_keras": (lambda model, folder: (model, folder), lambda pair: save_keras(pair[0], pair[1] / "m.py")),
    "save_pytorch": (lambda model, folder: (model, folder), lambda pair: save_pytorch(pair[0], pair[1] / "m.py")),
    "find_obstacle": (lambda model, folder: model.network, lambda network: native_scope.find_obstacle(network)),
    "describe_layers": (lambda model, folder: model, describe_layers),
    "build_summary": (lambda model, folder: model.network, build_summary),
    "count_multiplications": (lambda model, folder: model.network, measurements.count_multiplications),
    "estimate_memory": (lambda model, folder: model.network, lambda n: memory.estimate_memory(n, 10, dr.SGD())),
    "page": (lambda model, folder: model, describe_network),
    "load": (save, dr.load),
    "from_onnx": (export, from_onnx),
    "predict": (lambda model, folder: model, lambda model: model.predict(np.zeros((3, 4)))),
}


def count_calls(monkeypatch: pytest.MonkeyPatch, n: int, name: str, folder: Path) -> int:
    prepare, use = USES[name]
    argument = prepare(build_model(n), folder)
    calls = 0
    plain = Dense.output_shape

    def count(self, shape):
        nonlocal calls
        calls += 1
        return plain(self, shape)

    with monkeypatch.context() as patch:
        patch.setattr(Dense, "output_shape", count)
        use(argument)
    return calls


@pytest.mark.parametrize("name", USES)
def test_twice_the_layers_take_at_most_twice_the_calls(name, monkeypatch, tmp_path):
    once, twice = (count_calls(monkeypatch, n, name, tmp_path) for n in (LAYERS, 2 * LAYERS))
    assert twice <= 2 * once


def test_a_walk_for_each_layer_is_noticed(monkeypatch, tmp_path):
    def walk(network):
        return [network.shapes[i] for i in range(len(network.layers))]

    monkeypatch.setitem(USES, "walk", (lambda model, folder: model.network, walk))
    once, twice = (count_calls(monkeypatch, n, "walk", tmp_path) for n in (LAYERS, 2 * LAYERS))
    assert twice > 3 * once
