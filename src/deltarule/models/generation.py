"""Examples and texts that a model writes itself, completions and reconstructions."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from deltarule.core import random
from deltarule.core.boltzmann import draw, hidden_probabilities, visible_probabilities
from deltarule.core.constraints import check, whole
from deltarule.core.rbm import RBM
from deltarule.data.dataset import Dataset
from deltarule.errors import InvalidArgument
from deltarule.models.inputs import prepare_inputs
from deltarule.models.sampling import (
    clamp_label,
    decode,
    find_latent,
    find_machine,
    generate_downwards,
    prepare_states,
    read_mask,
    restore_units,
    run_chains,
    run_layers,
)
from deltarule.models.texts import LENGTH, TEMPERATURE, TEXT, continue_text, encode_start, is_text_model

if TYPE_CHECKING:
    from deltarule.models.predictor import TrainedNetwork

COUNT, STEPS = whole(1, 1_000_000), whole(1, 10_000_000)


class Generator:
    """The methods of models that write examples."""

    def sample(
        self: TrainedNetwork, n: int = 100, seed: int = 0, steps: int = 1000, label: int | str | None = None
    ) -> np.ndarray:
        """Write n new examples like those of the training set, shape (n, \\*example_shape), in the units of its inputs.

        A Boltzmann machine starts from random states and takes ``steps`` steps of Gibbs sampling. A number of
        an example is the probability of its unit, given the last hidden states. A variational autoencoder decodes
        codes drawn from N(0, 1), in one step.

        Args:
            n: The number of examples.
            seed: The seed of the random numbers. The same seed gives the same examples.
            steps: The number of steps. With few, the examples are not yet like those of the training set.
            label: The class of the examples, by its name or number, if the machine has label units; None for any.

        Raises:
            InvalidArgument: If the model cannot write examples, does not know the label, or an argument is invalid.
            DivergedError: If a parameter is NaN or infinite.

        >>> import deltarule as dr
        >>> train = dr.data.load("digits")[0].take(slice(100))
        >>> model = dr.fit(dr.RBM(64, 20), train, epochs=2, eta=0.1)
        >>> model.sample(5, steps=10).shape
        (5, 8, 8)
        """
        check("n", n, COUNT)
        check("steps", steps, STEPS)
        if (latent := find_latent(self.network)) is not None:
            if label is not None:
                raise InvalidArgument(argument="label", expected="no label for an autoencoder", value=label)
            (codes,) = self.network.shapes[latent + 1]
            return decode(self, random.normal(random.key(seed), (n, codes)))
        if is_text_model(self):
            expected, remedy = "a model that writes examples, and not a text", 'use model.write("the start of a text")'
            raise InvalidArgument(argument="model", expected=expected, value=self, remedy=remedy)
        machine, p = find_machine(self, deep=True)
        known, values = clamp_label(self, machine, label)
        key = random.key(seed)
        # units that are on as often as their biases say, without their connections
        start = draw(random.fold(key, 0), np.tile(visible_probabilities(p, 0 * p["c"][None], machine.n_labels), (n, 1)))
        found = run_chains(machine, p, start, random.fold(key, 1), steps, known, values)[:, : machine.n_visible]
        return restore_units(self, generate_downwards(self, found, random.fold(key, 2)))

    def write(self: TrainedNetwork, text: str, length: int = 200, temperature: float = 1.0, seed: int = 0) -> str:
        """Continue a text with a model of characters, and return the characters after it.

        The model reads the text, and then draws each character from the probabilities p of the next one, as
        p^(1/T) / Σ p^(1/T), and reads it in turn. The state passes on from character to character, so what it writes
        can be longer than the sequences that it was trained on.

        Args:
            text: The start of the text, one character or more.
            length: The number of characters to write.
            temperature: T. Below 1 probable characters become more probable, above 1 less.
            seed: The seed of the random numbers. The same seed gives the same text.

        Raises:
            InvalidArgument: If the model does not predict characters, or an argument is invalid.
            DataError: If the model does not know a character of the text.
            DivergedError: If a parameter or an output is NaN or infinite.

        >>> import deltarule as dr
        >>> train = dr.data.cut_text("to be or not " * 40, steps=6)
        >>> k = len(train.classes)
        >>> layers = [dr.Recurrent(10), dr.EachStep(dr.Dense(k)), dr.Flatten()]
        >>> network = dr.Network(layers, dr.SumOverSteps(dr.LogLikelihood(), k), (6, k))
        >>> settings = {"epochs": 10, "batch_size": 4, "eta": 0.02, "optimizer": dr.Adam(), "engine": "numpy"}
        >>> model = dr.fit(network, train, **settings)
        >>> model.write("to be ", length=21, temperature=0.2)
        'or not to be or not t'
        """
        check("text", text, TEXT)
        check("length", length, LENGTH)
        check("temperature", temperature, TEMPERATURE)
        return continue_text(self, encode_start(self, text), length, temperature, seed)

    def complete(
        self: TrainedNetwork,
        x: np.ndarray | Dataset,
        known: Any,
        seed: int = 0,
        steps: int = 100,
        label: int | str | None = None,
    ) -> np.ndarray:
        """Complete examples of which only a part is known, shape (n, \\*example_shape), in the units of the inputs.

        The known inputs are clamped to their values during ``steps`` steps of Gibbs sampling; the unknown inputs of
        x do not count.

        Args:
            x: The examples, as for :meth:`outputs`.
            known: True for each known input: an array of the shape of one example or of x.
            seed: The seed of the random numbers.
            steps: The number of steps.
            label: The class of the examples, if it is known and the machine has label units.

        Raises:
            ShapeError: If x or ``known`` does not fit the model.
            DataError: If a known input is not from 0 to 1 in the units of the network.
            InvalidArgument, DivergedError: As for :meth:`sample`.

        >>> import deltarule as dr
        >>> train = dr.data.load("digits")[0].take(slice(100))
        >>> model = dr.fit(dr.RBM(64, 20), train, epochs=2, eta=0.1)
        >>> upper = np.arange(8)[:, None] < np.full(8, 4)  # the upper half
        >>> completed = model.complete(train.x[:3], upper)
        >>> bool((completed[:, :4] == train.x[:3, :4]).all())
        True
        """
        check("steps", steps, STEPS)
        machine, p = find_machine(self)
        mask = read_mask(known, self.example_shape or (machine.n_visible,))
        v = prepare_states(self, machine, x, mask)
        clamped, values = clamp_label(self, machine, label)
        labels = np.zeros((len(v), machine.n_labels), v.dtype)
        clamped = np.concatenate(
            [np.broadcast_to(mask, v.shape), np.tile(clamped[machine.n_visible :], (len(v), 1))], 1
        )
        values = np.concatenate([v, labels + values[machine.n_visible :]], axis=1)
        key = random.key(seed)
        start = np.where(clamped, values, draw(random.fold(key, 0), np.full_like(values, 0.5)))
        found = run_chains(machine, p, start, random.fold(key, 1), steps, clamped, values)
        return restore_units(self, found[:, : machine.n_visible])

    def reconstruct(self: TrainedNetwork, x: np.ndarray | Dataset) -> np.ndarray:
        """Reconstruct examples, shape (n, \\*example_shape), in the units of the inputs.

        A Boltzmann machine passes them to the hidden units and back, as probabilities; an autoencoder computes
        its outputs. Raises the same errors as :meth:`outputs`, and :class:`InvalidArgument` for other models.
        """
        if isinstance(self.network, RBM):
            machine, p = find_machine(self)
            v = prepare_states(self, machine, x)
            if machine.n_labels:  # most likely labels, given the inputs
                v = np.concatenate([v, self.outputs(x).astype(v.dtype)], axis=1)
            found = visible_probabilities(p, hidden_probabilities(p, v), machine.n_labels)
            return restore_units(self, found[:, : machine.n_visible])
        if prod(self.example_shape) != self.network.n_out:
            raise InvalidArgument(
                argument="model",
                expected="a Boltzmann machine or an autoencoder, whose outputs are as many as its inputs",
                value=self,
            )
        return restore_units(self, self.outputs(x))

    def decode(self: TrainedNetwork, codes: np.ndarray) -> np.ndarray:
        """Make examples of codes (n, size of the code) by the layers after :class:`Latent`, in the units of the inputs.

        Raises :class:`InvalidArgument` for models without such a layer, and :class:`ShapeError` for other codes.
        """
        return decode(self, codes)

    def hidden(self: TrainedNetwork, x: np.ndarray | Dataset) -> np.ndarray:
        """Compute the hidden representation of each example, (n, n_hidden).

        It is the probabilities of the hidden units of a Boltzmann machine, or the means μ of the codes of a
        variational autoencoder. Raises the same errors as :meth:`outputs`, and :class:`InvalidArgument` for other
        models.
        """
        if (latent := find_latent(self.network)) is not None:
            examples = prepare_inputs(x, self.network, self.preprocessing, np.dtype(np.float64))
            inputs = examples.x.astype(np.float64) / examples.scale - (examples.mean or 0)
            return np.asarray(run_layers(self, inputs, 0, latent + 1))
        machine, p = find_machine(self)
        v = prepare_states(self, machine, x)
        if machine.n_labels:
            v = np.concatenate([v, self.outputs(x).astype(v.dtype)], axis=1)
        return np.asarray(hidden_probabilities(p, v))
