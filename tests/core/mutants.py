"""The mutants: a piece of the core, the mistake that replaces it, and the checks that must find it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from types import FunctionType
from typing import TypeAlias

from deltarule.core import costs, gradcheck, initializers, newton, random, regularizers, schedules
from deltarule.core.activations import (
    ELU,
    Activation,
    LeakyReLU,
    Linear,
    ReLU,
    ShiftedSigmoid,
    Sigmoid,
    Tanh,
    sigmoid,
)
from deltarule.core.costs import Cost, CrossEntropy, LabelSmoothing, LogLikelihood, Quadratic
from deltarule.core.descent import Descent
from deltarule.core.layers import Dense, Dropout, Flatten
from deltarule.core.network import Network
from deltarule.core.operations import sum_of_outer_products
from deltarule.core.optimizers import SGD, Adam, ExponentialMovingAverage, Momentum, Nesterov
from deltarule.core.regularizers import L1, L2

from . import (
    contract,
    table,
    test_activations,
    test_costs,
    test_descent,
    test_gradcheck,
    test_initializers,
    test_layers,
    test_network,
    test_newton,
    test_operations,
    test_optimizers,
    test_random,
    test_regularizers,
    test_schedules,
)
from .distortion_mutants import BY_PICTURES, by_pictures
from .sequence_mutants import BY_SEQUENCES, GRADIENTS_OF_SEQUENCES, by_sequences
from .window_mutants import BY_WINDOWS, GRADIENTS_OF_WINDOWS, by_windows

Checks: TypeAlias = Iterable[Callable[[], None]]

# Mistakes in a gradient: (function, what stands there, what is put there instead). Each is to be
# found twice, by central differences and by JAX, neither of which may lean on the other.
GRADIENTS = [
    (Dense.backward, 'd_a = delta @ params["w"]', 'd_a = -delta @ params["w"]'),
    (Dense.backward, 'd_a = delta @ params["w"]', 'd_a = 2 * delta @ params["w"]'),
    (Dense.backward, 'd_a = delta @ params["w"]', 'd_a = delta @ params["w"].T'),
    (Dense.backward, 'd_a = delta @ params["w"]', "d_a = delta"),
    (Dense.backward, "operations.sum_of_outer_products(delta, a)", "operations.sum_of_outer_products(a, delta)"),
    (Dense.backward, "operations.sum_of_outer_products(delta, a)", "-operations.sum_of_outer_products(delta, a)"),
    (Dense.backward, "operations.sum_of_outer_products(delta, a)", "2 * operations.sum_of_outer_products(delta, a)"),
    (Dense.backward, "operations.sum_of_outer_products(delta, a)", "operations.sum_of_outer_products(delta, delta)"),
    (Dense.backward, "operations.sum_of_outer_products(delta, a)", 'delta.T @ a + params["w"] * 1e-4'),
    (Dense.backward, "xp.sum(delta, axis=0)", "delta"),
    (Dense.backward, "xp.sum(delta, axis=0)", "xp.mean(delta, axis=0)"),
    (Dense.backward, "xp.sum(delta, axis=0)", "xp.sum(delta, axis=1)"),
    (Dense.backward, "xp.sum(delta, axis=0)", "-xp.sum(delta, axis=0)"),
    (Dense.backward, "xp.sum(delta, axis=0)", "xp.sum(delta, axis=0, keepdims=True)"),
    (sum_of_outer_products.definition, "return d.T @ a", "return d[:1, :].T @ a[:1, :]"),
    (sum_of_outer_products.definition, "return d.T @ a", "return d.T @ a / d.shape[0]"),
    (Activation.backward, "d_a * self.derivative(z, a)", "d_a"),
    (Activation.backward, "d_a * self.derivative(z, a)", "self.derivative(z, a)"),
    (Activation.backward, "z, a = cache", "a, z = cache"),
    (sigmoid, "xp.where(z < 0,", "xp.where(z > 0,"),
    (Sigmoid.derivative, "a * (1 - a)", "a * (a - 1)"),
    (Sigmoid.derivative, "a * (1 - a)", "a"),
    (Sigmoid.derivative, "a * (1 - a)", "2 * a * (1 - a)"),
    (Sigmoid.derivative, "a * (1 - a)", "a * (1 + a)"),
    (Sigmoid.derivative, "a * (1 - a)", "z * (1 - z)"),
    (ShiftedSigmoid.derivative, "self.scale * s * (1 - s)", "s * (1 - s)"),
    (ShiftedSigmoid.derivative, "self.scale * s * (1 - s)", "self.scale * a * (1 - a)"),
    (ShiftedSigmoid.derivative, "self.scale * s * (1 - s)", "self.scale * s * (1 - s) + self.shift"),
    (Tanh.derivative, "1 - a * a", "1 + a * a"),
    (Tanh.derivative, "1 - a * a", "a * a - 1"),
    (Tanh.derivative, "1 - a * a", "1 - a"),
    (Tanh.derivative, "1 - a * a", "1 - z * z"),
    (Linear.derivative, "ones_like(z)", "zeros_like(z)"),
    (Linear.derivative, "z.__array_namespace__().ones_like(z)", "z"),
    (LeakyReLU.derivative, "z > 0", "z < 0"),
    (LeakyReLU.derivative, "xp.full_like(z, self.a)", "xp.zeros_like(z)"),
    (LeakyReLU.derivative, "xp.full_like(z, self.a)", "xp.full_like(z, -self.a)"),
    (ReLU.derivative, "z > 0", "z < 0"),
    (ReLU.derivative, "xp.ones_like(z)", "z"),
    (ReLU.derivative, "xp.zeros_like(z)", "xp.ones_like(z)"),
    (ELU.derivative, "a + self.a", "a"),
    (ELU.derivative, "a + self.a", "a + 1"),
    (ELU.derivative, "a + self.a", "a - self.a"),
    (ELU.derivative, "z > 0", "z < 0"),
    (Dropout.backward, "d_y * kept", "d_y"),
    (Dropout.backward, "d_y * kept", "d_y * (kept > 0)"),
    (Dropout.backward, "d_y * kept", "d_y * kept * kept"),
    (Dropout.backward, "d_y * kept", "-d_y * kept"),
    (Flatten.backward, "reshape(d_y, shape)", "reshape(2 * d_y, shape)"),
    (Flatten.backward, "reshape(d_y, shape)", "reshape(d_y[:, ::-1], shape)"),
    (Flatten.backward, "reshape(d_y, shape)", "reshape(d_y[::-1, :], shape)"),
    (Flatten.backward, "d_y.__array_namespace__().reshape(d_y, shape)", "d_y"),
    (Quadratic.delta, "d_a = a - y", "d_a = y - a"),
    (Quadratic.delta, "d_a = a - y", "d_a = 2 * (a - y)"),
    (Quadratic.delta, "d_a * self.output.derivative(z, a)", "d_a"),
    (Quadratic.delta, "d_a * self.output.derivative(z, a)", "d_a * a * (1 - a)"),
    (Quadratic.terms, "** 2 / 2", "** 2"),
    (CrossEntropy.delta, "self.activation(z) - y", "y - self.activation(z)"),
    (CrossEntropy.delta, "self.activation(z) - y", "z - y"),
    (CrossEntropy.delta, "self.activation(z) - y", "(a := self.activation(z)) * (1 - a) * (a - y)"),
    (CrossEntropy.terms, "xp.logaddexp(zero, -z)", "xp.logaddexp(zero, z)"),
    (LogLikelihood.delta, "self.activation(z) - y", "y - self.activation(z)"),
    (LogLikelihood.delta, "self.activation(z) - y", "self.activation(z)"),
    (LogLikelihood.delta, "self.activation(z) - y", "(a := self.activation(z)) * (1 - a) * (a - y)"),
    (LogLikelihood.terms, "y * (log_sum", "y / 2 * (log_sum"),
    (costs._average, "/ terms.shape[0]", "/ terms.shape[0] / 2"),
    (LabelSmoothing.delta, "self._smooth(y)", "y"),
    (LabelSmoothing.delta, "self.cost.delta", "-self.cost.delta"),
    (LabelSmoothing.value, "self._smooth(y)", "y"),
    (LabelSmoothing._smooth, "self.epsilon / max", "2 * self.epsilon / max"),
    (Network.backpropagation, "weigh(self.cost.delta(z, y), weights)", "self.cost.delta(z, y)"),
    (costs.weigh, "weights[:, None] * rows", "weights[:, None] ** 2 * rows"),
    (costs.weigh, "weights[:, None] * rows", "weights[:, None] * rows / weights.mean()"),
    (Network.backpropagation, "/ x.shape[0]", ""),
    (Network.backpropagation, "/ x.shape[0]", "/ x.shape[0] ** 2"),
    (Network.backpropagation, "self.forward(params, x, rng)", "self.forward(params, x)"),
    (Network.backpropagation, "self.backward(params, caches, d)", "self.backward(params, caches, -d)"),
    (Network.gradients, "(params, x, y, rng, weights)[0]", "(params, x, y, None, weights)[0]"),
    (Network.gradients, "(params, x, y, rng, weights)[0]", "(params, x, y, rng)[0]"),
    (
        Network.backward,
        "reversed(list(zip(self.layers, params, caches, strict=True)))",
        "zip(self.layers, params, caches, strict=True)",
    ),
    (Network.backward, "d, g = layer.backward(p, cache, d)", "_, g = layer.backward(p, cache, d)"),
    (Network.backward, "grads.insert(0, g)", "grads.append(g)"),
    *GRADIENTS_OF_SEQUENCES,
    *GRADIENTS_OF_WINDOWS,
]


def by_hand() -> Checks:
    """Yield checks of layers, activations and costs by hand, and of their behaviour in training."""
    yield partial(test_activations.test_slope_at_zero, ReLU(), 0.0)
    yield partial(test_activations.test_slope_at_zero, LeakyReLU(0.25), 0.25)
    yield partial(test_activations.test_value_and_slope_by_hand, LeakyReLU(0.25), -2.0, -0.5, 0.25)
    yield partial(test_activations.test_sigmoid_by_hand, 1.5, 0.8176)
    yield partial(test_layers.test_dropout_in_training_drops_a_fraction_p_and_preserves_the_mean, 0.1)
    yield test_layers.test_dropout_draws_a_mask_for_each_example
    yield test_layers.test_flatten_lays_the_last_axis_out_fastest
    yield partial(test_operations.test_sum_of_outer_products, "unrolled", 10)
    yield from (partial(test_costs.test_smoothed_labels_by_hand, *row) for row in test_costs.SMOOTHED)
    yield partial(test_costs.test_float32_agrees_with_float64_far_out, LogLikelihood(), 1e3)
    yield test_costs.test_nothing_of_a_small_cost_is_lost_to_rounding
    yield test_network.test_after_step_updates_parameters_without_gradients
    yield test_network.test_init_is_a_function_of_the_seed_and_every_layer_draws_its_own


def by_purity() -> Checks:
    yield from (partial(contract.check_layer_is_pure, entry) for entry in table.ALONE)


def by_masks_and_bits() -> Checks:
    yield test_random.check_masks_are_all_different
    yield test_random.test_the_stream_in_whole_numbers
    yield partial(test_random.test_bernoulli_rate, 0.1)
    yield test_random.test_uniform_and_normal


def by_penalties() -> Checks:
    yield partial(test_regularizers.check_gradient, L2(5.0))
    yield partial(test_regularizers.check_gradient, L1(5.0))
    yield test_regularizers.test_values_by_hand
    yield test_regularizers.check_biases_are_free
    yield test_descent.check_weight_decay
    yield test_descent.check_a_step_uses_the_gradient_with_dropout
    yield test_descent.check_a_step_uses_the_weights
    yield test_descent.check_layers_update_parameters_without_gradients


def by_weights() -> Checks:
    yield from (partial(contract.check_weights_by_differences, network) for network in table.WEIGHED)
    yield from (partial(contract.check_weights_count_examples, network) for network in table.WEIGHED)


def by_twenty_steps() -> Checks:
    yield from (partial(test_optimizers.check_by_hand, *row) for row in test_optimizers.BY_HAND)
    yield from (partial(test_optimizers.check_average_by_hand, *row) for row in test_optimizers.AVERAGED)


def by_histories() -> Checks:
    yield partial(test_schedules.test_halvings_for_histories_made_up, [0.5, 0.4, 0.4, 0.4, 0.4], 2)
    yield partial(test_schedules.test_halvings_for_histories_made_up, [0.5, 0.4, 0.4, 0.6, 0.4, 0.6], 2)
    yield test_schedules.test_halve_on_plateau_comes_to_its_end
    yield test_schedules.test_exponential_by_hand
    yield test_schedules.test_one_cycle_by_hand


def by_statistics() -> Checks:
    yield partial(test_initializers.test_mean_and_deviation, initializers.Large(), 1.0, 1.0)
    yield partial(test_initializers.test_mean_and_deviation, initializers.Default(), 1 / 20, 1.0)
    yield partial(test_initializers.test_mean_and_deviation, initializers.He(), 2**0.5 / 20, 0.0)
    yield test_initializers.test_weights_and_biases_are_drawn_apart


def by_curvature() -> Checks:
    yield test_newton.check_one_step_to_the_bottom_of_a_parabola
    yield test_newton.check_damping
    yield from (partial(test_newton.check_against_jax, network) for network in test_newton.NETWORKS)


def by_wrong_layers() -> Checks:
    yield test_gradcheck.check_dropout_is_on_with_a_key
    yield test_gradcheck.check_weights_count
    yield test_gradcheck.check_numbers_by_hand
    yield test_gradcheck.check_one_wrong_number_is_found
    yield test_gradcheck.check_directions_find_it_too
    yield partial(test_gradcheck.test_nan_is_no_agreement, None)
    yield partial(test_gradcheck.test_gradients_are_matched_by_name, 3)


# Mistakes that leave every gradient the gradient of what is computed, or are in none, under the
# checks that have to find them.
OTHERS: dict[Callable[[], Checks], list[tuple[FunctionType, str, str]]] = {
    by_hand: [
        (ReLU.derivative, "z > 0", "z >= 0"),
        (LeakyReLU.derivative, "z > 0", "z >= 0"),
        (LeakyReLU.function, "self.a * z", "self.a + z"),
        (sigmoid, "-xp.abs(z)", "-xp.abs(z) / 2"),
        (Dropout.forward, "x.dtype) / (1 - self.p)", "x.dtype)"),
        (Dropout.mask, "1 - self.p", "self.p"),
        (Dropout.forward, "if rng is None", "if rng is not None"),
        (Dropout.mask, ", shape)", ", shape[1:])"),
        (Flatten.forward, "xp.reshape(x,", "xp.reshape(xp.flip(x, axis=1),"),
        (sum_of_outer_products.forms["unrolled"], "range(1, d.shape[0])", "range(2, d.shape[0])"),
        (LogLikelihood.activation, "z - xp.max(z, axis=1, keepdims=True)", "z"),
        (CrossEntropy.terms, "y * xp.logaddexp(zero, -z)", "y * (xp.logaddexp(zero, z) - z)"),
        (LabelSmoothing._smooth, "(1 - self.epsilon) * y", "y"),
        (LabelSmoothing._smooth, "max(2, y.shape[1])", "y.shape[1]"),
        (LabelSmoothing._smooth, "max(2, y.shape[1])", "2"),
        (Network.after_step, "layer.after_step(p, cache)", "p"),
        (Network.init, "random.fold(rng, i)", "rng"),
    ],
    by_purity: [
        (Activation.forward, "a = self.function(z)", "a = self.function(z); z.__iadd__(1)"),
        (Dropout.backward, "d_y * kept)", "d_y.__imul__(kept))"),
        (Dense.backward, "xp.sum(delta, axis=0)", 'params["b"].__isub__(delta[0, :])'),
    ],
    by_masks_and_bits: [
        (Network.forward, "random.fold(rng, i)", "rng"),
        (random.fold, "(*key, number)", "key"),
        (random.fold, "(*key, number)", "(*key[:1], number)"),
        (random.bits, "^ words[1:2]", ""),
        (random.bernoulli, "drawn <= ", "drawn > "),
        (random.normal, "fold(key, 1)", "fold(key, 0)"),
        (random.normal, "-2 *", "-"),
    ],
    by_penalties: [
        (L2.gradient, "self.lmbda / n * w", "2 * self.lmbda / n * w"),
        (L2.gradient, "self.lmbda / n * w", "self.lmbda * w"),
        (L2.gradient, "self.lmbda / n * w", "-self.lmbda / n * w"),
        (L2.value, "(2 * n)", "n"),
        (L1.gradient, "sign(w)", "abs(w)"),
        (L1.value, "self.lmbda / n", "self.lmbda / (2 * n)"),
        (regularizers.add_penalty_gradients, "if name in layer.weights else g", ""),
        (regularizers.add_penalty_gradients, "g + regularizer", "regularizer"),
        (regularizers.penalty, "for name in layer.weights", "for name in p"),
        (Descent.step, "(params, x, y, rng, weights)", "(params, x, y, None, weights)"),
        (Descent.step, "(params, x, y, rng, weights)", "(params, x, y, rng)"),
        (Descent.value, "(params, x, y, weights)", "(params, x, y)"),
        (Descent.step, "self.network.after_step(params, caches)", "params"),
        (Descent.step, "grads = add_penalty_gradients(", "add_penalty_gradients("),
        (Descent.step, "params, grads, self.n)", "params, grads, x.shape[0])"),
    ],
    by_weights: [
        (LabelSmoothing.terms, "self._smooth(y)", "y"),
        (Cost.terms, "slice(i, i + 1)", "slice(0, i + 1)"),
        (Cost.weighted_value, "weigh(self.terms(z, y), weights)", "self.terms(z, y)"),
        (Network.value, "y, weights)", "y, None)"),
    ],
    by_twenty_steps: [
        (SGD.update, "w - eta * g", "w + eta * g"),
        (SGD.update, "w - eta * g", "w - g"),
        (Momentum.update, "self.mu * v - eta * g", "v - eta * g"),
        (Momentum.update, "self.mu * v - eta * g", "self.mu * v - (1 - self.mu) * eta * g"),
        (Momentum.update, "w + v, params, v)", 'w + v, params, state["v"])'),
        (Momentum.update, '{"v": v}', "state"),
        (Nesterov.update, "w + self.mu * v - eta * g", "w + v"),
        (Nesterov.update, "params, v, grads", 'params, state["v"], grads'),
        (Nesterov.update, "lambda v, g: self.mu * v", "lambda v, g: v"),
        (Adam.update, "(1 - self.beta2) * g * g", "(1 - self.beta2) * abs(g)"),
        (Adam.update, "(1 - self.beta1) * g", "g"),
        (Adam.update, '(1 - missing[0]["beta1"])', "1"),
        (Adam.update, '(1 - missing[0]["beta2"])', '(1 - missing[0]["beta1"])'),
        (Adam.update, '"missing": missing}', '"missing": state["missing"]}'),
        (Adam.update, "xp.sqrt(square) + self.epsilon", "xp.sqrt(square + self.epsilon)"),
        (ExponentialMovingAverage.update, 'self.decay * t["weight"] +', 't["weight"] +'),
        (ExponentialMovingAverage.update, "+ (1 - self.decay) / weight", "+ self.decay / weight"),
        (ExponentialMovingAverage.update, "weight[0]", "[{'weight': 1}][0]"),
        (ExponentialMovingAverage.update, "return params, {", "return used, {"),
        (ExponentialMovingAverage.update, "params, inner = self", "_, inner = self"),
        (ExponentialMovingAverage.update, "used = params_in_use(self.optimizer, params, inner)", "used = params"),
        (ExponentialMovingAverage.params_in_use, 'state["average"]', "params"),
    ],
    by_pictures: BY_PICTURES,
    by_sequences: BY_SEQUENCES,
    by_windows: BY_WINDOWS,
    by_histories: [
        (schedules.ReduceOnPlateau._halvings, "accuracy > best", "accuracy >= best"),
        (schedules.ReduceOnPlateau._halvings, "waited, halvings = 0, halvings + 1", "halvings += 1"),
        (schedules.ReduceOnPlateau._halvings, "max(best, accuracy)", "accuracy"),
        (schedules.ReduceOnPlateau.is_finished, "0.5 **", "1 -"),
        (schedules.Exponential.eta, "/ clock.steps_per_epoch", "// clock.steps_per_epoch"),
        (schedules.OneCycle.eta, "/ (1 - self.rise)", ""),
        (schedules.OneCycle.eta, "self.peak / 1e4", "self.peak / 25"),
    ],
    by_statistics: [
        (initializers.Default.__call__, "1 / sqrt(n_in)", "1 / n_in"),
        (initializers.He.__call__, "sqrt(2 / n_in)", "sqrt(1 / n_in)"),
        (initializers._draw_gaussian, "random.fold(rng, 1)", "random.fold(rng, 0)"),
    ],
    by_curvature: [
        (newton.hessian, "(2 * epsilon)", "epsilon"),
        (newton.hessian, "(columns + columns.T) / 2", "columns + columns.T"),
        (newton.hessian, "(w + step, w - step)", "(w + step, w)"),
        (newton.newton_step, "w - step", "w + step"),
        (newton.newton_step, "curvatures + damping", "curvatures"),
        (newton.newton_step, "curvatures + damping", "curvatures * (1 + damping)"),
        (newton.newton_step, "directions @ (", "directions.T @ ("),
        (newton._like, "sorted(layer)", "layer"),
    ],
    by_wrong_layers: [
        (gradcheck.gradcheck, "network.forward(p, x, rng)", "network.forward(p, x)"),
        (gradcheck.gradcheck, "(params, x, y, rng, weights)", "(params, x, y, None, weights)"),
        (gradcheck.gradcheck, "(params, x, y, rng, weights)", "(params, x, y, rng)"),
        (gradcheck.gradcheck, "rng)[0], y, weights)", "rng)[0], y, None)"),
        (gradcheck._slope, "(2 * epsilon)", "epsilon"),
        (gradcheck._slope, "f(move(-epsilon))", "f(params)"),
        (gradcheck._compare, "xp.abs(exact - numerical)", "exact - exact"),
        (gradcheck._compare, "reversed(exact.shape)", "exact.shape"),
        (gradcheck._relative, "relative if relative >= 0 else inf", "relative"),
        (gradcheck._along_directions, "abs(exact - numerical),", "0.0,"),
    ],
}
FOUND_OTHERWISE = [(*mutant, checks) for checks, mutants in OTHERS.items() for mutant in mutants]
