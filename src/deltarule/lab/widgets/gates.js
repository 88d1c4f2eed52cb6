/* A trained LSTM that holds a value: its gates, its cells and its answer while it reads a sequence. */

const STEPS = 16, GATES = ["input gate i", "forget gate f", "output gate o"];

const controls = [
  { name: "cell", label: "look at cell", options: { "1": 0, "2": 1, "3": 2 }, value: 0 },
  { name: "values", inPicture: true, value: [0.5, -0.3, 0.8, -0.6, 0.2, 0.9, -0.9, 0.1, -0.4, -0.7, 0.6, 0.3, -0.2, 0.7, -0.8, 0.4] },
  { name: "marks", inPicture: true, value: [0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0] },
  { label: "mark nothing", press: () => ({ marks: Array(STEPS).fill(0) }) },
  { label: "mark every step", press: () => ({ marks: Array(STEPS).fill(1) }) },
];

const sigma = (z) => 1 / (1 + Math.exp(-z));
const dot = (row, v) => row.reduce((sum, one, k) => sum + one * v[k], 0);

/* Read the sequence with z = w x + u h + b, whose rows are those of i, f, o and g; the answer is w h + b. */
function compute({ values, marks, cell }, { w, u, b, answer }) {
  const n = w.length / 4, steps = [];
  let h = Array(n).fill(0), c = Array(n).fill(0), held = 0;
  values.forEach((value, t) => {
    const x = [value, marks[t]], z = w.map((row, j) => dot(row, x) + dot(u[j], h) + b[j]);
    const [i, f, o] = [0, 1, 2].map((gate) => z.slice(gate * n, (gate + 1) * n).map(sigma)), g = z.slice(3 * n).map(Math.tanh);
    c = c.map((one, j) => f[j] * one + i[j] * g[j]);
    h = c.map((one, j) => o[j] * Math.tanh(one));
    held = marks[t] ? value : held;
    steps.push({ gates: [i, f, o], c, h, held, answer: dot(answer.w, h) + answer.b });
  });
  return { steps, shown: steps.map(({ gates }) => gates.map((gate) => gate[cell])), error: Math.max(...steps.map((one) => Math.abs(one.answer - one.held))) };
}

function makePictures(el, change) {
  const size = { width: 460, height: 250 }, x = { from: 0.5, to: STEPS + 0.5, label: "step t" };
  const axis = (from, to, label) => ({ x, y: { from, to, label } });
  const inputs = makeChart(el, { axes: axis(-1, 1, "value"), label: "the values, to be dragged", ...size });
  const keep = makeChart(el, { axes: { x, y: { from: -0.3, to: 1.3, label: "hold it?", names: [[0, "no"], [1, "yes"]] } }, label: "the marks, to be dragged up or down", ...size, height: 130 });
  const gates = makeChart(el, { axes: axis(0, 1, "open"), label: "how far the gates of the cell are open", ...size });
  const cells = makeChart(el, { axes: axis(-2, 2, "cₜ"), label: "the content of the cells", ...size });
  const write = makeStatus(el);
  return ({ steps, shown, error }, { values, marks, cell }) => {
    const line = (pick) => steps.map((one, t) => [t + 1, pick(one)]);
    inputs.show([{ line: line((one) => one.held), colour: 2, width: 6, name: "value to hold" }, { line: line((one) => one.answer), colour: 1, name: "answer of the LSTM" },
      ...values.map((v, t) => ({ handle: `value of step ${t + 1}`, at: [t + 1, v], colour: marks[t] ? 2 : 0, says: formatNumber(v), step: [0, 0.1],
        move: (_, to) => change({ values: values.with(t, Math.round(10 * to) / 10) }) }))]);
    keep.show(marks.map((v, t) => ({ handle: `mark of step ${t + 1}`, at: [t + 1, v], colour: v ? 2 : 0, says: v ? "yes" : "no", step: [0, 1],
      move: (_, to) => change({ marks: marks.with(t, to > 0.5 ? 1 : 0) }) })));
    gates.show(GATES.map((name, gate) => ({ line: shown.map((one, t) => [t + 1, one[gate]]), colour: [0, 1, 3][gate], dash: gate === 2 ? "4 4" : undefined, name })));
    const contents = steps[0].c.map((_, j) => line((one) => one.c[j])), most = Math.max(0.5, ...contents.flat().map(([, v]) => Math.abs(v)));
    cells.show(contents.map((points, j) => ({ line: points, colour: [4, 5, 3][j % 3], width: j === cell ? 4 : 1.5, name: `cell ${j + 1}` })), axis(-1.1 * most, 1.1 * most, "cₜ"));
    const marked = marks.flatMap((v, t) => (v ? [t] : [])), gate = (t) => shown[t][1];
    write(`The answer is wrong by at most ${formatNumber(error)}. ` + (marked.length ? `At the first mark, step ${marked[0] + 1}, the forget gate of cell ${cell + 1} is at ${formatNumber(gate(marked[0]))}` +
      (marked[0] + 1 < STEPS ? `, and one step later at ${formatNumber(gate(marked[0] + 1))}.` : ".") : "No step is marked, so the value to hold is 0."));
  };
}

const questions = [
  { ask: "Find the cell that holds the value: its forget gate is nearly closed at a mark, and nearly open at all other steps.",
    holds: ({ shown }, { marks }) => marks.includes(1) && marks.includes(0) && shown.every(([, f], t) => (marks[t] ? f < 0.3 : f > 0.9)) },
  { ask: "Let the network hold one value from step 1 to step 16.",
    holds: ({ steps }, { marks, values }) => marks[0] === 1 && !marks.slice(1).includes(1) && Math.abs(values[0]) >= 0.2 && Math.abs(steps.at(-1).answer - steps.at(-1).held) < 0.05 },
];

export default makeLesson({ controls, compute, makePictures, questions });
