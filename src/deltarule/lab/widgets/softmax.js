/* Softmax: four weighted inputs, and the four answers that share a total of 1. */

const DIGITS = "₁₂₃₄", FIRST = [2.5, -1, 3.2, 0.5], MOST = 5;

const controls = [
  ...FIRST.map((value, j) => ({ name: `z${j + 1}`, label: `z${DIGITS[j]}`, from: -MOST, to: MOST, step: 0.05, value })),
  { name: "c", label: "sharpness c", from: 0, to: 10, step: 0.1, value: 1 },
  { name: "right", label: "right answer", options: ["1", "2", "3", "4"], value: "1" },
  { name: "varied", label: "curves over", options: ["z₁", "z₂", "z₃", "z₄"], value: "z₃" },
];

function softmaxOf(z, c) {
  const most = Math.max(...z), e = z.map((v) => Math.exp(c * (v - most))), sum = e.reduce((total, v) => total + v, 0);
  return e.map((v) => v / sum);
}

const listInputs = ({ z1, z2, z3, z4 }) => [z1, z2, z3, z4];

function compute(values) {
  const z = listInputs(values), { c, right, varied } = values, a = softmaxOf(z, c), j = "z₁z₂z₃z₄".indexOf(varied) / 2;
  const curves = makeRange(-50, 50).map((i) => softmaxOf(z.with(j, i / 10), c));
  return { z, a, curves, cost: -Math.log(a[right - 1]), delta: a.map((v, k) => c * (v - Number(k === right - 1))) };
}

function makePictures(el, change) {
  const names = (letter) => ({ from: 0, to: 4, label: "", names: FIRST.map((_, j) => [j + 0.5, letter + DIGITS[j]]) });
  const inputs = makeChart(el, { label: "the weighted inputs", axes: { x: names("z"), y: { from: -MOST, to: MOST, label: "weighted input z" } }, width: 340 });
  const answers = makeChart(el, { label: "the answers", axes: { x: names("a"), y: { from: 0, to: 1, label: "answer a" } }, width: 340 });
  const over = makeChart(el, { label: "the answers over one weighted input", axes: { x: { from: -MOST, to: MOST, label: "z₃" }, y: { from: 0, to: 1, label: "answer a" } }, width: 340 });
  const show = makeTable(el, ["answer", "z", "a", "∂C/∂z"], "how the cost changes with each weighted input"), write = makeStatus(el);
  const bars = (heights) => heights.map((height, j) => ({ bars: [[j + 0.15, j + 0.85, height]], colour: j }));
  const put = (j, z) => change({ [`z${j + 1}`]: Number(Math.min(MOST, Math.max(-MOST, z)).toFixed(2)) });

  /* Find the z with which an answer has this height, and the other z stay as they are. */
  function reach(z, c, j, height) {
    const p = Math.min(0.999, Math.max(0.001, height)), others = z.filter((_, k) => k !== j), most = Math.max(...others);
    put(j, most + (Math.log(p / (1 - p)) + Math.log(others.reduce((sum, v) => sum + Math.exp(c * (v - most)), 0))) / c);
  }

  return ({ z, a, curves, cost, delta }, { c, right, varied }) => {
    const picked = "z₁z₂z₃z₄".indexOf(varied) / 2;
    inputs.show([...bars(z), ...z.map((v, j) => ({ handle: `z${DIGITS[j]}`, at: [j + 0.5, v], colour: j, says: formatNumber(v), step: [0, 0.1], move: (_, height) => put(j, height) }))]);
    answers.show([...bars(a), ...a.flatMap((v, j) => [{ text: v.toFixed(3), at: [j + 0.5, Math.min(0.93, v + 0.05)], anchor: "middle" },
      ...(c ? [{ handle: `answer a${DIGITS[j]}`, at: [j + 0.5, v], colour: j, says: v.toFixed(3), step: [0, 0.02], move: (_, height) => reach(z, c, j, height) }] : [])])]);
    over.show([{ line: [[z[picked], 0], [z[picked], 1]], colour: "var(--line)", width: 1 },
      ...a.map((_, j) => ({ line: curves.map((row, i) => [i / 10 - MOST, row[j]]), colour: j, dash: ["", "6 4", "8 3 2 3", "2 3"][j] || undefined, name: `a${DIGITS[j]}` })),
      { handle: `${varied} on the curve`, at: [z[picked], a[picked]], colour: picked, says: formatNumber(z[picked]), step: [0.1, 0], move: (v) => put(picked, v) }],
    { x: { from: -MOST, to: MOST, label: varied }, y: { from: 0, to: 1, label: "answer a" } });
    show(z.map((v, j) => [`${j + 1}${String(j + 1) === right ? ", right" : ""}`, formatNumber(v), a[j].toFixed(3), { bar: delta[j], most: Math.max(1, c), text: formatNumber(delta[j]) }]));
    const sum = a.reduce((total, v) => total + v, 0);
    write(`The answers sum to ${sum.toFixed(3)}. The cost is C = −ln a${DIGITS[right - 1]} = ${formatNumber(cost)}.`);
  };
}

const FIRST_ANSWERS = softmaxOf(FIRST, 1);

const questions = [
  { ask: "Make a₄ the largest answer without moving z₄.", holds: ({ z, a }) => z[3] === FIRST[3] && a[3] === Math.max(...a) && new Set(a).size > 1 },
  { ask: "Change all four z by at least 0.5 each, so that all answers are what they were at first.",
    holds: ({ z, a }) => z.every((v, j) => Math.abs(v - FIRST[j]) > 0.495 && Math.abs(a[j] - FIRST_ANSWERS[j]) < 0.005) },
  { ask: "Put all z back to 2.5, −1, 3.2 and 0.5, and make the largest answer larger than 0.99.",
    holds: ({ z, a }) => z.every((v, j) => v === FIRST[j]) && Math.max(...a) > 0.99 },
];

export default makeLesson({ controls, compute, makePictures, questions });
