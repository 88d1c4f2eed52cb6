/* One recurrent neuron, unrolled along time: its states forward, and the error that flows back step by step. */

const STEPS = 6, STAGES = 2 * STEPS + 1, LARGEST = 2;

const controls = [
  { name: "stage", label: "stage", from: 1, to: STAGES, step: 1, value: 1, unit: ` of ${STAGES}` },
  { label: "next stage", press: ({ stage }) => ({ stage: Math.min(STAGES, stage + 1) }) },
  { name: "u", label: "recurrent weight u", from: -3, to: 3, step: 0.1, value: 0.8 },
  { name: "w", label: "input weight w", from: -2, to: 2, step: 0.1, value: 1 },
  { name: "b", label: "bias b", from: -2, to: 2, step: 0.1, value: 0 },
  { name: "y", label: "desired last state y", from: -1, to: 1, step: 0.1, value: -0.5 },
  { name: "x", inPicture: true, value: [1, 0, 0, 0, 0, 0] },
  { label: "one input, then nothing", press: () => ({ x: [1, 0, 0, 0, 0, 0] }) },
];

/* h_t = tanh(w x_t + u h_(t−1) + b) from h_0 = 0, C = ½ (h_T − y)², and δ_t = ∂C/∂z_t by BPTT1 and BPTT2. */
function compute(values) {
  const { u, w, b, y, x } = values;
  const z = [], h = [], before = [];
  x.forEach((v, t) => {
    before[t] = t ? h[t - 1] : 0;
    z[t] = w * v + u * before[t] + b;
    h[t] = Math.tanh(z[t]);
  });
  const slope = h.map((v) => 1 - v * v), delta = []; // σ′(z) of tanh
  delta[STEPS - 1] = (h.at(-1) - y) * slope.at(-1); // BPTT1
  for (let t = STEPS - 2; t >= 0; t--) delta[t] = u * delta[t + 1] * slope[t]; // BPTT2
  const sum = (terms) => terms.reduce((total, one) => total + one, 0);
  const state = { z, h, before, slope, delta, cost: (h.at(-1) - y) ** 2 / 2,
    d_b: sum(delta), d_w: sum(delta.map((d, t) => d * x[t])), d_u: sum(delta.map((d, t) => d * before[t])) }; // BPTT3, BPTT4
  return { ...state, rule: tell(state, values) };
}

const LOWER = "₀₁₂₃₄₅₆₇₈₉", lower = (t) => LOWER[t];
const show = (v) => (v < 0 ? `(${formatNumber(v)})` : formatNumber(v));

/* The text of a stage: first T stages forward, then T stages back, then the sums. */
function tell({ z, h, before, slope, delta, d_b, d_w, d_u }, { stage, u, w, b, y, x }) {
  if (stage <= STEPS) {
    const t = stage - 1;
    return `Forward, step ${stage}: z${lower(stage)} = w x${lower(stage)} + u h${lower(t)} + b = ${show(w)}·${show(x[t])} + ${show(u)}·${show(before[t])} + ${show(b)} = ${formatNumber(z[t])}, ` +
      `and h${lower(stage)} = tanh(z${lower(stage)}) = ${formatNumber(h[t])}.`;
  }
  if (stage === STEPS + 1) return `Back, step ${STEPS}, BPTT1: δ${lower(STEPS)} = (h${lower(STEPS)} − y) σ′(z${lower(STEPS)}) = (${show(h.at(-1))} − ${show(y)})·${show(slope.at(-1))} = ${formatNumber(delta.at(-1))}.`;
  if (stage < STAGES) {
    const t = 2 * STEPS - stage;
    return `Back, step ${t + 1}, BPTT2: δ${lower(t + 1)} = u δ${lower(t + 2)} σ′(z${lower(t + 1)}) = ${show(u)}·${show(delta[t + 1])}·${show(slope[t])} = ${formatNumber(delta[t])}.`;
  }
  return `The gradients are sums over time. BPTT3: ∂C/∂b = Σ δₜ = ${formatNumber(d_b)}. BPTT4: ∂C/∂w = Σ δₜ xₜ = ${formatNumber(d_w)}, ∂C/∂u = Σ δₜ hₜ₋₁ = ${formatNumber(d_u)}.`;
}

function makePictures(el, change) {
  const size = { width: 460, height: 290 }, x = { from: 0.5, to: STEPS + 0.5, label: "step t", names: makeRange(1, STEPS).map((t) => [t, String(t)]) };
  const y = { from: -LARGEST, to: LARGEST, label: "input x, state h" }, sizes = { from: 1e-4, to: 1, log: true, label: "|δₜ|" };
  const rule = append(el, "p", { class: "rule", role: "status" });
  const above = makeChart(el, { axes: { x, y }, label: "the inputs, to be dragged, and the states", ...size });
  const below = makeChart(el, { axes: { x, y: sizes }, label: "the size of the error δ of each step", ...size });
  const write = makeStatus(el);
  return (state, values) => {
    const { h, delta } = state, { stage, x: inputs, y: desired } = values, known = Math.min(stage, STEPS), first = Math.max(1, 2 * STEPS + 1 - stage);
    rule.textContent = state.rule;
    above.show([{ bars: inputs.map((v, t) => [t + 0.65, t + 1.35, v]), colour: 0, opacity: 0.3, name: "input xₜ" },
      { line: h.slice(0, known).map((v, t) => [t + 1, v]), colour: 1, name: "state hₜ" }, { points: h.slice(0, known).map((v, t) => [t + 1, v]), colour: 1 },
      { points: [[STEPS, desired]], radius: 7, hollow: true, colour: 2, name: "desired last state y" },
      ...inputs.map((v, t) => ({ handle: `input of step ${t + 1}`, at: [t + 1, v], colour: 0, says: `x = ${formatNumber(v)}`, step: [0, 0.1],
        move: (_, to) => change({ x: inputs.with(t, Math.round(10 * to) / 10) }) }))]);
    const all = delta.map(Math.abs), positive = all.filter((v) => v > 0);
    below.show([{ bars: all.map((v, t) => [t + 0.65, t + 1.35, v]).slice(first - 1), colour: 1 }],
      { x, y: { ...sizes, from: 10 ** Math.floor(Math.log10(Math.min(1e-2, ...positive))), to: 10 ** Math.ceil(Math.log10(Math.max(1, ...positive))) } });
    write(`The cost of the last state is C = ${formatNumber(state.cost)}. ` + (stage <= STEPS ? "Its error is not known before the last step."
      : stage < 2 * STEPS ? `Its error has come back to step ${first}.` : `From step ${STEPS} back to step 1 the error is multiplied by ${formatNumber(delta[0] / delta.at(-1))}.`));
  };
}

const grown = ({ delta }) => Math.abs(delta[0] / delta.at(-1));
const questions = [
  { ask: "Go to the last stage, and choose u so that less than a thousandth of the error arrives at step 1.", holds: (state, { stage }) => stage === STAGES && grown(state) < 1e-3 },
  { ask: "Make the error explode: more than ten times as large at step 1 as at step 6.", holds: (state) => grown(state) > 10 },
  { ask: "Change the inputs so that the error vanishes although u is 1.5 or more.", holds: (state, { u }) => u >= 1.5 && grown(state) < 1e-2 },
];

export default makeLesson({ controls, compute, makePictures, questions });
