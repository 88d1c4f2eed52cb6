/* Towers side by side, each as high as the goal in its middle: a function of two inputs. */

const STEEP = 1000;

const controls = [
  { name: "n", label: "towers along each side n", from: 1, to: 12, step: 1, value: 4 },
  { name: "h", label: "weight h of each bump", from: 2, to: 40, step: 1, value: 20 },
];

const sigma = (z) => 1 / (1 + Math.exp(-z));
const goalOf = (x, y) => 0.5 + 0.5 * Math.sin(5 * x) * Math.cos(4 * y);
const GOAL = computeSurface(goalOf);

function compute({ n, h }) {
  const middles = makeRange(0, n - 1).map((i) => (i + 0.5) / n);
  const bumps = GRID.map((x) => middles.map((_, i) => sigma(STEEP * (x - i / n)) - sigma(STEEP * (x - (i + 1) / n))));
  const surface = bumps.flatMap((row) => bumps.map((column) => {
    let sum = 0; // the output neuron is linear: it adds the towers up
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) sum += goalOf(middles[i], middles[j]) * sigma(h * (row[i] + column[j] - 1.5));
    return sum;
  }));
  return { surface, distance: surface.reduce((sum, v, i) => sum + Math.abs(v - GOAL[i]), 0) / GOAL.length };
}

function makePictures(el) {
  const goal = makeChart(el, { label: "the goal", axes: SQUARE, width: 340, height: 320 });
  const chart = makeChart(el, { label: "the output of the network", axes: SQUARE, width: 340, height: 320 });
  const write = makeStatus(el);
  goal.show([{ ...paintSurface(GOAL, 1) }, { text: "goal", at: [0.03, 1.03] }]);
  return ({ surface, distance }, { n }) => {
    chart.show([{ ...paintSurface(surface, 1) }, { text: "network", at: [0.03, 1.03] }]);
    write(`${2 * (n + 1)} neurons in the first hidden layer and ${n * n} in the second. The mean distance from the goal is ${distance.toFixed(3)}.`);
  };
}

const questions = [
  { ask: "Bring the mean distance below 0.05.", holds: ({ distance }) => distance < 0.05 },
];

export default makeLesson({ controls, compute, makePictures, questions });
