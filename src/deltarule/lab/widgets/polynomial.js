/* Ten points near the line y = 2x, and a polynomial through them, with weight decay on its coefficients. */

const POINTS = 10, CURVE = makeRange(0, 5, 1 / 60), X = { from: 0, to: 5, label: "x" }, Y = { from: -5, to: 16, label: "y" };

const controls = [
  { name: "noise", label: "noise of the points", from: 0, to: 2, step: 0.1, value: 0.6 },
  { name: "order", label: "order of the polynomial", from: 1, to: 9, step: 1, value: 9 },
  { name: "decay", label: "weight decay", from: 0, to: 1, step: 0.01, value: 0 },
  { name: "moved", inPicture: true, value: Array(POINTS).fill(0) },
  { label: "put the points back", press: () => ({ moved: Array(POINTS).fill(0) }) },
];

/* Fit the polynomial. `moved` is how far each point was dragged upwards, and `normal` the noise of the points. */
function compute({ order, noise, decay, moved }, { normal }) {
  const points = makeRange(0, POINTS - 1).map((i) => {
    const x = 0.1 + 4.8 * i / (POINTS - 1);
    return [x, 2 * x + noise * normal[i] + moved[i]];
  });
  const powers = makeRange(0, order), raise = (x, power) => ((x - 2.5) / 2.5) ** power; // x brought to −1 … 1
  const rows = powers.map((power, j) => [...points.map(([x]) => raise(x, power)), ...powers.map((_, k) => (j === k && j > 1 ? Math.sqrt(decay) : 0))]);
  const coefficients = solveLeastSquares(rows, [...points.map(([, y]) => y), ...powers.map(() => 0)]);
  const predict = (x) => powers.reduce((sum, power) => sum + coefficients[power] * raise(x, power), 0);
  const curve = CURVE.map((x) => [x, predict(x)]), distance = (pairs) => Math.sqrt(pairs.reduce((sum, [a, b]) => sum + (a - b) ** 2, 0) / pairs.length);
  return { points, curve, coefficients, atPoints: distance(points.map(([x, y]) => [predict(x), y])), elsewhere: distance(curve.map(([x, y]) => [y, 2 * x])) };
}

/* Find the c that minimizes ‖Σ c_j columns_j − y‖²: make the columns orthogonal (Gram and Schmidt), then substitute. */
function solveLeastSquares(columns, y) {
  const dot = (a, b) => a.reduce((sum, v, i) => sum + v * b[i], 0), q = [], r = columns.map(() => []);
  columns.forEach((column, j) => {
    let rest = column;
    for (let i = 0; i < 2 * j; i++) { // twice, because of rounding
      const part = dot(q[i % j], rest);
      r[i % j][j] = (r[i % j][j] ?? 0) + part;
      rest = rest.map((v, k) => v - part * q[i % j][k]);
    }
    r[j][j] = Math.sqrt(dot(rest, rest));
    q[j] = rest.map((v) => v / r[j][j]);
  });
  const c = [];
  for (let j = columns.length - 1; j >= 0; j--) c[j] = (dot(q[j], y) - columns.reduce((sum, _, k) => sum + (k > j ? r[j][k] * c[k] : 0), 0)) / r[j][j];
  return c;
}

function makePictures(el, set) {
  const plot = makeChart(el, { axes: { x: X, y: Y }, label: "the points, the line that made them, and the polynomial", width: 540, height: 340 });
  const sizes = { x: { from: -0.6, to: 9.6, label: "power" }, y: { from: 0.01, to: 1e4, log: true, label: "size of its coefficient" } };
  const bars = makeChart(el, { axes: sizes, label: "the sizes of the polynomial's coefficients", width: 380, height: 340 });
  const write = makeStatus(el);
  return ({ points, curve, coefficients, atPoints, elsewhere }, { order, moved }) => {
    plot.show([{ line: [[0, 0], [5, 10]], colour: 2, dash: "6 5", name: "y = 2x, which made the points" },
      { line: curve, colour: 0, name: `polynomial of order ${order}` },
      ...points.map(([x, y], i) => ({ handle: `point ${i + 1}`, at: [x, y], colour: 1, step: [0, 0.5],
        move: (_, to) => set({ moved: moved.with(i, moved[i] + to - y) }) }))]);
    bars.show([{ bars: coefficients.map((c, k) => [k - 0.4, k + 0.4, Math.abs(c)]), colour: 0 }]);
    write(`The polynomial's distance is ${atPoints.toFixed(2)} from the points, and ${elsewhere.toFixed(2)} from the line that made them.`);
  };
}

const questions = [
  { ask: "With the points as they were at first, find the order that comes nearest to the line that made them.", holds: ({ elsewhere }, { order, noise, moved }) => order === 1 && noise > 0 && !moved.some(Boolean) && elsewhere < 1 },
  { ask: "Keep order 9, and find a decay with which the curve comes nearer than 0.6 to the line that made the points.", holds: ({ elsewhere }, { order, noise, decay }) => order === 9 && noise >= 0.6 && decay > 0 && elsewhere < 0.6 },
];

export default makeLesson({ controls, compute, makePictures, questions });
