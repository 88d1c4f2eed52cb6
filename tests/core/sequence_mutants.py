"""Mistakes put into recurrent layers and layers of steps, and the checks that have to find them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from deltarule.core import initializers, operations, sequences
from deltarule.core.costs import CrossEntropy
from deltarule.core.gru import GRU
from deltarule.core.lstm import LSTM
from deltarule.core.optimizers import ClipNorm, clip_norm
from deltarule.core.recurrent import Recurrent, RecurrentLayer
from deltarule.core.step_costs import SumOverSteps
from deltarule.core.steps import EachStep, LastStep, MeanOverSteps

from . import sequence_contract, test_clipping, test_operations, test_recurrent, test_step_costs
from .table import SEQUENCE_NETWORKS, SEQUENCES

# found by central differences and by JAX, each on its own
GRADIENTS_OF_SEQUENCES = [
    (RecurrentLayer.backward, "xp.sum(delta, axis=0)", "xp.sum(delta_u[x.shape[1] :, :], axis=0)"),
    (RecurrentLayer.backward, "(delta, _rows(x))", "(delta[: x.shape[1], :], x[0, ...])"),
    (RecurrentLayer.backward, "(delta_u, _rows(before[0]))", "(delta, _rows(before[0]))"),
    (RecurrentLayer.backward, "_rows(before[0])", "_rows(kept[0])[:, : self.n]"),
    (RecurrentLayer.backward, "(d_y + d_after[0], *d_after[1:])", "(d_y, *d_after[1:])"),
    (RecurrentLayer.backward, "*d_after[1:])", "*map(xp.zeros_like, d_after[1:]))"),
    (RecurrentLayer.backward, "delta @ w", "delta_u @ w"),
    (RecurrentLayer.backward, "is_joined * d for", "d for"),
    (RecurrentLayer._find_joints, "% self.truncate != 0", "% self.truncate != self.truncate - 1"),
    (Recurrent.step_back, "d_h * self", "self"),
    (Recurrent.step_back, 'delta @ params["u"]', 'delta @ params["u"].T'),
    (Recurrent.step_back, 'delta @ params["u"]', 'd_h @ params["u"]'),
    (LSTM.step_back, "d_c + d_h * o * (1 - shown * shown)", "d_c"),
    (LSTM.step_back, "d_c + d_h * o * (1 - shown * shown)", "d_h * o * (1 - shown * shown)"),
    (LSTM.step_back, "(1 - shown * shown)", "(1 - shown)"),
    (LSTM.step_back, "[d_c * g, d_c * c, d_h * shown]", "[d_c * c, d_c * g, d_h * shown]"),
    (LSTM.step_back, "d_h * shown]", "d_c * shown]"),
    (LSTM.step_back, "gates * (1 - gates)", "gates"),
    (LSTM.step_back, "(1 - g * g)", "(1 - g)"),
    (LSTM.step_back, "d_c * f)", "d_c)"),
    (LSTM.step_back, 'delta @ params["u"]', '-delta @ params["u"]'),
    (GRU.step_back, "(h - g)", "(g - h)"),
    (GRU.step_back, "d_h * (1 - k) * (1 - g * g)", "d_h * k * (1 - g * g)"),
    (GRU.step_back, "delta_g * p_g", "delta_g * g"),
    (GRU.step_back, "(delta_g, r * delta_g)", "(delta_g, delta_g)"),
    (GRU.step_back, "(delta_g, r * delta_g)", "(r * delta_g, r * delta_g)"),
    (GRU.step_back, "+ k * d_h", ""),
    (LastStep.backward, "d_y, xp.zeros_like(d_y)", "d_y, d_y"),
    (MeanOverSteps.backward, "shares * d_y", "(shares > 0) * d_y"),
    (EachStep.backward, "cache, xp.reshape(d_y", "cache, -xp.reshape(d_y"),
    (SumOverSteps.delta, "xp.where(counts, delta, xp.zeros_like(delta))", "delta"),
    (SumOverSteps.delta, "where(counts, delta", "where(~counts, delta"),
]  # fmt: skip


def by_sequences() -> Iterator[Callable[[], None]]:
    """Yield checks of values: equations number by number, padding, costs of steps and clipping."""
    yield from (partial(test_recurrent.check_by_hand, *each) for each in test_recurrent.STEP_BY_HAND)
    yield test_recurrent.test_each_gate_is_drawn_as_a_layer_of_its_own
    yield test_recurrent.test_the_forget_gate_starts_open
    yield test_recurrent.test_an_irnn_starts_by_adding_up_its_inputs
    yield test_recurrent.test_an_output_after_the_end_is_zero_and_the_last_step_is_the_last_real_one
    yield test_recurrent.test_no_error_passes_from_one_segment_to_the_one_before
    yield test_recurrent.test_orthogonal_matrices_have_no_preferred_sign
    yield partial(test_recurrent.test_an_orthogonal_matrix_has_lengths_of_one, (4, 6))
    yield partial(test_step_costs.test_steps_after_the_end_do_not_count, CrossEntropy())
    yield partial(test_step_costs.test_a_step_without_a_label_does_not_count, CrossEntropy())
    yield partial(test_clipping.test_the_length_by_hand, 6.5, 0.5)
    yield partial(test_clipping.test_no_length_overflows_or_underflows, 1e30)
    yield partial(test_clipping.test_no_length_overflows_or_underflows, 1e-44)
    yield test_clipping.test_nothing_to_clip
    yield test_clipping.test_the_average_of_an_inner_optimizer_is_used
    yield partial(test_operations.test_scans, "")
    yield from (partial(sequence_contract.check_layer_with_lengths, entry) for entry in SEQUENCES)
    yield from (partial(sequence_contract.check_padding_changes_nothing, each) for each in SEQUENCE_NETWORKS.values())


BY_SEQUENCES = [
    (RecurrentLayer.forward, '+ params["b"]', ""),
    (RecurrentLayer.forward, "x = _steps_first(zero_padding(x, lengths))", "x = _steps_first(x)"),
    (RecurrentLayer.forward, "zero_padding(_steps_first(after[0]), lengths)", "_steps_first(after[0])"),
    (RecurrentLayer.init, "random.fold(key, gate)", "key"),
    (Recurrent.step, 'params["u"].T', 'params["u"]'),
    (LSTM.step, "f * c + i * g", "f * c + g"),
    (LSTM.step, "o * shown", "shown"),
    (LSTM.step, "xp.tanh(c)", "c"),
    (GRU.step, "r * p_g", "p_g"),
    (GRU.step, "k * h + (1 - k) * g", "(1 - k) * h + k * g"),
    (LastStep.forward, "xp.arange(1, x.shape[1] + 1)", "xp.arange(x.shape[1])"),
    (MeanOverSteps.forward, "zero_padding(x, lengths)", "x"),
    (SumOverSteps.leave_out_padding, "self.n_out * lengths", "lengths"),
    (SumOverSteps.terms, "xp.where(counts, terms, xp.zeros_like(terms))", "terms"),
    (sequences.zero_padding, "> 0", "< 2"),
    (operations._loop, "x[t, ...] for", "x[0, ...] for"),
    (clip_norm, "/ unit) ** 2", "/ 1) ** 2"),
    (clip_norm, "largest > norm", "largest < norm"),
    (clip_norm, "length > most", "length < most"),
    (clip_norm, "xp.sum((g", "xp.max((g"),
    (ClipNorm.params_in_use, "params_in_use(self.optimizer, params, state)", "params"),
    (initializers.Orthogonal.__call__, "q * xp.sign(xp.linalg.diagonal(r))", "q"),
    (initializers.Orthogonal.__call__, "rows >= columns", "rows <= columns"),
]
