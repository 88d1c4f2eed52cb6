/* Many bumps, each as high as the goal in its middle, and the distance from the goal over their number. */

const MOST = 60;

const controls = [
  { name: "n", label: "number of bumps n", from: 1, to: MOST, step: 1, value: 10 },
  { name: "outside", label: "outer steps outside", value: false },
];

const findBumps = (n, outside) => addBumps(listMiddles(n).map(computeGoal), outside);
const [DISTANCES, DISTANCES_OUTSIDE] = [false, true].map((outside) => makeRange(1, MOST).map((n) => findBumps(n, outside).distance));

function compute({ n, outside }) {
  return { ...findBumps(n, outside), distances: outside ? DISTANCES_OUTSIDE : DISTANCES };
}

function makePictures(el, change) {
  const curve = makeChart(el, { label: "the goal, and bumps as high as the goal in their middles", width: 420, axes: { x: { from: 0, to: 1, label: "input x" }, y: { from: -0.1, to: 1.1, label: "output" } } });
  const fall = makeChart(el, { label: "the mean distance over the number of bumps", width: 420, axes: { x: { from: 1, to: MOST, log: true, label: "number of bumps n" }, y: { from: 0.005, to: 0.5, log: true, label: "mean distance" } } });
  const write = makeStatus(el);
  return ({ outputs, distance, farthest, distances: all }, { n }) => {
    curve.show(listCurves(outputs, 2, `${n} bumps, ${2 * n} hidden neurons`));
    fall.show([{ line: all.map((v, i) => [i + 1, v]), colour: 2 },
      { handle: "the number of bumps", at: [n, distance], colour: 2, says: `${n} bumps`, step: [1, 0], move: (x) => change({ n: Math.round(x) }) }]);
    write(`With ${n} bumps the mean distance is ${formatNumber(distance)}, and the largest ${formatNumber(farthest)}.`);
  };
}

const questions = [
  { ask: "How many bumps does a mean distance below 0.01 need? Find the smallest number.", holds: ({ distance, distances: all }, { n }) => distance < 0.01 && all.slice(0, n - 1).every((v) => v >= 0.01) },
  { ask: "Bring the largest distance below 0.05.", holds: ({ farthest }) => farthest < 0.05 },
];

export default makeLesson({ controls, compute, makePictures, questions });
