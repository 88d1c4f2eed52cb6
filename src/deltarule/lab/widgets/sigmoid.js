/* A sigmoid neuron beside a perceptron: their outputs, and what a nudge of the weight does to them. */

const controls = [
  { name: "w", label: "weight w", from: -20, to: 20, step: 0.1, value: 4 },
  { name: "b", label: "bias b", from: -20, to: 20, step: 0.1, value: -2 },
  { name: "nudge", label: "nudge Δw", from: -2, to: 2, step: 0.05, value: 0.5 },
  { name: "at", label: "input x", from: -1, to: 2, step: 0.05, value: 0.75 },
];

const INPUTS = makeRange(-100, 200).map((i) => i / 100);
const sigma = (z) => 1 / (1 + Math.exp(-z)), step = (z) => Number(z > 0);
const average = (numbers) => numbers.reduce((sum, v) => sum + v, 0) / numbers.length;

function compute({ w, b, nudge, at }) {
  const list = (f, weight) => INPUTS.map((x) => f(weight * x + b));
  const smooth = list(sigma, w), hard = list(step, w), smoothNudged = list(sigma, w + nudge), hardNudged = list(step, w + nudge);
  const z = w * at + b, a = sigma(z), changes = smooth.map((v, i) => Math.abs(smoothNudged[i] - v));
  return {
    smooth, hard, smoothNudged, hardNudged, a,
    slope: a * (1 - a) * at, predicted: a * (1 - a) * at * nudge, actual: sigma(z + nudge * at) - a,
    flip: step(z + nudge * at) - step(z), gap: average(smooth.map((v, i) => Math.abs(v - hard[i]))),
    meanChange: average(changes), mostChange: Math.max(...changes),
    flips: average(hard.map((v, i) => Number(v !== hardNudged[i]))),
  };
}

const FLAT = 0.05; // weights below are too small to drag the curve

function makePictures(el, change) {
  const output = { from: -0.05, to: 1.05, label: "output a" };
  const curves = makeChart(el, { label: "the output of both neurons", axes: { x: { from: -1, to: 2, label: "input x" }, y: output }, width: 420 });
  const nudges = makeChart(el, { label: "the output at input x after a nudge", axes: { x: { from: -2, to: 2, label: "nudge Δw" }, y: output }, width: 420 });
  const write = makeStatus(el);

  /* The handles of the curve: one moves it, the other makes it steeper. */
  function makeHandles({ w, b }) {
    const place = -b / w, steep = place + 2 / w;
    if (Math.abs(w) < FLAT || place < -1 || place > 2) return [];
    const handles = [{ handle: "the place where the output is ½", at: [place, 0.5], says: `x = ${formatNumber(place)}`,
      move: (x) => change({ b: round(limit(-w * x, 20), 0.1) }) }];
    if (steep >= -1 && steep <= 2) handles.push({ handle: "the steepness", at: [steep, sigma(2)], colour: 2, says: `w = ${formatNumber(w)}`,
      move: (x) => {
        const weight = round(limit(2 / (x - place), Math.min(20, 20 / Math.abs(place))), 0.1);
        change({ w: weight, b: round(-weight * place, 0.1) });
      } });
    return handles;
  }

  return ({ smooth, hard, smoothNudged, hardNudged, a, slope, predicted, actual, flip, meanChange, mostChange, flips }, values) => {
    const { w, b, nudge, at } = values, pair = (outputs) => INPUTS.map((x, i) => [x, outputs[i]]);
    curves.show([
      { line: [[at, -0.05], [at, 1.05]], colour: "var(--line)", width: 1 },
      { line: pair(hard), colour: 1, name: "perceptron" }, { line: pair(hardNudged), colour: 1, dash: "5 4", name: "with w + Δw" },
      { line: pair(smooth), colour: 0, name: "sigmoid neuron" }, { line: pair(smoothNudged), colour: 0, dash: "5 4", name: "with w + Δw" },
      ...makeHandles(values),
      { handle: "the input x", at: [at, a], colour: 3, says: `x = ${formatNumber(at)}`, step: [0.05, 0.05], move: (x) => change({ at: round(x, 0.05) }) },
    ]);
    const after = (f) => makeRange(-80, 80).map((i) => [i / 40, f((w + i / 40) * at + b)]);
    nudges.show([
      { line: after(step), colour: 1, name: "perceptron" }, { line: after(sigma), colour: 0, name: "sigmoid neuron" },
      { line: [[-2, a - 2 * slope], [2, a + 2 * slope]], colour: 2, dash: "5 4", name: "predicted" },
      { line: [[nudge, a + predicted], [nudge, a + actual]], colour: 2, width: 4 },
      { handle: "the nudge Δw", at: [nudge, a + actual], colour: 3, says: `Δw = ${formatNumber(nudge)}`, step: [0.05, 0.05], move: (x) => change({ nudge: round(x, 0.05) }) },
    ]);
    write(`At x = ${formatNumber(at)}, the predicted change is Δa ≈ ${formatNumber(predicted)}, and the actual change Δa = ${formatNumber(actual)}. ` +
      `The perceptron ${flip ? "flips" : "does not change"}. Over all these inputs, the sigmoid neuron's output changes by ${formatNumber(meanChange)} on average ` +
      `and by ${formatNumber(mostChange)} at most; the perceptron flips for ${formatNumber(100 * flips)} % of them.`);
  };
}

const limit = (v, most) => Math.min(most, Math.max(-most, v));
const round = (v, unit) => Number((Math.round(v / unit) * unit).toFixed(2));

const questions = [
  { ask: "Find a w and a b with which the sigmoid neuron is nearly a perceptron that switches at x = 1.",
    holds: ({ gap }, { w, b }) => gap < 0.035 && Math.abs(-b / w - 1) < 0.02 },
  { ask: "Find an input at which the nudge makes the perceptron flip.", holds: ({ flip }) => flip !== 0 },
  { ask: "Find a nudge and an input where the actual change is more than twice the predicted one.",
    holds: ({ predicted, actual }) => Math.abs(actual) > 0.01 && actual / predicted > 2 },
];

export default makeLesson({ controls, compute, makePictures, questions });
