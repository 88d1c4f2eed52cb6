/* Five bumps, whose heights are dragged under the curve. */

const COUNT = 5, HIGH = 1.5, LOW = -0.5;

const controls = [
  { name: "heights", inPicture: true, value: Array(COUNT).fill(0) },
  { name: "outside", label: "outer steps outside", value: false },
  { label: "heights of the goal in the middles", press: () => ({ heights: listMiddles(COUNT).map((x) => round(computeGoal(x))) }) },
  { label: "all heights 0", press: () => ({ heights: Array(COUNT).fill(0) }) },
];

const round = (height) => Number(Math.min(HIGH, Math.max(LOW, height)).toFixed(2));

function compute({ heights, outside }) {
  return addBumps(heights, outside);
}

function makePictures(el, change) {
  const chart = makeChart(el, { label: "the goal, and five bumps to drag", width: 640, height: 320, axes: { x: { from: 0, to: 1, label: "input x" }, y: { from: LOW, to: HIGH, label: "output" } } });
  const write = makeStatus(el);
  return ({ outputs, distance, farthest }, { heights }) => {
    chart.show([...heights.map((height, k) => ({ bars: [[k / COUNT, (k + 1) / COUNT, height]], colour: 4, opacity: 0.3 })), ...listCurves(outputs, 0, "five bumps, ten hidden neurons"),
      ...heights.map((height, k) => ({ handle: `bump ${k + 1}`, at: [(k + 0.5) / COUNT, height], colour: 0, says: `height ${formatNumber(height)}`, step: [0, 0.02],
        move: (_, y) => change({ heights: heights.with(k, round(y)) }) }))]);
    write(`The mean distance from the goal is ${distance.toFixed(3)}, and the largest ${farthest.toFixed(2)}. At x = 0 the output is ${formatNumber(outputs[0])}, and at x = 1 it is ${formatNumber(outputs.at(-1))}.`);
  };
}

const questions = [
  { ask: "Bring the mean distance below 0.08.", holds: ({ distance }) => distance < 0.08 },
  { ask: "Bring the largest distance below 0.3.", holds: ({ farthest }) => farthest < 0.3 },
];

export default makeLesson({ controls, compute, makePictures, questions });
