/* Down into the valley: gradient descent with momentum on C = v₁² + s·v₂². */

const EDGE = 1.4, LOST = 1e3, CONTOURS = 9;

const controls = [
  { name: "eta", label: "learning rate η", from: 0.01, to: 1.1, step: 0.01, value: 0.1 },
  { name: "mu", label: "momentum μ", from: 0, to: 0.95, step: 0.05, value: 0 },
  { name: "steepness", label: "steepness s along v₂", from: 1, to: 10, step: 0.5, value: 1 },
  { name: "steps", label: "steps", from: 1, to: 60, step: 1, value: 20 },
  { name: "start_1", label: "start at v₁", from: -1.2, to: 1.2, step: 0.1, value: -0.9 },
  { name: "start_2", label: "start at v₂", from: -1.2, to: 1.2, step: 0.1, value: 0.8 },
  { name: "push_1", label: "first velocity along v₁", from: -0.5, to: 0.5, step: 0.05, value: 0 },
  { name: "push_2", label: "first velocity along v₂", from: -0.5, to: 0.5, step: 0.05, value: 0 },
];

/* Let the ball roll: u → μu − η∇C and v → v + u. It is given up where it is far out of the valley. */
function compute({ eta, mu, steepness, steps, start_1, start_2, push_1, push_2 }) {
  const cost = ([a, b]) => a ** 2 + steepness * b ** 2;
  let v = [start_1, start_2], u = [push_1, push_2];
  const path = [v];
  for (let i = 0; i < steps && Math.max(...v.map(Math.abs)) <= LOST; i++) {
    const gradient = [2 * v[0], 2 * steepness * v[1]];
    u = u.map((velocity, j) => mu * velocity - eta * gradient[j]);
    v = v.map((place, j) => place + u[j]);
    path.push(v);
  }
  return { path, heights: path.map(cost), outside: Math.max(...v.map(Math.abs)) > EDGE };
}

function makePictures(el, set) {
  const valley = { x: { from: -EDGE, to: EDGE, label: "v₁" }, y: { from: -EDGE, to: EDGE, label: "v₂" } };
  const map = makeChart(el, { axes: valley, label: "the valley from above, with the path of the ball", width: 380, height: 356 });
  const fall = makeChart(el, { axes: { x: { from: 0, to: 20, label: "step" }, y: { from: 1e-9, to: 10, log: true, label: "cost C" } }, label: "the cost after each step", width: 380, height: 356 });
  const write = makeStatus(el);
  return ({ path, heights, outside }, { steepness }) => {
    const contours = makeRange(1, CONTOURS).map((i) => ({ line: makeEllipse(EDGE * i / 6, steepness), colour: "var(--line)", width: 1 }));
    map.show([...contours, { line: path, colour: 1 }, { points: path, colour: 1 },
      { handle: "the ball's start", at: path[0], colour: 0, step: [0.1, 0.1],
        move: (a, b) => set({ start_1: round(a), start_2: round(b) }) }]);
    const top = 10 ** Math.ceil(Math.log10(Math.max(10, ...heights)));
    fall.show([{ line: heights.map((height, i) => [i, Math.max(height, 1e-9)]), colour: 0 }, { points: heights.map((height, i) => [i, Math.max(height, 1e-9)]), colour: 0 }],
      { x: { from: 0, to: Math.max(1, path.length - 1), label: "step" }, y: { from: 1e-9, to: top, log: true, label: "cost C" } });
    write((outside ? "The ball has left the valley that is drawn here. " : "") +
      `After ${path.length - 1} steps C has gone from ${formatNumber(heights[0])} to ${formatNumber(heights.at(-1))}.`);
  };
}

/* The places where the cost is that of (radius, 0). */
function makeEllipse(radius, steepness) {
  return makeRange(0, 72).map((i) => [radius * Math.cos(i * Math.PI / 36), radius / Math.sqrt(steepness) * Math.sin(i * Math.PI / 36)]);
}

const round = (v) => Math.min(1.2, Math.max(-1.2, Number(v.toFixed(1))));

const questions = [
  { ask: "Without momentum, find an η with which the ball crosses the middle at every step and still comes down.",
    holds: ({ path, heights }, { mu }) => mu === 0 && path.length > 3 && path.every((v, i) => !i || v[0] * path[i - 1][0] < 0) && heights.at(-1) < heights[0] },
  { ask: "Find an η with which the ball climbs out of the valley.",
    holds: ({ heights, outside }) => outside && heights.at(-1) > 2 * heights[0] },
  { ask: "Make the valley ten times as steep along v₂, and bring the cost below 0.001 in at most 40 steps.",
    holds: ({ heights, path }, { steepness }) => steepness === 10 && path.length <= 41 && heights.at(-1) < 1e-3 },
];

export default makeLesson({ controls, compute, makePictures, questions });
