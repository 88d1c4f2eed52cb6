/* Explains a run that diverges or learns nothing, and proposes a change that is likely to help. */

import { ACTIVATIONS, backpropagation, forward } from "./network.js";

const FLAT = 0.02; // a cost that falls by less than this share is flat
const PATIENCE = 30; // epochs until a flat cost is a problem

/* Return {text, button, change} for the most important problem of a run, or null. `change` holds settings. */
export function diagnose({ problem, past, params }) {
  const { settings, network, train } = problem, records = past, run = { problem, records, params, last: past.at(-1) };
  if (!train.labels.length) return { text: "There are no points to learn from.", button: "", change: null };
  return findDivergence(run) ?? findEqualNeurons(run) ?? findRisingCost(records, settings) ??
    findStandstill(run, network, settings) ?? findOverfitting(records, settings);
}

const formatEpochs = (epochs) => String(Math.round(10 * epochs) / 10);

/* Round to one or two digits, such as 0.03. */
const roundEta = (eta) => Number(eta.toPrecision(1));

function lowerEta(settings) {
  const eta = roundEta(settings.eta / 10);
  return { button: `Start again with η = ${eta}`, change: { eta }, restart: true };
}

function findDivergence({ records, last, problem: { settings } }) {
  if (!last.diverged) return null;
  const best = findLowest(records);
  return {
    text: `The run has diverged: the cost has risen since step ${best.steps}, until the weights were no longer ` +
      `finite numbers. Each step of η = ${settings.eta} overshoots the minimum and lands higher on the other side.`,
    ...lowerEta(settings),
  };
}

/* Find the record with the lowest training cost. */
const findLowest = (records) => records.reduce((best, one) => (one.cost < best.cost ? one : best), records[0]);

function findRisingCost(records, settings) {
  const last = records.at(-1), lowest = findLowest(records);
  const later = records.filter(({ epochs }) => epochs > lowest.epochs);
  const isHigher = later.length >= 5 && later.slice(-5).every(({ cost }) => cost > 1.3 * lowest.cost + 0.01);
  if (!isHigher) return null;
  return {
    text: `The training cost has been above its lowest value since step ${lowest.steps} (epoch ` +
      `${formatEpochs(lowest.epochs)}): it rose from ${lowest.cost.toPrecision(3)} to ${last.cost.toPrecision(3)}. ` +
      `The steps are too large: η = ${settings.eta}.`,
    ...lowerEta(settings),
  };
}

function findEqualNeurons({ params, problem: { network } }) {
  const hasFirstRow = (w, b, j) => rowOf(w, b, j).every((u, k) => u === w[k]);
  const isEqual = ({ w, b }) => b.length > 1 && b.every((v, j) => v === b[0] && hasFirstRow(w, b, j));
  const layer = params.slice(0, -1).findIndex(isEqual);
  if (layer < 0 || !network.sizes[layer + 2]) return null;
  return {
    text: `All neurons of hidden layer ${layer + 1} have the same weights. They get the same gradients, so they stay ` +
      "equal and work as one neuron.",
    button: "Start again with random weights", change: { init: "default" }, restart: true,
  };
}

const rowOf = (w, b, j) => w.subarray(j * w.length / b.length, (j + 1) * w.length / b.length);

/* Explain a cost that does not fall: by neurons that do not react, small gradients, or too simple a network. */
function findStandstill(run, network, settings) {
  const { records, last } = run;
  const past = records.findLast(({ epochs }) => epochs <= last.epochs - PATIENCE);
  const isFlat = past && last.cost > (1 - FLAT) * past.cost;
  const isGood = last.accuracy > 0.95 || (Number.isNaN(last.accuracy) && last.cost < 0.01);
  if (!isFlat || isGood) return null;
  const start = `The training cost has hardly changed since epoch ${formatEpochs(past.epochs)}.`;
  const quiet = findQuietLayer(run);
  if (quiet) return { ...quiet, text: `${start} ${quiet.text}` };
  if (!settings.layers.length || network.hidden === "linear") return {
    text: `${start} ${settings.layers.length ? "Linear hidden neurons" : "Without hidden neurons, the network"} ` +
      "can only divide its inputs by straight lines.",
    button: "Start again with a hidden layer of 8 tanh neurons", change: { layers: [8], hidden: "tanh" }, restart: true,
  };
  const norms = measureGradients(run);
  if (norms.length > 2 && norms[0] < 0.01 * norms.at(-1)) return {
    text: `${start} The gradient vanishes on its way back: its norm is ${norms.at(-1).toExponential(1)} in the last ` +
      `layer and ${norms[0].toExponential(1)} in the first.`,
    button: "Start again with Adam and tanh", change: { optimizer: "adam", eta: 0.01, hidden: "tanh" }, restart: true,
  };
  if (settings.regularizer !== "none" && settings.lmbda > 0.5) return {
    text: `${start} The penalty with λ = ${settings.lmbda} keeps the weights small.`,
    button: `Go on with λ = ${roundEta(settings.lmbda / 10)}`, change: { lmbda: roundEta(settings.lmbda / 10) },
  };
  if (settings.layers.reduce((sum, n) => sum + n, 0) < 8) return {
    text: `${start} The network may be too small for these data.`,
    button: "Start again with two layers of 8 neurons", change: { layers: [8, 8] }, restart: true,
  };
  if (settings.optimizer !== "adam") return {
    text: `${start} The cost may be flat here, or the steps too small or too large.`,
    button: "Go on with Adam and η = 0.01", change: { optimizer: "adam", eta: 0.01 },
  };
  return null;
}

/* Explain saturated or dead neurons, if they are at least half of a hidden layer. */
function findQuietLayer({ params, problem: { network, train, settings } }) {
  const counts = countQuietNeurons(network, params, train.inputs);
  if (!counts.some(({ quiet, of }) => quiet >= of / 2)) return null;
  const describe = ({ layer, quiet, of }) => `${quiet} of ${of} in layer ${layer}`;
  const parts = counts.filter(({ quiet }) => quiet).map(describe);
  const [low, high] = ACTIVATIONS[network.hidden].bounds;
  if (network.hidden === "relu") return {
    text: `Dead neurons, which are 0 for every training point: ${parts.join(", ")}. Their gradients are 0 as well.`,
    button: "Start again with leaky ReLU", change: { hidden: "leaky-relu", ...shrinkEta(settings) }, restart: true,
  };
  return {
    text: `Saturated neurons, which are close to ${low === 0 ? 0 : "−1"} or ${high} for nearly every training point: ` +
      `${parts.join(", ")}. There σ′(z) is almost 0, and so is their gradient.`,
    button: "Start again with smaller weights and steps", change: { init: "glorot", ...shrinkEta(settings) },
    restart: true,
  };
}

const shrinkEta = ({ eta }) => (eta > 0.3 ? { eta: 0.1 } : {});

/* Count the neurons of each hidden layer that are saturated, or for ReLU dead, at 95 % of the examples. */
export function countQuietNeurons(network, params, inputs) {
  const [low, high] = ACTIVATIONS[network.hidden].bounds, reach = 0.02 * (high - low);
  if (low === -Infinity || (high === Infinity && network.hidden !== "relu")) return [];
  const isQuiet = (a) => (high === Infinity ? a === 0 : a < low + reach || a > high - reach);
  return forward(network, params, inputs).slice(0, -1).map(({ a }, l) => {
    const of = network.sizes[l + 1], examples = a.length / of, hits = new Array(of).fill(0);
    a.forEach((value, i) => { hits[i % of] += isQuiet(value); });
    return { layer: l + 1, of, quiet: hits.filter((n) => n >= (high === Infinity ? 1 : 0.95) * examples).length };
  });
}

/* Compute the norm of the gradient of each layer's biases over the training set. */
export function measureGradients({ params, problem: { network, train } }) {
  return backpropagation(network, params, train.inputs, train.targets).map(({ b }) => Math.hypot(...b));
}

function findOverfitting(records, settings) {
  const last = records.at(-1);
  if (!Number.isFinite(last.testCost) || last.epochs < PATIENCE) return null;
  const lowest = records.reduce((best, one) => (one.testCost < best.testCost ? one : best), records[0]);
  const isRising = last.testCost > 1.25 * lowest.testCost + 0.02 && last.cost < lowest.cost;
  if (!isRising) return null;
  const lmbda = settings.regularizer === "l2" ? roundEta(settings.lmbda * 3) : 0.3;
  return {
    text: `Overfitting: the test cost has risen since epoch ${formatEpochs(lowest.epochs)}, from ` +
      `${lowest.testCost.toPrecision(3)} to ${last.testCost.toPrecision(3)}, while the training cost fell.`,
    button: `Start again with L2, λ = ${lmbda}`, change: { regularizer: "l2", lmbda }, restart: true,
  };
}
