"""ONNX files that the libraries themselves write now, and what they do differently."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from tests.exchange.models import MODELS, draw_pixels
from tests.exchange.onnx_running import run
from tools.onnx_files import CASES, export_sklearn, export_torch, strip

from deltarule.exchange import from_onnx

pytestmark = [pytest.mark.peers, pytest.mark.filterwarnings("ignore")]  # of the exporters, about their own code
ROOT = Path(__file__).parent.parent.parent


@pytest.mark.parametrize("name", [name for name in CASES if not name.startswith("keras")])
def test_files_that_are_written_now_give_the_outputs_of_the_library(name):
    proto, x, y = CASES[name]()
    model = from_onnx(proto)
    raw = x.transpose(0, 2, 3, 1) if name.startswith("torch-images") else x
    found = model.predict(raw)[:, None] if name.endswith("value") else model.outputs(raw)
    np.testing.assert_allclose(found, y, rtol=1e-5, atol=1e-6)


def test_files_of_keras_give_its_outputs(tmp_path):
    """Check in another process, as Keras keeps the backend that it started with."""
    code = """
import numpy as np, tools.onnx_files as files
from deltarule.exchange import from_onnx
for name in ("dense", "images"):
    proto, x, y = files.export_keras(name)
    model = from_onnx(proto)
    found = model.outputs(x) if name == "dense" else model.predict(x)[:, None]
    np.testing.assert_allclose(found, y, rtol=1e-5, atol=1e-6)
print("equal")
"""
    environment = {**os.environ, "KERAS_BACKEND": "torch", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.stdout.endswith("equal\n"), done.stderr


def test_a_network_of_pytorch_comes_back_to_it():
    """Export from PyTorch, read, write again, and run in ONNX Runtime."""
    import torch
    from torch import nn

    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv2d(1, 3, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(27, 4), nn.Softmax(1))
    proto, x, y = export_torch(net, (5, 1, 8, 8), dynamo=True)
    found = run(from_onnx(proto), x.reshape(5, 8, 8, 1))["probabilities"]
    np.testing.assert_allclose(found, y, atol=1e-6)


@pytest.mark.parametrize("name", list(MODELS)[:3])
def test_exported_files_run_in_the_runtime_beside_pytorch(name):
    import torch  # both in one process, as users have them

    assert torch.__version__
    model = MODELS[name]
    x = draw_pixels(model, 20)
    np.testing.assert_allclose(run(model, x)["probabilities"], model.predict_proba(x), atol=1e-5)


def test_pytorch_keeps_signs_that_the_operator_lp_pool_drops():
    import torch
    from torch.nn.functional import lp_pool2d

    x = torch.tensor([[[[-3.0, 1.0], [0.0, 0.0]]]])
    assert lp_pool2d(x, 1, 2).item() == -2  # 4 in ONNX Runtime
    assert np.isnan(lp_pool2d(x, 3, 2).item())  # 28 ** (1/3) there
    assert lp_pool2d(x, 2, 2).item() == pytest.approx(10**0.5)


def test_files_have_no_names_of_this_machine():
    for name in ("torch-dense", "torch-images-script"):
        proto, *_ = CASES[name]()
        content = strip(proto).SerializeToString()
        assert str(ROOT).encode() not in content
        assert b"site-packages" not in content


def test_several_targets_of_skl2onnx_are_refused():
    """It reshapes n rows of two values to 2n rows of one."""
    from skl2onnx import to_onnx
    from sklearn.neural_network import MLPRegressor

    x = np.random.default_rng(0).normal(size=(60, 4)).astype(np.float32)
    model = MLPRegressor(hidden_layer_sizes=(3,), max_iter=3, random_state=0).fit(x, x[:, :2])
    with pytest.raises(Exception, match="2 numbers in each example"):
        from_onnx(to_onnx(model, x[:1]))
    assert export_sklearn("value")[2].shape == (6, 1)
