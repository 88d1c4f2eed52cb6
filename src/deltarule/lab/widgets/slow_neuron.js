/* One neuron that should answer 0 to the input 1, and how it learns this from two costs. */

const controls = [
  { name: "w0", label: "first weight", from: -3, to: 3, step: 0.1, value: 2 },
  { name: "b0", label: "first bias", from: -3, to: 3, step: 0.1, value: 2 },
  { name: "eta", label: "learning rate η", from: 0.005, to: 1, step: 0.005, value: 0.15 },
  { name: "steps", label: "steps", from: 50, to: 1000, step: 50, value: 300 },
  { label: "run again", press: () => ({}) },
];

const sigma = (z) => 1 / (1 + Math.exp(-z));
const COSTS_OF_NEURON = { // ∂C/∂z for x = 1 and y = 0
  quadratic: (a) => a * a * (1 - a), // (a − y) σ′(z)
  entropy: (a) => a, // a − y
};

/* The neuron's weighted input, output and ∂C/∂w before each step. */
function learn(derivative, { w0, b0, eta, steps }) {
  let w = w0, b = b0;
  const run = { z: [], outputs: [], slopes: [] };
  for (let i = 0; i < steps; i++) {
    const z = w + b, a = sigma(z), slope = derivative(a);
    run.z.push(z);
    run.outputs.push(a);
    run.slopes.push(slope);
    w -= eta * slope;
    b -= eta * slope;
  }
  return { ...run, half: run.outputs.findIndex((a) => a < 0.5) };
}

function compute(values) {
  return { quadratic: learn(COSTS_OF_NEURON.quadratic, values), entropy: learn(COSTS_OF_NEURON.entropy, values) };
}

const SECONDS = 4, FAR = 7, POINTS = 150;
const CURVE = makeRange(-70, 70).map((i) => [i / 10, sigma(i / 10)]);
const RUNS = [["quadratic", 0, "quadratic cost", ""], ["entropy", 1, "cross-entropy", "6 4"]];

function makePictures(el, change) {
  const output = { from: 0, to: 1.02, label: "output a" }, axis = (steps) => ({ from: 0, to: steps, label: "step" });
  const curve = makeChart(el, { label: "the neuron on the sigmoid's curve", axes: { x: { from: -FAR, to: FAR, label: "weighted input z = w + b" }, y: output }, width: 420 });
  const outputs = makeChart(el, { label: "the output before each step", axes: { x: axis(300), y: output }, width: 420 });
  const slopes = makeChart(el, { label: "the derivative before each step", axes: { x: axis(300), y: { from: 0, to: 1.02, label: "∂C/∂w" } }, width: 420 });
  const write = makeStatus(el);
  let state, values, at = 0;
  const animation = makeAnimation(el, SECONDS, (share) => { at = Math.round(share * (values.steps - 1)); paint(); });

  /* Curves up to the step shown, and what comes after it. */
  const draw = (name) => RUNS.flatMap(([run, colour, title, dash]) => {
    const numbers = state[run][name], last = [at, numbers[at]];
    const points = makeRange(0, numbers.length - 1, Math.ceil(numbers.length / POINTS)).map((i) => [i, numbers[i]]);
    return [{ line: points, colour, width: 1, dash: "1 3" }, { line: [...points.filter(([i]) => i < at), last], colour, width: 2.5, dash: dash || undefined, name: title }, { points: [last], colour, radius: 5 }];
  });
  function paint() {
    const { quadratic } = state, x = axis(values.steps);
    curve.show([{ line: CURVE, colour: "currentColor", width: 1.5 },
      ...RUNS.map(([run, colour, title]) => ({ points: [[Math.max(-FAR, state[run].z[at]), state[run].outputs[at]]], colour, radius: 7, name: title })),
      { text: `step ${at}`, at: [-FAR + 0.4, 0.93] },
      { handle: "the start", at: [quadratic.z[0], quadratic.outputs[0]], colour: 3, says: `z = ${formatNumber(quadratic.z[0])}`, step: [0.1, 0],
        move: (z) => change({ b0: Number(Math.min(3, Math.max(-3, z - values.w0)).toFixed(1)) }) }]);
    outputs.show([...draw("outputs"),
      { handle: "the step shown", at: [at, quadratic.outputs[at]], colour: 3, says: `step ${at}`, step: [1, 0],
        move: (step) => { animation.stop(); at = Math.min(values.steps - 1, Math.round(step)); paint(); } }], { x, y: output });
    slopes.show(draw("slopes"), { x, y: { from: 0, to: 1.02, label: "∂C/∂w" } });
  }

  return (next, all) => {
    [state, values] = [next, all];
    animation.start();
    const { quadratic, entropy } = state, tell = ({ half }) => (half < 0 ? `more than ${values.steps}` : half);
    write(`Steps until the output is below one half: ${tell(quadratic)} with the quadratic cost, ${tell(entropy)} with the cross-entropy. ` +
      `At the end the output is ${quadratic.outputs.at(-1).toFixed(3)} and ${entropy.outputs.at(-1).toFixed(3)}.`);
  };
}

const questions = [
  { ask: "Find a start from which the output stays above one half for 300 steps with the quadratic cost, but not for 30 steps with the cross-entropy.",
    holds: ({ quadratic, entropy }, { steps }) => quadratic.half < 0 && steps >= 300 && entropy.half >= 0 && entropy.half <= 30 },
  { ask: "Start with an output above 0.95, and find an η with which even the quadratic cost brings it below one half within 50 steps.",
    holds: ({ quadratic }) => quadratic.outputs[0] > 0.95 && quadratic.half >= 0 && quadratic.half <= 50 },
  { ask: "Find the start at which the neuron with the quadratic cost learns fastest: where its first ∂C/∂w is largest.", holds: ({ quadratic }) => quadratic.slopes[0] > 0.1475 },
];

export default makeLesson({ controls, compute, makePictures, questions });
