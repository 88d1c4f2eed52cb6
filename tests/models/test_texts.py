"""Texts that a model of characters writes: their distribution, the temperature, the seed, and errors."""

from __future__ import annotations

import numpy as np
import pytest

import deltarule as dr
from deltarule.errors import DataError, DivergedError, InvalidArgument
from deltarule.models.texts import draw_character

STEPS, ALPHABET = 4, "abc"


def build_model(w=None, b=(0.0, 0.0, 0.0), u=0.0):
    """Build a model whose state is 0.9 times the character before (and u times the state), and z = w h + b."""
    network = dr.Network(
        [dr.Recurrent(3, dr.Linear()), dr.EachStep(dr.Dense(3)), dr.Flatten()],
        dr.SumOverSteps(dr.LogLikelihood(), 3),
        (STEPS, 3),
    )
    memory = {"w": np.eye(3), "u": u * np.eye(3), "b": np.zeros(3)}
    params = [memory, {"w": np.zeros((3, 3)) if w is None else np.asarray(w), "b": np.asarray(b)}, {}]
    fitted = dr.fit(network, dr.data.cut_text(ALPHABET * 5, STEPS), epochs=1, engine="numpy")
    return dr.Model(network, params, fitted.preprocessing)


NEXT = 40 * np.eye(3)[[2, 0, 1]]
"""Weights with which b follows a, c follows b, and a follows c."""


def test_it_writes_what_follows():
    assert build_model(NEXT).write("a", length=7) == "bcabcab"
    assert build_model(NEXT).write("abcc", length=3) == "abc"


def test_the_state_passes_on_beyond_the_length_of_a_sequence():
    model = build_model(np.eye(3), u=1.0)  # z counts how often each character was there
    text = "aab" * 40
    z = np.array([80.0, 40, 0])
    assert len(text) > STEPS
    written = model.write(text, length=50, temperature=20.0, seed=2)
    shares = np.exp(z / 20) / np.exp(z / 20).sum()
    assert shares[2] < 0.02 < shares[1]
    assert written.count("a") > written.count("b") > written.count("c")


def test_characters_are_drawn_with_their_probabilities():
    p = np.array([0.6, 0.3, 0.1])
    model = build_model(b=np.log(p))
    for temperature in (0.5, 2.0):
        expected = p ** (1 / temperature)
        written = model.write("a", length=1000, temperature=temperature)
        found = [written.count(each) / 1000 for each in ALPHABET]
        np.testing.assert_allclose(found, expected / expected.sum(), atol=4 * 0.5 / 1000**0.5)


def test_it_depends_on_the_seed_alone():
    model = build_model()
    assert model.write("a", 30, seed=5) == model.write("a", 30, seed=5) != model.write("a", 30, seed=6)
    assert model.write("a", 30, seed=5) == model.write("b", 30, seed=5)  # z is 0 whatever it reads
    assert model.write("a", 60, seed=5)[:30] == model.write("a", 30, seed=5)


def test_extremes_of_temperature_stay_finite():
    model = build_model(b=(0.0, 1.0, -800.0))  # p underflows
    assert set(model.write("a", 50, temperature=1e-6)) == {"b"}
    assert set(model.write("a", 500, temperature=1e9)) == set(ALPHABET)
    assert set(model.write("a", 50, temperature=1e-320)) == {"b"}
    assert draw_character(np.array([0.0, 1.0]), 1.0, 1e-10) == 1


def test_a_saved_model_writes_the_same(tmp_path):
    model = build_model(NEXT / 20)
    model.save(tmp_path / "m.safetensors")
    assert dr.load(tmp_path / "m.safetensors").write("ab", 40) == model.write("ab", 40)


@pytest.mark.parametrize(
    ("arguments", "kind", "argument", "value"),
    [
        ({"text": "abxa"}, DataError, "text", "x"),
        ({"text": ""}, InvalidArgument, "text", ""),
        ({"text": None}, InvalidArgument, "text", None),
        ({"text": "a", "temperature": 0.0}, InvalidArgument, "temperature", 0.0),
        ({"text": "a", "temperature": -1}, InvalidArgument, "temperature", -1),
        ({"text": "a", "length": 0}, InvalidArgument, "length", 0),
        ({"text": "a", "seed": -1}, InvalidArgument, "seed", -1),
    ],
)
def test_invalid_arguments_are_named(arguments, kind, argument, value):
    with pytest.raises(kind) as caught:
        build_model().write(**arguments)
    assert (caught.value.argument, caught.value.value) == (argument, value)


def test_an_unknown_character_is_placed_and_the_known_ones_are_listed():
    with pytest.raises(DataError) as caught:
        build_model().write("abé")
    assert caught.value.position == "character 2"
    assert "'abc'" in caught.value.remedy


def test_a_model_with_nan_does_not_write():
    with pytest.raises(DivergedError):
        build_model(b=(0.0, np.nan, 0.0)).write("a")


def test_numbers_that_overflow_are_an_error():
    with pytest.raises(DivergedError, match="character"):
        build_model(np.eye(3), u=1e200).write("abc", 20)


@pytest.mark.parametrize("kind", ["classifier", "machine", "numbers"])
def test_other_models_do_not_write_texts(kind):
    train = dr.data.load("digits")[0].take(slice(20))
    if kind == "numbers":  # classes of several letters at each step
        data = dr.Dataset(
            np.ones((4, 3, 2)), np.zeros((4, 3), int), classes=("no", "yes"), encoding=dr.encodings.StepLabels(2, 3)
        )
        cost = dr.SumOverSteps(dr.LogLikelihood(), 2)
        model = dr.fit(
            dr.Network([dr.GRU(2), dr.EachStep(dr.Dense(2)), dr.Flatten()], cost, (3, 2)),
            data,
            epochs=1,
            engine="numpy",
        )
    else:
        model = dr.fit(
            dr.RBM(64, 4) if kind == "machine" else dr.Network.dense([64, 10]), train, epochs=1, engine="numpy"
        )
    with pytest.raises(InvalidArgument) as caught:
        model.write("a")
    assert caught.value.argument == "model"


def test_a_model_of_characters_writes_no_examples():
    with pytest.raises(InvalidArgument, match=r"not a text, got .*; use model.write"):
        build_model().sample(3)
