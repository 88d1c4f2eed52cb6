/* Which neurons dropout keeps in a step of training. */

const EXAMPLES = 8, NEURONS = 40;

const controls = [
  { name: "p", label: "probability p to drop", from: 0, to: 0.9, step: 0.05, value: 0.5 },
  { name: "step", label: "step of training", from: 0, to: 30, step: 1, value: 0 },
];

/* Apply dropout to outputs of 1: 0 with probability p, otherwise 1/(1 − p). */
function compute({ p, step }) {
  const kept = drawBernoulli(fold(makeKey(1), step), 1 - p, EXAMPLES * NEURONS), outputs = Array.from(kept, (one) => one / (1 - p));
  const sum = (values) => values.reduce((a, b) => a + b, 0) / values.length;
  return { outputs, share: sum(kept), average: sum(outputs) };
}

function makePictures(el) {
  const show = makePixels(el, { label: "the outputs that dropout keeps", width: 640, caption: "8 examples (rows), 40 neurons (columns): the kept outputs are filled" });
  const write = makeStatus(el);
  return ({ outputs, share, average }, { p, step }) => {
    show({ values: outputs, columns: NEURONS, top: 1 });
    write(`Step ${step}: ${(100 * share).toFixed(0)} % of the outputs are kept, each multiplied by 1/(1 − p) = ${formatNumber(1 / (1 - p))}. Their mean is ${average.toFixed(2)}, and 1 without dropout.`);
  };
}

export default makeLesson({ controls, compute, makePictures });
