/* The data sets of the page: points in the plane, each with a class or a number.

   A data set is {x, labels, classes}: two coordinates for each point in one flat list, and a label for each point,
   the position of its class or, where `classes` is 0, a number. Coordinates have three decimals, so that a program
   can state them in few digits. */

import { drawNormal, drawUniform, fold, makeKey } from "./random.js";

export const EXTENT = 3; // the plane reaches from −3 to 3 in both directions
export const MOST_CLASSES = 5;
const GOLDEN_RATIO = (Math.sqrt(5) - 1) / 2;

const roundPlace = (v) => Math.round(Math.min(Math.max(v, -EXTENT), EXTENT) * 1000) / 1000;
const turn = (radius, angle) => [radius * Math.cos(angle), radius * Math.sin(angle)];

/* Each kind of data places a point of a class by two random numbers u, v between 0 and 1 and two normal ones p, q. */
const KINDS = {
  clouds: { classes: 2, place: (k, { p, q }) => [(k ? 1.2 : -1.2) + 0.4 * p, (k ? 1.2 : -1.2) + 0.4 * q] },
  circles: {
    classes: 2,
    place: (k, { u, v }) => turn(k ? 1.15 * Math.sqrt(u) : Math.sqrt(2.9 + 4 * u), 2 * Math.PI * v),
  },
  xor: {
    classes: 2,
    place: (k, { u, v }) => {
      const right = u < 0.5, x = 0.15 + 2.5 * ((2 * u) % 1), y = 0.15 + 2.5 * v;
      return [right ? x : -x, right === (k === 1) ? y : -y];
    },
  },
  spiral: { classes: 2, place: (k, { u }) => turn(0.15 + 2.55 * u, 3.4 * Math.PI * u + k * Math.PI) },
  three: {
    classes: 3,
    place: (k, { p, q }) => {
      const [x, y] = turn(1.5, Math.PI * (0.5 + 2 * k / 3));
      return [x + 0.45 * p, y + 0.45 * q];
    },
  },
  five: {
    classes: 5,
    place: (k, { u, p }) => turn(0.3 + 2.4 * u, 2 * Math.PI * k / 5 + 0.9 * u + 0.12 * p / (0.3 + u)),
  },
  surface: { classes: 0, place: (k, { u, v }) => [2.9 * (2 * u - 1), 2.9 * (2 * v - 1)] },
};

export const DATA_NAMES = Object.keys(KINDS);

/* The height of the surface at a place, between −1 and 1. */
const computeHeight = (x, y) => Math.sin(1.3 * x) * Math.cos(0.9 * y);

/* Draw `count` points of a kind. `noise` moves them at random; for the surface, it changes their numbers. */
export function makeDataSet({ data, count, noise, seed }) {
  const { classes, place } = KINDS[data], key = fold(makeKey(seed), 1);
  const u = drawUniform(fold(key, 0), count), v = drawUniform(fold(key, 1), count);
  const normal = [2, 3, 4, 5].map((part) => drawNormal(fold(key, part), count));
  const points = Array.from(u, (_, i) => {
    const [p, q, first, second] = normal.map((numbers) => numbers[i]), label = classes ? i % classes : 0;
    const [x, y] = place(label, { u: u[i], v: v[i], p, q });
    if (!classes) return { x: roundPlace(x), y: roundPlace(y), label: roundPlace(computeHeight(x, y) + noise * first) };
    return { x: roundPlace(x + noise * first), y: roundPlace(y + noise * second), label };
  });
  return collectPoints(points, classes);
}

/* Collect points {x, y, label} in a data set. */
export function collectPoints(points, classes) {
  return { x: points.flatMap(({ x, y }) => [x, y]), labels: points.map(({ label }) => label), classes };
}

/* Divide a data set: `share` of its points, spread evenly over their order, are the test set. A point that is added at
   the end moves no other one. */
export function divide({ x, labels, classes }, share) {
  const isTest = (i) => (i * GOLDEN_RATIO) % 1 >= 1 - share;
  const select = (wanted) => {
    const chosen = labels.map((_, i) => i).filter((i) => isTest(i) === wanted);
    return { x: chosen.flatMap((i) => [x[2 * i], x[2 * i + 1]]), labels: chosen.map((i) => labels[i]), classes };
  };
  return { train: select(false), test: select(true) };
}

/* The functions of the two coordinates that a network may take as its inputs. */
export const FEATURES = {
  x1: { label: "x₁", compute: (x) => x, python: "x1" },
  x2: { label: "x₂", compute: (x, y) => y, python: "x2" },
  x1x1: { label: "x₁²", compute: (x) => x * x, python: "x1 * x1" },
  x2x2: { label: "x₂²", compute: (x, y) => y * y, python: "x2 * x2" },
  x1x2: { label: "x₁x₂", compute: (x, y) => x * y, python: "x1 * x2" },
  sinx1: { label: "sin x₁", compute: (x) => Math.sin(x), python: "np.sin(x1)" },
  sinx2: { label: "sin x₂", compute: (x, y) => Math.sin(y), python: "np.sin(x2)" },
};

/* Compute the inputs of the network for each point: a row of features. */
export function computeFeatures(x, names) {
  const n = x.length / 2, rows = new Float64Array(n * names.length);
  const functions = names.map((name) => FEATURES[name].compute);
  for (let i = 0; i < n; i++)
    functions.forEach((compute, k) => { rows[i * names.length + k] = compute(x[2 * i], x[2 * i + 1]); });
  return rows;
}

/* Compute the desired outputs: 1 for the class and 0 for the others, one output for two classes, or the number.
   Single precision, because deltarule stores them so. */
export function encodeLabels({ labels, classes }, nOut) {
  if (nOut === 1) return Float64Array.from(labels, Math.fround);
  const y = new Float64Array(labels.length * nOut);
  labels.forEach((label, i) => { y[i * nOut + label] = 1; });
  return y;
}

/* Count the outputs: one for a number, and one for two classes unless softmax divides a probability among both. */
export const countOutputs = (classes, cost) =>
  (classes === 0 || (classes === 2 && cost !== "log-likelihood") ? 1 : classes);

/* Compute the share of points that are classified correctly. */
export function computeAccuracy(outputs, { labels }, nOut) {
  const right = labels.filter((label, i) => decodeRow(outputs, i, nOut) === label).length;
  return right / labels.length;
}

/* The class of a row of outputs: the largest, or for one output 1 above ½. */
export function decodeRow(outputs, i, nOut) {
  if (nOut === 1) return outputs[i] > 0.5 ? 1 : 0;
  let best = 0;
  for (let k = 1; k < nOut; k++) if (outputs[i * nOut + k] > outputs[i * nOut + best]) best = k;
  return best;
}
