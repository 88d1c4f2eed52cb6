/* A chain of neurons whose weighted inputs are all 0, and its gradient as a product of weights and slopes. */

const LONGEST = 10, MOST = 8;

const controls = [
  { name: "w", label: "all weights", from: 0.5, to: MOST, step: 0.25, value: 1 },
  { name: "neurons", label: "neurons in the chain", from: 1, to: LONGEST, step: 1, value: 5 },
  { name: "moved", inPicture: true, value: Array(LONGEST).fill(0) },
  { label: "make all weights equal", press: () => ({ moved: Array(LONGEST).fill(0) }) },
];

/* Compute ∂C/∂b_j = ¼ · w_(j+1) · ¼ … w_L · ¼ · (a_L − y) with a_L = ½ and y = 0, where every σ′(0) is ¼. */
function compute({ w, neurons, moved }) {
  const weights = makeRange(0, neurons - 1).map((j) => w + moved[j]), gradients = [];
  gradients[neurons - 1] = 0.5 / 4;
  for (let j = neurons - 2; j >= 0; j--) gradients[j] = gradients[j + 1] * weights[j + 1] / 4;
  return { weights, gradients };
}

function makePictures(el, set) {
  const size = { width: 460, height: 280 }, x = { from: 0.5, to: 5.5, label: "neuron" };
  const y = { from: 1e-4, to: 1, log: true, label: "|∂C/∂b|" }, heights = { from: -MOST, to: 2 * MOST, label: "its weight w" };
  const above = makeChart(el, { axes: { x, y: heights }, label: "the weight of each neuron, to be dragged", ...size });
  const below = makeChart(el, { axes: { x, y }, label: "the size of each neuron's gradient", ...size });
  const write = makeStatus(el);
  return ({ weights, gradients }, { moved, neurons }) => {
    const axis = { ...x, to: neurons + 0.5, names: weights.map((_, j) => [j + 1, String(j + 1)]) }, sizes = gradients.map(Math.abs), known = sizes.filter((v) => v > 0);
    above.show([{ line: [[0.5, 4], [neurons + 0.5, 4]], colour: 2, dash: "4 4", name: "4, which keeps the gradient" },
      { bars: weights.map((v, j) => [j + 0.6, j + 1.4, v]), colour: 0, opacity: 0.35 },
      ...weights.map((v, j) => ({ handle: `weight ${j + 1}`, at: [j + 1, v], colour: 0, step: [0, 0.25],
        move: (_, to) => set({ moved: moved.with(j, moved[j] + Math.round(4 * to) / 4 - v) }) }))], { x: axis, y: heights });
    below.show([{ bars: sizes.map((v, j) => [j + 0.6, j + 1.4, v]), colour: 1 }],
      { x: axis, y: { ...y, from: 10 ** Math.floor(Math.log10(Math.min(1e-2, ...known))), to: 10 ** Math.ceil(Math.log10(Math.max(1, ...known))) } });
    write(`From the last neuron to the first the gradient is multiplied by ${formatNumber(sizes[0] / sizes.at(-1))}: by w/4 for each weight but the first.`);
  };
}

const questions = [
  { ask: "In a chain of five neurons or more, find one weight for all of them with which the gradient neither vanishes nor explodes.",
    holds: ({ gradients }, { neurons, moved }) => neurons >= 5 && !moved.some(Boolean) && Math.abs(gradients[0] / gradients.at(-1) - 1) < 0.01 },
  { ask: "Drag single weights: make the first gradient as large as the last one, although one of the weights from the second on is 1.",
    holds: ({ gradients, weights }) => weights.slice(1).includes(1) && gradients.length >= 3 && Math.abs(Math.abs(gradients[0] / gradients.at(-1)) - 1) < 0.05 },
];

export default makeLesson({ controls, compute, makePictures, questions });
