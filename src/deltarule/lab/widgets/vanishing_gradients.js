/* The lengths of the gradients of each hidden layer, before and while a deep network learns. */

const IMAGES = 100, OTHERS = ["sigmoid", "tanh", "relu"], WORDS = { sigmoid: "sigmoid", tanh: "tanh", relu: "ReLU", "leaky-relu": "leaky ReLU" };

const controls = [
  { name: "depth", label: "hidden layers", from: 1, to: 12, step: 1, value: 4 },
  { name: "width", label: "neurons in each", from: 5, to: 60, step: 5, value: 30 },
  { name: "hidden", label: "activation", options: Object.fromEntries(Object.entries(WORDS).map(([name, words]) => [words, name])), value: "sigmoid" },
  { name: "init", label: "first weights", options: { "s = 1/√n": "default", "s = 1": "large", "He's, s = √(2/n)": "he" }, value: "default" },
  { name: "seed", label: "seed", from: 1, to: 20, step: 1, value: 1 },
  { name: "eta", label: "learning rate η", steps: [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1], value: 0.1 },
  { name: "epochs", label: "epochs", from: 0, to: 30, step: 1, value: 15 },
];

const makeNetwork = ({ depth, width }, hidden) => ({ sizes: [64, ...Array(depth).fill(width), 10], hidden, cost: "cross-entropy" });

/* Compute ‖∂C/∂b‖ of each hidden layer. */
function measureGradients(network, params, { x, labels }) {
  const y = new Float64Array(10 * labels.length);
  labels.forEach((label, i) => { y[10 * i + label] = 1; });
  return backpropagation(network, params, x, y).slice(0, -1).map(({ b }) => Math.hypot(...b));
}

/* First the gradients of the network, then those with other activations, then those after each epoch. */
function* compute(values, { training }) {
  const { hidden, init, seed, eta, epochs } = values, examples = readExamples(training), few = takeExamples(examples, IMAGES);
  const measureFirst = (name) => { const network = makeNetwork(values, name); return measureGradients(network, initialize(network, init, seed), few); };
  const norms = measureFirst(hidden), state = { norms, ratio: norms.at(-1) / norms[0], others: { [hidden]: norms }, history: [norms], isFinished: epochs === 0 };
  yield state;
  for (const name of OTHERS) {
    if (!state.others[name]) state.others = { ...state.others, [name]: measureFirst(name) };
    yield state;
  }
  const network = makeNetwork(values, hidden);
  for (const { epoch, params, isEpoch } of train(network, examples, { epochs, eta, seed, params: initialize(network, init, seed) })) {
    const isNew = isEpoch && epoch > 0;
    if (isNew) state.history = [...state.history, measureGradients(network, params, few)];
    state.isFinished = state.history.length === epochs + 1;
    yield isNew ? state : undefined;
  }
}

const colourLayer = (i, n) => `hsl(${Math.round(210 - 180 * (n > 1 ? i / (n - 1) : 0))} 75% 50%)`;

function makePictures(el) {
  const size = { width: 400, height: 290 }, y = { from: 1e-4, to: 1, log: true, label: "‖∂C/∂b‖" }, layers = { from: 0.5, to: 4.5, label: "hidden layer" };
  const bars = makeChart(el, { axes: { x: layers, y }, label: "the length of the gradient in each hidden layer, before learning", ...size });
  const lines = makeChart(el, { axes: { x: layers, y }, label: "the same with other activations", ...size });
  const runs = makeChart(el, { axes: { x: { from: 0, to: 15, label: "epoch" }, y }, label: "the lengths after each epoch, for each hidden layer", ...size });
  const write = makeStatus(el);
  return ({ norms, ratio, others, history }, { hidden, eta, epochs }) => {
    const all = [...Object.values(others).flat(), ...history.flat()].filter((v) => v > 0 && v < Infinity), n = norms.length;
    const range = { ...y, from: 10 ** Math.max(-14, Math.floor(Math.log10(Math.min(1e-2, ...all)))), to: 10 ** Math.ceil(Math.log10(Math.max(1, ...all)) + 1e-9) };
    const axes = { x: { ...layers, to: n + 0.5, names: norms.map((_, i) => [i + 1, String(i + 1)]) }, y: range };
    bars.show([{ bars: norms.slice(0, 1).map((v, i) => [i + 0.6, i + 1.4, v]), colour: 0, name: `before learning, ${WORDS[hidden]}` }, { bars: norms.slice(1).map((v, i) => [i + 1.6, i + 2.4, v]), colour: 0 }], axes);
    lines.show(Object.entries(others).flatMap(([name, values], i) => {
      const line = values.map((v, layer) => [layer + 1, v]);
      return [{ line, colour: i, name: WORDS[name] }, { points: line, colour: i }];
    }), axes);
    runs.show(norms.map((_, i) => ({ line: history.map((one, epoch) => [epoch, one[i]]), colour: colourLayer(i, n), name: i === 0 || i === n - 1 ? `layer ${i + 1}` : "" })),
      { x: { from: 0, to: Math.max(1, epochs), label: "epoch" }, y: range });
    write(`Before learning, the gradient of the last hidden layer is ${formatNumber(ratio)} times as long as that of the first. With η = ${formatNumber(eta)}, after epoch ${history.length - 1} of ${epochs}: ` +
      `it is ${formatNumber(history.at(-1).at(-1) / history.at(-1)[0])} times as long.`);
  };
}

const questions = [
  { ask: "Find a network of eight hidden layers or more whose first and last gradient differ by less than a factor of 3 before learning.", holds: ({ ratio }, { depth }) => depth >= 8 && ratio < 3 && ratio > 1 / 3 },
  { ask: "Make the gradients explode: the first one 10 times as long as the last.", holds: ({ ratio }) => ratio < 0.1 },
];

export default makeLesson({ controls, compute, makePictures, questions });
