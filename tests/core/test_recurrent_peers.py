"""Recurrent layers beside PyTorch's: the same outputs and gradients for the same weights, with lengths as well."""

from __future__ import annotations

import numpy as np
import pytest

from deltarule.core import random
from deltarule.core.activations import ReLU
from deltarule.core.gru import GRU
from deltarule.core.lstm import LSTM
from deltarule.core.recurrent import Recurrent

pytestmark = pytest.mark.peers

N, STEPS, FEATURES, EXAMPLES = 4, 7, 3, 5
ORDERS = {"LSTM": [0, 1, 3, 2], "GRU": [0, 1, 2]}  # PyTorch's i, f, g, o; its r, z, n are ours
LENGTHS = np.asarray([7, 1, 3, 7, 2])
MEMORIES = {"RNN": Recurrent(N), "RNN of ReLUs": Recurrent(N, ReLU()), "LSTM": LSTM(N), "GRU": GRU(N)}


def build_module(name, params):
    """Build PyTorch's module, with our parameters in its order."""
    import torch

    relu = {"nonlinearity": "relu"} if "ReLU" in name else {}
    module = getattr(torch.nn, name.split()[0])(FEATURES, N, batch_first=True, dtype=torch.float64, **relu)
    order = np.concatenate([np.arange(N) + N * gate for gate in ORDERS.get(name, [0])])
    own = {"weight_ih_l0": params["w"], "weight_hh_l0": params["u"], "bias_ih_l0": params["b"]}
    own |= {"bias_hh_l0": np.zeros_like(params["b"])}
    module.load_state_dict({key: torch.tensor(value[order]) for key, value in own.items()})
    return module, order


@pytest.mark.parametrize("lengths", [None, LENGTHS], ids=["whole", "with lengths"])
@pytest.mark.parametrize("name", MEMORIES)
def test_outputs_and_gradients_are_pytorchs(name, lengths):
    import torch
    from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

    rng, layer = np.random.default_rng(0), MEMORIES[name]
    params = {key: p + rng.normal(size=p.shape) / 3 for key, p in layer.init(random.key(1), (STEPS, FEATURES)).items()}
    x, d_y = rng.normal(size=(EXAMPLES, STEPS, FEATURES)), rng.normal(size=(EXAMPLES, STEPS, N))
    module, order = build_module(name, params)
    inputs = torch.tensor(x, requires_grad=True)
    if lengths is None:
        outputs, _ = module(inputs)
    else:
        packed, _ = module(pack_padded_sequence(inputs, torch.tensor(lengths), batch_first=True, enforce_sorted=False))
        outputs, _ = pad_packed_sequence(packed, batch_first=True)
    outputs.backward(torch.tensor(d_y))
    y, cache = layer.forward(params, x, lengths=lengths)
    d_x, grads = layer.backward(params, cache, d_y)
    np.testing.assert_allclose(y, outputs.detach().numpy(), atol=1e-13)
    np.testing.assert_allclose(d_x, inputs.grad.numpy(), atol=1e-12)
    for ours, theirs in (("w", "weight_ih_l0"), ("u", "weight_hh_l0"), ("b", "bias_ih_l0")):
        np.testing.assert_allclose(grads[ours][order], getattr(module, theirs).grad.numpy(), atol=1e-12)
