/* Networks that learn in the page, in portions, by the same steps as in Python with `fit`. */

import { COSTS, OPTIMIZERS, forward, initialize, takeStep } from "../playground/network.js";
import { readBytes } from "./bytes.js";
import { drawBits, drawOrder, fold, makeKey } from "../playground/random.js";

const ORDER = 2 ** 20; // the number in the key of the order of an epoch; no epoch has it
const STEPS = 2; // steps in a portion

/* Read a packed data set: images as rows of numbers from 0 for paper to 1 for ink, and their labels. */
export function readExamples(data) {
  if (!unpacked.has(data)) unpacked.set(data, { x: Float64Array.from(readBytes(data.images), (v) => v / data.white), labels: Array.from(readBytes(data.labels)) });
  return unpacked.get(data);
}

const unpacked = new WeakMap();

/* Take the first n examples, with a false label for a share of them: the same as `make_labels_false` in Python. */
export function takeExamples({ x, labels }, n, share = 0, seed = 1) {
  const key = makeKey(seed), changed = labels.slice(0, n), shifts = drawBits(fold(key, 1), n);
  for (const i of drawOrder(key, n).slice(0, Math.floor(share * n + 0.5))) changed[i] = (changed[i] + 1 + shifts[i] % 9) % 10;
  return { x: x.subarray(0, n * (x.length / labels.length)), labels: changed };
}

/* Train a network, and yield {epoch, params, isEpoch} at the start, after each portion and after each epoch. */
export function* train(network, { x, labels }, { epochs, eta, lmbda = 0, batch = 10, seed = 1, params = initialize(network, "default", seed) }) {
  const descent = { network, optimizer: "sgd", regularizer: lmbda ? "l2" : "none", lmbda, n: labels.length }, key = makeKey(seed);
  let state = OPTIMIZERS.sgd.init(params);
  yield { epoch: 0, params, isEpoch: true };
  for (let epoch = 0; epoch < epochs; epoch++) {
    const order = drawOrder(fold(fold(key, ORDER), epoch), labels.length), steps = Math.ceil(order.length / batch);
    for (let step = 0; step < steps; step++) {
      const rows = order.slice(step * batch, (step + 1) * batch);
      const examples = [pickRows(x, network.sizes[0], rows), encodeLabels(rows.map((i) => labels[i]), network.sizes.at(-1))];
      ({ params, state } = takeStep(descent, params, state, ...examples, eta, fold(fold(key, epoch), step)));
      if (step % STEPS === STEPS - 1 && step < steps - 1) yield { epoch, params, isEpoch: false };
    }
    yield { epoch: epoch + 1, params, isEpoch: true };
  }
}

/* Compute the network's cost, its outputs, its accuracy in %, and the weighted inputs of its first layer. */
export function evaluate(network, params, { x, labels }) {
  const n = network.sizes.at(-1), layers = forward(network, params, x), { z } = layers.at(-1), { value, activation } = COSTS[network.cost];
  const outputs = activation(z, n), right = labels.filter((label, i) => findLargest(z, i * n, n) === label).length;
  return { cost: value(z, encodeLabels(labels, n), n), accuracy: 100 * right / labels.length, outputs, first: layers[0].z };
}

/* The position of the largest of n values from `start` on. */
export function findLargest(values, start, n) {
  let best = 0;
  for (let j = 1; j < n; j++) if (values[start + j] > values[start + best]) best = j;
  return best;
}

/* Let several generators go on in turn until all have ended, and yield after each. */
export function* takeTurns(runs) {
  let open = runs;
  while (open.length) {
    const ended = new Set();
    for (const run of open) {
      if (run.next().done) ended.add(run);
      yield;
    }
    open = open.filter((run) => !ended.has(run));
  }
}

function pickRows(values, width, rows) {
  const picked = new Float64Array(rows.length * width);
  rows.forEach((row, i) => picked.set(values.subarray(row * width, (row + 1) * width), i * width));
  return picked;
}

function encodeLabels(labels, n) {
  const y = new Float64Array(labels.length * n);
  labels.forEach((label, i) => { y[i * n + label] = 1; });
  return y;
}
