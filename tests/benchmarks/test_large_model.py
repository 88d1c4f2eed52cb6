"""The check of a large model, with a small one: the same parameters and predictions, and a change is noticed."""

from __future__ import annotations

import numpy as np
import pytest

import deltarule as dr
from benchmarks import large_model


def test_a_saved_model_has_the_same_parameters_and_predictions(tmp_path, capsys):
    large_model.compare(60, tmp_path)
    assert capsys.readouterr().out.endswith("the same parameters and predictions\n")


def test_a_changed_parameter_is_noticed(tmp_path, monkeypatch):
    load = dr.load

    def change(path):
        model = load(path)
        model.params[2]["b"] = np.array(model.params[2]["b"]) + 1
        return model

    monkeypatch.setattr(dr, "load", change)
    with pytest.raises(SystemExit, match="the parameters are other ones"):
        large_model.compare(60, tmp_path)
