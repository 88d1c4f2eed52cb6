"""Texts that a model writes: each character is drawn from the outputs of a step, and is the input of the next step."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from deltarule.core import random
from deltarule.core.constraints import instance, number, whole
from deltarule.core.stepwise import advance, is_stepwise, start_states
from deltarule.core.trees import leaves, map_leaves
from deltarule.data.step_labels import StepLabels
from deltarule.data.texts import encode_text
from deltarule.engines.numpy_engine import limit_blas_threads
from deltarule.errors import DataError, DivergedError, InvalidArgument
from deltarule.models.parameters import check_finite

if TYPE_CHECKING:
    from deltarule.models.predictor import TrainedNetwork

TEXT, LENGTH, TEMPERATURE = instance(str, "a text"), whole(1, 1_000_000), number(above=0)
LEAST = np.finfo(np.float64).tiny


def is_text_model(model: TrainedNetwork) -> bool:
    """Tell whether a model reads characters, one of K, and predicts at each step the next one."""
    k = len(model.classes)
    return (
        isinstance(model.encoding, StepLabels)
        and model.encoding.classes == k
        and model.network.input_shape[1:] == (k,)
        and all(len(name) == 1 for name in model.classes)
        and is_stepwise(model.network)
    )


def encode_start(model: TrainedNetwork, text: str) -> np.ndarray:
    """Encode the text that a model continues as positions in its alphabet.

    Raises :class:`InvalidArgument` if the model cannot write texts or the text is empty, and :class:`DataError` for a
    character that the model does not know.
    """
    if not is_text_model(model):
        raise InvalidArgument(
            argument="model",
            expected="a model of characters, which answers at each step of data.cut_text(...)",
            value=model,
            remedy="train one: Network([LSTM(128), EachStep(Dense(K)), Flatten()], SumOverSteps(LogLikelihood(), K), "
            "(steps, K)) for an alphabet of K characters",
        )
    if not text:
        raise InvalidArgument(argument="text", expected="one character or more, which the model continues", value=text)
    alphabet = "".join(model.classes)
    try:
        return encode_text(text, alphabet)
    except DataError as error:
        shown = alphabet if len(alphabet) <= 100 else f"{alphabet[:100]}…"
        remedy = f"use only characters of the text that the model was trained on: {shown!r}"
        raise error.with_fields(argument="text", remedy=remedy) from None


def continue_text(model: TrainedNetwork, start: np.ndarray, length: int, temperature: float, seed: int) -> str:
    """Read the characters of a start, and write others after it. Raises :class:`DivergedError` for NaN and infinity."""
    check_finite(model.params)
    network, params = model.network, map_leaves(np.asarray, model.params)
    dtype = next(iter(leaves(params))).dtype
    inputs = (np.eye(len(model.classes)) / model.scale - model.preprocessing.mean).astype(dtype)
    shares, states = random.uniform(random.key(seed), (length,)), start_states(network, params, 1)
    written: list[int] = []
    with limit_blas_threads(1), np.errstate(all="ignore"):  # the products are small
        for character in start:
            z, states = advance(network, params, inputs[character : character + 1], states)
        for share in shares:
            a = np.asarray(network.cost.activation(z), np.float64)[0]
            if not np.isfinite(a).all():
                raise DivergedError(
                    "expected finite outputs, got NaN or infinity",
                    position=f"character {len(written)}",
                    remedy="train again with a smaller eta, or with ClipNorm",
                )
            written.append(draw_character(a, temperature, float(share)))
            z, states = advance(network, params, inputs[written[-1] : written[-1] + 1], states)
    return "".join(model.classes[i] for i in written)


def draw_character(p: np.ndarray, temperature: float, share: float) -> int:
    """Draw a position from p^(1/T), normalized, by a uniform number from 0 to 1.

    >>> p = np.array([0.25, 0.75])
    >>> [draw_character(p, 1.0, share) for share in (0.2, 0.3)], draw_character(p, 0.1, 0.2)
    ([0, 1], 1)
    >>> draw_character(p, 1e-320, 0.2)
    1
    """
    logs = np.log(np.maximum(p, LEAST))
    with np.errstate(over="ignore"):  # below a temperature of about 1e-306
        limits = np.cumsum(np.exp((logs - logs.max()) / temperature))
    return int(np.searchsorted(limits, share * limits[-1], side="right"))
