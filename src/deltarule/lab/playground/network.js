/* A dense network and its training, with the same functions and names as deltarule's core, in double precision.

   A network is a record {sizes, hidden, cost, dropout}: the numbers of neurons from the inputs to the outputs, the
   names of the activation and of the cost, and the share p of hidden neurons that dropout sets to 0 in training.
   Its parameters are a list with {w, b} for each layer; w[j · n_in + k] leads from neuron k to neuron j.
   Examples are the rows of flat arrays. All functions are pure: they change none of their arguments.
   A test compares 100 steps of each combination of options with those of deltarule's NumPy engine. */

import { drawBernoulli, drawNormal, drawUniform, fold, makeKey } from "./random.js";

const sigma = (z) => (z < 0 ? Math.exp(z) / (1 + Math.exp(z)) : 1 / (1 + Math.exp(-z)));

/* ---- Activation functions, a = f(z), each beside its derivative f′(z), and the interval that contains a. ---- */

export const ACTIVATIONS = {
  sigmoid: { function: sigma, derivative: (z, a) => a * (1 - a), bounds: [0, 1] },
  tanh: { function: Math.tanh, derivative: (z, a) => 1 - a * a, bounds: [-1, 1] },
  relu: { function: (z) => (z > 0 ? z : 0), derivative: (z) => (z > 0 ? 1 : 0), bounds: [0, Infinity] },
  "leaky-relu": {
    function: (z) => (z > 0 ? z : 0.01 * z), derivative: (z) => (z > 0 ? 1 : 0.01), bounds: [-Infinity, Infinity],
  },
  elu: {
    function: (z) => (z > 0 ? z : Math.expm1(z)), derivative: (z, a) => (z > 0 ? 1 : a + 1), bounds: [-1, Infinity],
  },
  linear: { function: (z) => z, derivative: () => 1, bounds: [-Infinity, Infinity] },
};

/* ---- Costs of the last weighted inputs z and the desired outputs y, `n` of each for an example. ----
   `activation` gives the outputs, `value` the mean cost C of the examples, `delta` δᴸ of each example (BP1). */

const softplus = (z) => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))); // ln(1 + eᶻ)

const mean = (terms, n) => terms.reduce((sum, term) => sum + term, 0) / (terms.length / n);

/* Apply a function to each row of n numbers, and return the rows in one array. */
function mapRows(z, n, change) {
  const result = new Float64Array(z.length);
  for (let at = 0; at < z.length; at += n) result.set(change(z.subarray(at, at + n)), at);
  return result;
}

/* C_x = ½ ‖a − y‖² with a = f(z); δᴸ = (a − y) ⊙ f′(z). */
const makeQuadratic = ({ function: f, derivative }, bounds) => ({
  bounds,
  activation: (z) => z.map(f),
  value: (z, y, n) => mean(z.map((v, i) => (f(v) - y[i]) ** 2 / 2), n),
  delta: (z, y) => z.map((v, i) => { const a = f(v); return (a - y[i]) * derivative(v, a); }),
});

export const COSTS = {
  /* C_x = −Σ [y ln a + (1 − y) ln(1 − a)] with a = σ(z); δᴸ = a − y */
  "cross-entropy": {
    bounds: [0, 1],
    activation: (z) => z.map(sigma),
    value: (z, y, n) => mean(z.map((v, i) => y[i] * softplus(-v) + (1 - y[i]) * softplus(v)), n),
    delta: (z, y) => z.map((v, i) => sigma(v) - y[i]),
  },
  /* C_x = −Σ y ln a with a = softmax(z); δᴸ = a − y */
  "log-likelihood": {
    bounds: [0, 1],
    activation: (z, n) => mapRows(z, n, softmax),
    value: (z, y, n) => mean(mapRows(z, n, logSoftmax).map((v, i) => -y[i] * v), n),
    delta: (z, y, n) => mapRows(z, n, softmax).map((a, i) => a - y[i]),
  },
  quadratic: makeQuadratic(ACTIVATIONS.sigmoid, [0, 1]),
  "quadratic-linear": makeQuadratic(ACTIVATIONS.linear, [-Infinity, Infinity]),
};

function softmax(row) {
  const most = Math.max(...row), e = row.map((z) => Math.exp(z - most)), sum = e.reduce((a, b) => a + b, 0);
  return e.map((v) => v / sum);
}

function logSoftmax(row) {
  const most = Math.max(...row), sum = row.reduce((total, z) => total + Math.exp(z - most), 0);
  return row.map((z) => z - most - Math.log(sum));
}

/* ---- First weights. ---- */

export const INITIALIZERS = {
  /* weights N(0, 1/n_in), biases N(0, 1), as in chapter 3 */
  default: (key, nOut, nIn) => drawGaussian(key, nOut, nIn, 1 / Math.sqrt(nIn), 1),
  /* weights and biases N(0, 1), as in chapter 1 */
  large: (key, nOut, nIn) => drawGaussian(key, nOut, nIn, 1, 1),
  /* weights N(0, 2/n_in), biases 0, for ReLU */
  he: (key, nOut, nIn) => drawGaussian(key, nOut, nIn, Math.sqrt(2 / nIn), 0),
  /* weights and biases uniform between ±√(6/(n_in + n_out)) */
  glorot: (key, nOut, nIn) => {
    const bound = Math.sqrt(6 / (nIn + nOut));
    const draw = (part, count) => drawUniform(fold(key, part), count).map((u) => bound * (2 * u - 1));
    return { w: draw(0, nOut * nIn), b: draw(1, nOut) };
  },
  /* all 0: the neurons of a layer stay equal */
  zeros: (key, nOut, nIn) => ({ w: new Float64Array(nOut * nIn), b: new Float64Array(nOut) }),
};

function drawGaussian(key, nOut, nIn, weightsSd, biasesSd) {
  return {
    w: drawNormal(fold(key, 0), nOut * nIn).map((v) => weightsSd * v),
    b: drawNormal(fold(key, 1), nOut).map((v) => biasesSd * v),
  };
}

/* Draw the first parameters, a pure function of the seed: those of `Network.dense(sizes, …).init(seed)`. */
export function initialize({ sizes }, init, seed) {
  return sizes.slice(1).map((nOut, l) => INITIALIZERS[init](fold(makeKey(seed), 2 * l), nOut, sizes[l]));
}

/* ---- The network. ---- */

/* Compute z = a wᵀ + b for each row of a. */
function weighInputs({ w, b }, a) {
  const nOut = b.length, nIn = w.length / nOut, m = a.length / nIn, z = new Float64Array(m * nOut);
  for (let i = 0; i < m; i++)
    for (let j = 0; j < nOut; j++) {
      let sum = b[j];
      for (let k = 0; k < nIn; k++) sum += w[j * nIn + k] * a[i * nIn + k];
      z[i * nOut + j] = sum;
    }
  return z;
}

/* Compute each layer's inputs, weighted inputs z, activations a, and in training (with a key) what dropout kept. */
export function forward({ sizes, hidden, dropout = 0 }, params, x, key = null) {
  const f = ACTIVATIONS[hidden].function, layers = [];
  let inputs = x;
  for (let l = 0; l < params.length; l++) {
    const z = weighInputs(params[l], inputs), layer = { inputs, z, a: z, kept: null };
    layers.push(layer);
    if (l === params.length - 1) break;
    inputs = layer.a = z.map(f);
    if (key === null || dropout === 0) continue;
    // in deltarule's list of layers, Dropout stands at 3 l + 2, after Dense and the activation
    layer.kept = drawBernoulli(fold(key, 3 * l + 2), 1 - dropout, z.length).map((kept) => kept / (1 - dropout));
    inputs = layer.a.map((a, i) => a * layer.kept[i]);
  }
  return layers;
}

/* Compute the outputs of the network, `sizes.at(-1)` for each example. */
export function computeOutputs(network, params, x) {
  return COSTS[network.cost].activation(forward(network, params, x).at(-1).z, network.sizes.at(-1));
}

/* Compute C, the mean cost of the examples, without regularization. */
export function computeCost(network, params, x, y) {
  return COSTS[network.cost].value(forward(network, params, x).at(-1).z, y, network.sizes.at(-1));
}

/* Compute ∇C, a tree like the parameters, where C is the mean cost of the mini-batch, by the four equations. */
export function backpropagation(network, params, x, y, key = null) {
  const { sizes, hidden, cost } = network, { derivative } = ACTIVATIONS[hidden];
  const layers = forward(network, params, x, key), grads = [], m = x.length / sizes[0];
  let delta = COSTS[cost].delta(layers.at(-1).z, y, sizes.at(-1)).map((d) => d / m); // BP1
  for (let l = params.length - 1; l >= 0; l--) {
    const nOut = sizes[l + 1];
    grads[l] = { w: sumOuterProducts(delta, layers[l].inputs, nOut, sizes[l]), b: sumRows(delta, nOut) };
    if (l === 0) break;
    const { z, a, kept } = layers[l - 1], dA = multiplyTransposed(params[l], delta); // wᵀ δ
    delta = dA.map((d, i) => d * (kept ? kept[i] : 1) * derivative(z[i], a[i])); // BP2: (wᵀ δ) ⊙ σ′(z)
  }
  return grads;
}

/* BP3: ∂C/∂b_j = Σ δ_j over the examples */
function sumRows(delta, nOut) {
  const b = new Float64Array(nOut);
  for (let i = 0; i < delta.length; i++) b[i % nOut] += delta[i];
  return b;
}

/* BP4: ∂C/∂w_jk = Σ a_k δ_j over the examples */
function sumOuterProducts(delta, a, nOut, nIn) {
  const w = new Float64Array(nOut * nIn), m = delta.length / nOut;
  for (let i = 0; i < m; i++)
    for (let j = 0; j < nOut; j++)
      for (let k = 0; k < nIn; k++) w[j * nIn + k] += a[i * nIn + k] * delta[i * nOut + j];
  return w;
}

/* BP2 without its factor: (wᵀ δ)_k = Σ w_jk δ_j for each example */
function multiplyTransposed({ w, b }, delta) {
  const nOut = b.length, nIn = w.length / nOut, m = delta.length / nOut, dA = new Float64Array(m * nIn);
  for (let i = 0; i < m; i++)
    for (let j = 0; j < nOut; j++)
      for (let k = 0; k < nIn; k++) dA[i * nIn + k] += w[j * nIn + k] * delta[i * nOut + j];
  return dA;
}

/* ---- Optimizers, each a pair of pure functions: `init` gives the state, `update` the parameters and state after a
   step. ---- */

/* Apply f to the numbers at the same place of each tree. */
function mapLeaves(f, first, second = first, third = first) {
  const map = (p, q, r) => p.map((one, i) => f(one, q[i], r[i]));
  return first.map((p, l) => ({ w: map(p.w, second[l].w, third[l].w), b: map(p.b, second[l].b, third[l].b) }));
}

const makeZeros = (params) => mapLeaves(() => 0, params);
export const MU = 0.9, BETA1 = 0.9, BETA2 = 0.999, EPSILON = 1e-8;

export const OPTIMIZERS = {
  /* w → w − η ∇C */
  sgd: {
    init: () => ({}),
    update: (grads, state, params, eta) => ({ params: mapLeaves((w, g) => w - eta * g, params, grads), state }),
  },
  /* v → μv − η ∇C; w → w + v */
  momentum: {
    init: (params) => ({ v: makeZeros(params) }),
    update: (grads, state, params, eta) => {
      const v = mapLeaves((v, g) => MU * v - eta * g, state.v, grads);
      return { params: mapLeaves((w, v) => w + v, params, v), state: { v } };
    },
  },
  /* v → μv − η ∇C; p → p + μv − η ∇C, where p = w + μv is the point to which the velocity leads */
  nesterov: {
    init: (params) => ({ v: makeZeros(params) }),
    update: (grads, state, params, eta) => {
      const v = mapLeaves((v, g) => MU * v - eta * g, state.v, grads);
      return { params: mapLeaves((w, v, g) => w + MU * v - eta * g, params, v, grads), state: { v } };
    },
  },
  /* m → β₁m + (1 − β₁)g; s → β₂s + (1 − β₂)g²; w → w − η (m / (1 − β₁ᵗ)) / (√(s / (1 − β₂ᵗ)) + ε) */
  adam: {
    init: (params) => ({ m: makeZeros(params), s: makeZeros(params), beta1: 1, beta2: 1 }),
    update: (grads, state, params, eta) => {
      const m = mapLeaves((m, g) => BETA1 * m + (1 - BETA1) * g, state.m, grads);
      const s = mapLeaves((s, g) => BETA2 * s + (1 - BETA2) * g * g, state.s, grads);
      const beta1 = BETA1 * state.beta1, beta2 = BETA2 * state.beta2; // β₁ᵗ and β₂ᵗ
      const step = (w, m, s) => w - eta * (m / (1 - beta1)) / (Math.sqrt(s / (1 - beta2)) + EPSILON);
      return { params: mapLeaves(step, params, m, s), state: { m, s, beta1, beta2 } };
    },
  },
};

/* ---- Regularization: the gradient of a penalty on large weights, never on biases, for λ and n training examples. */

export const REGULARIZERS = {
  none: null,
  l2: (w, lmbda, n) => (lmbda / n) * w, // of (λ/2n) Σ w²
  l1: (w, lmbda, n) => (lmbda / n) * Math.sign(w), // of (λ/n) Σ |w|
};

function addPenaltyGradients({ regularizer, lmbda, n }, params, grads) {
  const gradient = REGULARIZERS[regularizer];
  if (!gradient) return grads;
  return grads.map(({ w, b }, l) => ({ w: w.map((g, i) => g + gradient(params[l].w[i], lmbda, n)), b }));
}

/* Return parameters and state after one mini-batch. `descent` is {network, optimizer, regularizer, lmbda, n}. */
export function takeStep(descent, params, state, x, y, eta, key) {
  const grads = addPenaltyGradients(descent, params, backpropagation(descent.network, params, x, y, key));
  return OPTIMIZERS[descent.optimizer].update(grads, state, params, eta);
}
