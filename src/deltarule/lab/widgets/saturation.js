/* The weighted inputs and activations of many neurons whose weights were only drawn so far. */

const NEURONS = 5000, FLAT = Math.log(99); // where σ(z) is 0.99

const controls = [
  { name: "inputs", label: "inputs n", from: 10, to: 2000, step: 10, value: 1000 },
  { name: "spread", label: "standard deviation s of the weights", from: 0.01, to: 1.5, step: 0.01, value: 1 },
];

const SUMS = drawNormal(makeKey(1), NEURONS), BIASES = drawNormal(makeKey(2), NEURONS);

/* Draw z = Σ w + b. A sum of n/2 weights N(0, s²) is itself normal, N(0, s² n/2), so one draw gives it. */
function compute({ inputs, spread }) {
  const summed = spread * Math.sqrt(inputs / 2), z = Array.from(SUMS, (sum, i) => summed * sum + BIASES[i]);
  const theory = Math.sqrt(summed ** 2 + 1), share = z.filter((v) => Math.abs(v) > FLAT).length / NEURONS;
  const a = z.map((v) => 1 / (1 + Math.exp(-v))), deviation = Math.sqrt(z.reduce((sum, v) => sum + v * v, 0) / NEURONS);
  return { theory, deviation, saturated: 100 * share, density: count(z, -4 * theory, 4 * theory, 60), activations: count(a, 0, 1, 40) };
}

/* Count values in bins, as [from, to, share of the values in % per unit]. */
function count(values, from, to, bins) {
  const width = (to - from) / bins, counts = Array(bins).fill(0);
  for (const v of values) if (v >= from && v <= to) counts[Math.min(bins - 1, Math.floor((v - from) / width))]++;
  return counts.map((number, i) => [from + i * width, from + (i + 1) * width, 100 * number / values.length]);
}

function makePictures(el) {
  const size = { width: 460, height: 300 };
  const before = { x: { from: -1, to: 1, label: "weighted input z" }, y: { from: 0, to: 8, label: "neurons in %" } };
  const sums = makeChart(el, { axes: before, label: "the weighted inputs of 5,000 neurons", ...size });
  const after = { x: { from: 0, to: 1, label: "activation σ(z)" }, y: { from: 0, to: 50, label: "neurons in %" } };
  const outputs = makeChart(el, { axes: after, label: "the activations of 5,000 neurons", ...size });
  const write = makeStatus(el);
  return ({ theory, deviation, saturated, density, activations }) => {
    const edge = 4 * theory, flat = Math.min(FLAT, edge), bell = (z) => 100 * density.length ** -1 * 8 * theory * Math.exp(-((z / theory) ** 2) / 2) / theory / Math.sqrt(2 * Math.PI);
    sums.show([{ area: [[-flat, 8], [flat, 8]], colour: 2, name: "not saturated" }, { bars: density, colour: 0, name: "5,000 neurons" },
      { line: makeRange(-60, 60).map((i) => [i * edge / 60, bell(i * edge / 60)]), colour: 6, width: 1.5, name: "bell curve of this width" }],
      { ...before, x: { ...before.x, from: -edge, to: edge } });
    outputs.show([{ bars: activations, colour: 1 }]);
    write(`z has the standard deviation ${deviation.toFixed(1)}. ${saturated.toFixed(saturated < 10 ? 1 : 0)} % of the neurons are saturated: σ(z) is below 0.01 or above 0.99.`);
  };
}

const questions = [
  { ask: "Keep 1,000 inputs, and find an s with which less than 1 % of the neurons are saturated.", holds: ({ saturated }, { inputs }) => inputs === 1000 && saturated < 1 },
  { ask: "Keep s = 1, and find the largest number of inputs with which less than half of the neurons are saturated.", holds: ({ saturated }, { spread, inputs }) => spread === 1 && saturated < 50 && inputs >= 90 },
];

export default makeLesson({ controls, compute, makePictures, questions });
