"""PyTorch's names and layouts of the parameters; fresh processes, and training, with PyTorch itself (``peers``)."""

from __future__ import annotations

import runpy
import subprocess
import sys

import numpy as np
import pytest
from safetensors.numpy import load_file
from tests.exchange.models import build_model, build_recipe, check_equal, draw_pixels, list_labels
from tests.fields import has

import deltarule as dr
from deltarule.errors import ShapeError
from deltarule.exchange.pytorch import save_pytorch
from deltarule.recipes.builtin import RECIPES


@pytest.mark.peers
def test_a_fresh_process_runs_the_scripts(tmp_path):
    code = ["import sys, numpy as np", "x = np.load('x.npy')"]
    written = {name: build_recipe(name) for name in RECIPES}
    x = draw_pixels(next(iter(written.values())), 50)
    np.save(tmp_path / "x.npy", x)
    for i, model in enumerate(written.values()):
        save_pytorch(model, tmp_path / f"mine{i}.py")
        code += [f"import mine{i}", f"np.save('y{i}.npy', mine{i}.outputs(x))", f"print(*mine{i}.predict(x), sep='|')"]
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(code)], cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    for i, (model, line) in enumerate(zip(written.values(), done.stdout.splitlines(), strict=True)):
        check_equal(np.load(tmp_path / f"y{i}.npy"), model.outputs(x))
        assert line.split("|") == list_labels(model, x)


@pytest.mark.peers
def test_the_network_trains_on_in_pytorch(tmp_path):
    import torch

    model = build_model(
        dr.Network([dr.Conv(2, 2), dr.BatchNorm(), dr.Flatten(), dr.Dense(3)], dr.LogLikelihood(), (3, 4, 1))
    )
    found = runpy.run_path(str(save_pytorch(model, tmp_path / "mine.py")[0]))
    x, y = draw_pixels(model, 60), torch.arange(60) % 3
    network, inputs = found["network"], torch.tensor(found["prepare"](x))
    optimizer, losses = torch.optim.SGD(network.parameters(), lr=0.1), []
    network.train()
    for _ in range(20):
        losses.append(torch.nn.functional.cross_entropy(network(inputs), y))
        optimizer.zero_grad()
        losses[-1].backward()
        optimizer.step()
    assert losses[-1] < losses[0]
    assert network.state_dict().keys() == load_file(tmp_path / "mine.safetensors").keys()


def test_the_parameters_have_the_names_and_layouts_of_pytorch(tmp_path):
    network = dr.Network([dr.Conv(5, (2, 3)), dr.BatchNorm(), dr.Flatten(), dr.Dense(3)], dr.CrossEntropy(), (3, 4, 2))
    model = build_model(network)
    script, weights = save_pytorch(model, str(tmp_path / "mine.py"))
    assert (script, weights) == (tmp_path / "mine.py", tmp_path / "mine.safetensors")
    tensors = load_file(weights)
    assert {name: one.shape for name, one in tensors.items()} == {
        "0.weight": (5, 2, 2, 3),
        "0.bias": (5,),
        **{f"1.{name}": (5,) for name in ("weight", "bias", "running_mean", "running_var")},
        "1.num_batches_tracked": (),
        "3.weight": (3, 20),
        "3.bias": (3,),
    }
    w = model.params[0]["w"]  # (maps, height, width, channels)
    assert tensors["0.weight"][4, 1, 0, 2] == w[4, 0, 2, 1]
    w = model.params[3]["w"].reshape(3, 2, 2, 5)  # from (height, width, maps)
    assert tensors["3.weight"].reshape(3, 5, 2, 2)[1, 4, 0, 1] == w[1, 0, 1, 4]
    assert np.array_equal(tensors["1.running_var"], model.params[1]["variance"])


def test_a_normalization_of_more_dimensions_than_pytorch_has_is_refused(tmp_path):
    deep = dr.Network([dr.BatchNorm(), dr.Flatten(), dr.Dense(3)], dr.CrossEntropy(), (1, 2, 1, 2, 1))
    with pytest.raises(ShapeError, check=has(owner="BatchNorm")):
        save_pytorch(build_model(deep), tmp_path / "mine.py")
    assert list(tmp_path.iterdir()) == []
