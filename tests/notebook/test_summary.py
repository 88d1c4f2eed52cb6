"""Tables of networks as plain text, and histories as data frames."""

from __future__ import annotations

import re
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

import deltarule as dr
from deltarule.models.history import History
from deltarule.recipes.builtin import RECIPES
from deltarule.recipes.measurements import count_multiplications, count_parameters

NETWORKS = {name: recipe.network((28, 28), 10) for name, recipe in RECIPES.items()}


@pytest.mark.parametrize("name", NETWORKS)
def test_the_summary_shows_each_layer_and_the_totals(name):
    network = NETWORKS[name]
    title, headings, line, *rows, same_line, totals = network.summary().split("\n")
    layers = f"{len(network.layers)} layer{'s' * (len(network.layers) > 1)}"
    assert f"{layers}, {count_parameters(network):,} parameters" in title
    assert headings.split() == ["layer", "output", "parameters", "numbers", "FLOPs"]
    assert set(line) == {"─"} == set(same_line)
    assert len(rows) == len(network.layers) + 1
    assert [row.split()[0] for row in rows] == ["input", *map(str, range(len(network.layers)))]
    for row, layer, shape in zip(rows[1:], network.layers, network.shapes[1:], strict=True):
        assert type(layer).__name__ in row
        assert re.search(rf" {'×'.join(map(str, shape))}( |$)", row)
    assert totals.split()[-2:] == [f"{count_parameters(network):,}", f"{2 * count_multiplications(network):,}"]
    assert max(map(len, rows)) <= len(line)


def test_columns_of_numbers_end_at_the_same_place():
    lines = dr.Network.dense([784, 100, 10]).summary().split("\n")
    ends = {len(line) for line in (lines[1], lines[4], lines[6], lines[8])}
    assert ends == {len(lines[2])}


def test_the_summary_of_a_model_counts_its_own_parameters():
    network = dr.Network.dense([2, 1])
    params = [{"w": np.ones((1, 2)), "b": np.zeros(1)}]
    model = dr.Model(network, params, dr.preprocessing.Preprocessing(dr.encodings.OneHot(1)))
    first, *rest = model.summary().split("\n")
    assert first == f"{model!r}: 1 layer, 3 parameters"
    assert rest == network.summary().split("\n")[1:]


def test_the_summary_of_a_network_too_large_for_memory_is_built():
    assert f"{10**18 + 10**9:,}" in dr.Network.dense([10**9, 10**9]).summary()


def test_a_history_becomes_a_frame_with_a_row_per_epoch():
    history = History(({"epoch": 0, "eta": 0.5}, {"eta": 0.25, "epoch": 1, "norm": 3.0}), within=({"step": 1},))
    frame = history.to_frame()
    assert frame.index.tolist() == [0, 1]
    assert frame.index.name == "epoch"
    assert frame.columns.tolist() == ["eta", "norm"]
    pd.testing.assert_series_equal(frame["norm"], pd.Series([np.nan, 3.0], frame.index, name="norm"))
    assert History(({"eta": 1.0, "epoch": 0},)).to_frame().columns.tolist() == ["eta"]
    empty = History().to_frame()
    assert (len(empty), empty.index.name) == (0, "epoch")


def test_a_history_without_pandas_says_what_to_install():
    code = """\
import sys
sys.modules["pandas"] = None
import deltarule as dr
from deltarule.models.history import History
try:
    History().to_frame()
except dr.errors.MissingExtra as error:
    print(error.remedy)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert (done.stdout, done.stderr) == ("install it: pip install pandas\n", "")
