"""The settings of the page Train in its address: what it writes, it reads; what it cannot read, it explains."""

from __future__ import annotations

from dataclasses import fields, replace
from urllib.parse import parse_qs

import pytest

from deltarule.lab.training_address import PARAMETERS, FormSettings, read_address, write_address
from deltarule.lab.training_form import COSTS, NETWORKS, OPTIMIZERS

SOURCES = {"MNIST (28 × 28)": "mnist", "small digits (8 × 8)": "digits", "my own": "/home/me/data",
           "Böden & Co.csv (2)": "runs/lab/data/0123456789ab/Böden & Co.csv"}  # fmt: skip
DEFAULT = FormSettings("mnist")
OTHERS = {
    "source": list(SOURCES.values())[1:], "label": ["kind", "width & height, in %", "Größe=1"],
    "layers": [*map(tuple, NETWORKS.values()), ("Conv(maps=8, kernel=(3, 5))", "Flatten", "Output(initializer=He)")],
    "cost": list(COSTS)[1:], "optimizer": list(OPTIMIZERS)[1:], "batch_size": [1, 100_000], "epochs": [1, 100_000],
    "seed": [0, 1_000_000], "eta": [0.0, 1e-4, 0.07, 100.0], "lmbda": [1e-6, 0.5, 1000.0],
}  # fmt: skip
"""Other values of each setting."""


def read(address: str) -> tuple[FormSettings, list[str]]:
    """Read an address as marimo does: one text, or a list of several."""
    found = parse_qs(address, keep_blank_values=True)
    return read_address({name: texts[0] if len(texts) == 1 else texts for name, texts in found.items()}, SOURCES)


def test_every_setting_has_a_parameter() -> None:
    assert set(OTHERS) == {field.name for field in fields(FormSettings)}
    assert {"source", *(one.field for one in PARAMETERS.values())} == set(OTHERS)


@pytest.mark.parametrize("name", OTHERS)
def test_an_address_restores_a_setting(name: str) -> None:
    for value in (one for one in OTHERS[name] if one != DEFAULT.layers):
        settings = replace(DEFAULT, **{name: value})
        address = write_address(settings, SOURCES)
        assert address.startswith("data=")
        assert read(address) == (settings, [])
        assert "/" not in address, "an address holds no path of a file"


def test_the_default_settings_need_no_address() -> None:
    assert (write_address(DEFAULT, SOURCES), read("")) == ("", (DEFAULT, []))


WRONG = {
    "data": ["/etc/passwd", "/home/me/data", "runs/lab/data/0123456789ab/Böden & Co.csv", "irises"],
    "layers": ["", "Foo", "Dense(30),", "Dense(30,Output", "Output," * 60, "x" * 999, "__import__('os')"],
    "cost": ["", "Quadratic"], "optimizer": ["adam", "SGD()"], "target": ["x" * 999],
    "batch": ["0", "-1", "1.5", "1e3", "٣", "100001", "9" * 5000, " 1"], "epochs": ["0"], "seed": ["-1", "0x1"],
    "eta": ["", "fast", "-1", "nan", "inf", "1e999", "101", "1_0"], "lmbda": ["1001"],
}  # fmt: skip
"""Texts that no parameter has."""


@pytest.mark.parametrize("name", WRONG)
def test_a_bad_value_is_explained_and_its_setting_keeps_the_default(name: str) -> None:
    for text in WRONG[name]:
        settings, problems = read_address({name: text, "epochs": "7"} if name != "epochs" else {name: text}, SOURCES)
        assert settings == (replace(DEFAULT, epochs=7) if name != "epochs" else DEFAULT)
        [problem] = problems
        assert problem.startswith(f"{name}: expected ")
        assert "; the page uses " in problem
        assert len(problem) < 250


def test_an_unknown_or_repeated_parameter_is_a_problem() -> None:
    settings, problems = read("seed=1&seed=2&colour=red&session_id=s_abc")
    assert settings == DEFAULT
    repeated, unknown = problems
    assert repeated.startswith("seed: expected a whole number")
    assert "unknown setting, “colour”" in unknown
