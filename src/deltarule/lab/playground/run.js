/* A training run: its position, its stretches and its history, in which one can go back.

   A stretch is a part of the run with the same settings and data. It begins with its own parameters, a new state of the
   optimizer, and its own seed, so that a program can repeat it. A change during the run begins the next stretch. */

import { OPTIMIZERS, computeCost, computeOutputs, initialize, takeStep } from "./network.js";
import { computeAccuracy, computeFeatures, countOutputs, divide, encodeLabels } from "./data_sets.js";
import { drawOrder, fold, makeKey } from "./random.js";

export const ORDER = 2 ** 20; // the number in the key of the order of an epoch; no epoch has it
const MOST_RECORDS = 400;

/* Prepare data and settings for training: the network, and inputs and desired outputs of both sets. The problem keeps
   the own points that the data come from, if any. */
export function makeProblem(settings, data, own = null) {
  const cost = data.classes === 0 ? "quadratic-linear" : settings.cost;
  const nOut = countOutputs(data.classes, cost);
  const prepare = (set) => (
    { ...set, inputs: computeFeatures(set.x, settings.features), targets: encodeLabels(set, nOut) });
  const { train, test } = divide(data, settings.test);
  const sizes = [settings.features.length, ...settings.layers, nOut];
  const network = { sizes, hidden: settings.hidden, cost, dropout: settings.layers.length ? settings.dropout : 0 };
  return { network, nOut, classes: data.classes, train: prepare(train), test: prepare(test), settings, own };
}

export class Run {
  constructor(problem, params = null) {
    this.start(problem, params ?? initialize(problem.network, problem.settings.init, problem.settings.seed));
  }

  start(problem, params) {
    this.problem = problem;
    this.records = [];
    this.every = 1;
    this.begin(params, { steps: 0, epochs: 0, number: 0 });
  }

  /* Begin a stretch with these parameters. */
  begin(params, { steps, epochs, number }) {
    const { settings, network, train } = this.problem, seed = (settings.seed + 1000003 * number) % 2 ** 32;
    const stretch = { number, seed, params, settings, network, problem: this.problem, steps, epochs };
    const { optimizer, regularizer, lmbda } = settings;
    stretch.descent = { network, optimizer, regularizer, lmbda, n: train.labels.length };
    stretch.stepsPerEpoch = Math.max(1, Math.ceil(train.labels.length / settings.batch));
    const state = OPTIMIZERS[optimizer].init(params);
    this.at = { params, state, stretch, epoch: 0, step: 0 };
    this.order = null;
    this.record();
  }

  get params() { return this.at.params; }
  get steps() { return this.at.stretch.steps + this.at.epoch * this.at.stretch.stepsPerEpoch + this.at.step; }
  get epochs() { return this.at.stretch.epochs + this.at.epoch + this.at.step / this.at.stretch.stepsPerEpoch; }
  get last() { return this.records.at(-1); }
  get past() { return this.records.filter((one) => one.steps <= this.steps); }
  get hasDiverged() { return this.last.diverged; }

  /* Take one step, with the next mini-batch of the epoch. */
  step() {
    const { stretch, epoch, step } = this.at, { train, network } = this.problem, { batch, eta } = stretch.settings;
    if (this.hasDiverged || !train.labels.length) return false;
    if (this.order?.stretch !== stretch || this.order.epoch !== epoch) {
      const key = fold(fold(makeKey(stretch.seed), ORDER), epoch);
      this.order = { stretch, epoch, rows: drawOrder(key, train.labels.length) };
    }
    const rows = this.order.rows.slice(step * batch, (step + 1) * batch);
    const x = pickRows(train.inputs, network.sizes[0], rows), y = pickRows(train.targets, network.sizes.at(-1), rows);
    const key = fold(fold(makeKey(stretch.seed), epoch), step);
    const next = takeStep(stretch.descent, this.at.params, this.at.state, x, y, eta, key);
    const isEnd = step + 1 === stretch.stepsPerEpoch;
    this.at = { ...next, stretch, epoch: epoch + isEnd, step: isEnd ? 0 : step + 1 };
    if (isEnd && this.at.epoch % this.every === 0) this.record();
    return true;
  }

  /* Measure the costs and remember this position. */
  record() {
    const { at, steps, epochs } = this, { train, test } = this.problem;
    const measured = { ...this.measure(train), ...rename(this.measure(test)) };
    const isFinite = Number.isFinite(measured.cost) || !train.labels.length;
    const diverged = !isFinite || at.params.some(({ w, b }) => !w.every(Number.isFinite) || !b.every(Number.isFinite));
    const entry = { at, steps, epochs, diverged, ...measured };
    if (this.records.length && this.last.steps === steps) this.records.pop();
    this.records.push(entry);
    if (this.records.length <= MOST_RECORDS) return;
    this.every *= 2;
    this.records = this.records.filter((one, i) => i % 2 === 0 || one === entry || one.at.step + one.at.epoch === 0);
  }

  measure(set) {
    if (!set.labels.length) return { cost: NaN, accuracy: NaN };
    const { network, nOut, classes } = this.problem;
    const cost = computeCost(network, this.params, set.inputs, set.targets);
    if (!classes) return { cost, accuracy: NaN };
    return { cost, accuracy: computeAccuracy(computeOutputs(network, this.params, set.inputs), set, nOut) };
  }

  /* Go on with other settings, data or parameters. Without a step so far, the first stretch begins again. */
  change(problem, params = this.params) {
    this.problem = problem;
    const isFresh = this.steps === 0;
    if (isFresh) this.records = [];
    const { steps, epochs } = this, number = this.at.stretch.number + 1;
    this.begin(params, isFresh ? { steps: 0, epochs: 0, number: 0 } : { steps, epochs, number });
  }

  /* Go back to a record. A step from there follows the same path as before; it replaces what came after. */
  rewind(index) {
    this.at = this.records[index].at;
    this.problem = this.at.stretch.problem;
  }

  /* Forget the records after the current position, before the run goes on from there. */
  cutFuture() {
    this.records = this.past;
    if (!this.records.length || this.last.steps !== this.steps) this.record();
  }
}

const rename = ({ cost, accuracy }) => ({ testCost: cost, testAccuracy: accuracy });

function pickRows(values, width, rows) {
  const picked = new Float64Array(rows.length * width);
  rows.forEach((row, i) => { for (let k = 0; k < width; k++) picked[i * width + k] = values[row * width + k]; });
  return picked;
}

/* Return parameters with one of them replaced: `part` is "w" or "b". */
export function replaceParameter(params, layer, part, index, value) {
  return params.map((one, l) => (l === layer ? { ...one, [part]: one[part].with(index, value) } : one));
}
