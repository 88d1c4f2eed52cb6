/* A Boltzmann machine writes a digit: Gibbs sampling, step by step, with or without a label. */

const SIDE = 28, PIXELS = SIDE * SIDE, MOST = 2000, NAMES = makeRange(0, 9).map(String);

const controls = [
  { name: "label", label: "the digit to write", options: { any: null, ...Object.fromEntries(NAMES.map((name, i) => [`a ${name}`, i])) }, value: 3 },
  { name: "steps", label: "steps", from: 10, to: MOST, step: 10, value: 1000 },
  { name: "seed", label: "seed", from: 1, to: 50, step: 1, value: 1 },
  { label: "another one", press: ({ seed }) => ({ seed: seed % 50 + 1 }) },
];

/* Start from random pixels, as often black as the biases say, and take steps; the state is that after each step. */
function* compute({ label, steps, seed }, { machine }) {
  const params = readMachine(machine), key = makeKey(seed), start = findVisible(params, Array(params.c.length).fill(0));
  const known = start.map((_, i) => (label !== null && i >= PIXELS ? 1 : 0)), given = start.map((_, i) => (i === PIXELS + label ? 1 : 0));
  const energies = [];
  for (const { step, visible, state, hidden } of runChain(params, drawUnits(fold(key, 0), start), fold(key, 1), steps, known, given)) {
    if (step <= 20 || step % 10 === 0) energies.push([step - 1, findFreeEnergy(params, state)]);
    yield { step, pixels: Array.from(visible.slice(0, PIXELS)), labels: Array.from(visible.slice(PIXELS)), hidden, energies };
  }
}

function makePictures(el) {
  const write = makeStatus(el);
  const image = makePixels(el, { label: "the digit that the machine writes, as probabilities of ink", width: 300, caption: "the digit" });
  const units = makePixels(el, { label: "the probabilities of the 256 hidden units", width: 200, caption: "the hidden units" });
  const share = { x: { from: -0.5, to: 9.5, label: "digit", names: NAMES.map((name, i) => [i, name]) }, y: { from: 0, to: 1, label: "probability" } };
  const bars = makeChart(el, { axes: share, label: "the probabilities of the label units", width: 400, height: 220 });
  const fall = makeChart(el, { axes: { x: { from: 0, to: 10, label: "step" }, y: { from: 0, to: 1, label: "free energy" } }, label: "the free energy of the state after each step", width: 400, height: 220 });
  return ({ step, pixels, labels, hidden, energies }, { label, steps }) => {
    image({ values: pixels, columns: SIDE, top: 1 });
    units({ values: hidden, columns: 16, top: 1 });
    bars.show([{ bars: labels.map((p, i) => [i - 0.4, i + 0.4, p]), colour: label === null ? 0 : 2 }]);
    const values = energies.map(([, v]) => v), low = Math.min(...values), high = Math.max(...values), room = 0.05 * (high - low) + 1;
    fall.show([{ line: energies, colour: 1 }], { x: { from: 0, to: Math.max(10, steps), label: "step" }, y: { from: low - room, to: high + room, label: "free energy" } });
    write(`Step ${step} of ${steps}. ` + (label === null ? `The label units call it a ${labels.indexOf(Math.max(...labels))}, with ${Math.round(100 * Math.max(...labels))} %.` : `The label is held at ${label}.`) +
      ` The free energy has fallen from ${formatNumber(values[0])} to ${formatNumber(values.at(-1))}.`);
  };
}

const questions = [
  { ask: "Let the machine write any digit, without a label, which its label units then call by one name with more than 90 %.",
    holds: ({ labels, step }, { label, steps }) => label === null && step === steps && steps >= 50 && Math.max(...labels) > 0.9 },
  { ask: "Hold a label, and find a seed whose digit the label deserves. Look at 2,000 steps.",
    holds: ({ step }, { label, steps }) => label !== null && step === steps && steps === MOST },
];

export default makeLesson({ controls, compute, makePictures, questions });
