/* Backpropagation, step by step, in a network with 2, 3, 2 and 1 neurons; and a demon that nudges a weighted input. */

const SIZES = [2, 3, 2, 1], STEPS = 7, WIDEST = 4;
const NEURONS = SIZES.flatMap((n, l) => (l ? makeRange(1, n).map((j) => `layer ${l + 1}, neuron ${j}`) : []));
const find = (name) => name.match(/\d+/g).map((v) => v - 1); // the layer and the neuron, from 0

const controls = [
  { name: "step", label: "step", from: 1, to: STEPS, step: 1, value: 1, unit: ` of ${STEPS}` },
  { label: "next step", press: ({ step }) => ({ step: Math.min(STEPS, step + 1) }) },
  { name: "x1", label: "input x₁", from: -1, to: 2, step: 0.1, value: 1 },
  { name: "x2", label: "input x₂", from: -1, to: 2, step: 0.1, value: 0.5 },
  { name: "y", label: "desired output y", from: 0, to: 1, step: 0.01, value: 0 },
  { name: "seed", label: "weights, by seed", from: 1, to: 20, step: 1, value: 2 },
  { name: "where", label: "look at", options: NEURONS, value: NEURONS[0] },
  { name: "nudge", label: "the demon's nudge Δz", from: -WIDEST, to: WIDEST, step: 0.1, value: 0.5 },
];

const sigma = (z) => 1 / (1 + Math.exp(-z));
const dot = (u, v) => u.reduce((sum, one, i) => sum + one * v[i], 0);

/* z = w a + b and a = σ(z), layer by layer; the demon adds Δz to one of the z. */
function forward(params, x, [layer, neuron] = [], nudge = 0) {
  const a = [x], z = [null];
  params.forEach(({ w, b }, l) => {
    z.push(w.map((row, j) => dot(row, a[l]) + b[j] + (l + 1 === layer && j === neuron ? nudge : 0)));
    a.push(z[l + 1].map(sigma));
  });
  return { a, z };
}

function compute({ step, x1, x2, y, seed, where, nudge }, { params: all }) {
  const params = all[seed - 1], w = params.map((one) => one.w), place = find(where);
  const { a, z } = forward(params, [x1, x2]), slope = a.map((row) => row.map((v) => v * (1 - v))); // σ′(z)
  const delta = [null, null, null, [(a[3][0] - y) * slope[3][0]]]; // BP1
  for (const l of [2, 1]) delta[l] = slope[l].map((s, k) => s * dot(w[l].map((row) => row[k]), delta[l + 1])); // BP2
  const dB = delta.slice(1), dW = dB.map((row, l) => row.map((d) => a[l].map((v) => v * d))); // BP3, BP4
  const rates = w.map((rows, l) => rows.map((row, j) => row.map((v) => slope[l + 1][j] * v))); // ∂a of the next layer / ∂a

  const first = slope[1][0] * x1, last = a[3][0] - y; // ∂a²₁/∂w²₁₁ and ∂C/∂a⁴
  const paths = [0, 1].map((j) => first * rates[1][j][0] * rates[2][0][j] * last);
  const cost = (dz) => (forward(params, [x1, x2], place, dz).a[3][0] - y) ** 2 / 2;
  return {
    a, z, slope, delta, dW, rates, paths, w, b: params.map((one) => one.b),
    shown: STEP[step - 1].shows, known: STEP[step - 1].known,
    predicted: delta[place[0]][place[1]] * nudge, actual: cost(nudge) - cost(0),
    changes: makeRange(-40, 40).map((i) => [i * WIDEST / 40, cost(i * WIDEST / 40) - cost(0)]),
  };
}

/* What each step shows on the edges, the first layer whose δ is known, and its text about one neuron. */
const STEP = [
  { shows: "w", known: 4, rule: "Forward: zˡ = wˡ aˡ⁻¹ + bˡ and aˡ = σ(zˡ), from left to right. The edges show the weights w.",
    tell: ({ a, z, w, b }, l, j) => `z = ${w[l - 1][j].map((v, k) => `${show(v)}·${show(a[l - 1][k])}`).join(" + ")} + ${show(b[l - 1][j])} = ${formatNumber(z[l][j])}, so a = σ(${formatNumber(z[l][j])}) = ${formatNumber(a[l][j])}` },
  { shows: "rates", known: 4, rule: "Rate factors: a small change of aˡ⁻¹ₖ arrives at aˡⱼ multiplied by σ′(zˡⱼ) wˡⱼₖ, the rate factor of its edge.",
    tell: ({ slope, w, rates }, l, j) => `σ′(z) = a (1 − a) = ${formatNumber(slope[l][j])}, and from neuron 1 of layer ${l}: ${show(slope[l][j])}·${show(w[l - 1][j][0])} = ${formatNumber(rates[l - 1][j][0])}` },
  { shows: "w", known: 3, rule: "BP1: at the output, δᴸ = (aᴸ − y) σ′(zᴸ). This is ∂C/∂zᴸ: how fast the cost changes with the weighted input.", at: 3,
    tell: ({ a, slope, delta }, l, j, y) => `δ = (${show(a[3][0])} − ${show(y)})·${show(slope[3][0])} = ${formatNumber(delta[3][0])}` },
  { shows: "w", known: 2, rule: "BP2: one layer back, δˡ = (wˡ⁺¹)ᵀ δˡ⁺¹ ⊙ σ′(zˡ). All that it needs is known by now.", at: 2, tell: tellBack },
  { shows: "w", known: 1, rule: "BP2 again, for layer 2, the first hidden layer.", at: 1, tell: tellBack },
  { shows: "dW", known: 1, rule: "BP3: ∂C/∂bˡⱼ = δˡⱼ. BP4: ∂C/∂wˡⱼₖ = aˡ⁻¹ₖ δˡⱼ, on every edge: blue where a larger weight raises the cost, orange where it lowers it.",
    tell: ({ a, delta, dW }, l, j) => `∂C/∂b = δ = ${formatNumber(delta[l][j])}, and for the weight from neuron 1 of layer ${l}: ${show(a[l - 1][0])}·${show(delta[l][j])} = ${formatNumber(dW[l - 1][j][0])}` },
  { shows: "rates", known: 1, rule: "All paths: a change of the weight from x₁ to neuron 1 of layer 2 reaches the cost through neuron 1 and through neuron 2 of layer 3. Each edge of a path multiplies it by its rate factor.", at: 1,
    tell: ({ paths, dW }) => `${paths.map(show).join(" + ")} = ${formatNumber(paths[0] + paths[1])}; BP4 gives ${formatNumber(dW[0][0][0])}`, only: 0 },
];
const NAMES = { w: "weights", rates: "rate factors", dW: "gradients" };
const show = (v) => (v < 0 ? `(${formatNumber(v)})` : formatNumber(v));

function tellBack({ w, delta, slope }, l, j) {
  const terms = w[l].map((row, i) => `${show(row[j])}·${show(delta[l + 1][i])}`);
  return `δ = (${terms.join(" + ")})·${show(slope[l][j])} = ${formatNumber(delta[l][j])}`;
}

function makePictures(el, change) {
  const rule = append(el, "p", { class: "rule" });
  const network = makeNetworkDrawing(el, { label: "the network: press a neuron to look at it", press: (l, j) => change({ where: `layer ${l + 1}, neuron ${j + 1}` }) });
  const write = makeStatus(el);
  const axes = (low, high) => ({ x: { from: -WIDEST, to: WIDEST, label: "nudge Δz" }, y: { from: low, to: high, label: "change of the cost ΔC" } });
  const chart = makeChart(el, { label: "the change of the cost after the demon's nudge", axes: axes(-1, 1), width: 440, height: 250 });
  const tell = append(el, "p", { class: "demon", role: "status" });
  return (state, { step, where, y, nudge }) => {
    const { rule: text, at, only, tell: tellNumbers } = STEP[step - 1], [l, j] = find(where);
    const [layer, neuron] = at === undefined || at === l && only === undefined ? [l, j] : [at, 0];
    rule.textContent = text;
    network.show({ sizes: SIZES, inside: (l, j) => state.a[l][j].toFixed(2).replace("-", "−"), below: (l, j) => (l >= state.known ? state.delta[l][j] : null),
      edges: state[state.shown], quantity: NAMES[state.shown], picked: [l, j] });
    write(`Layer ${layer + 1}, neuron ${neuron + 1}: ${tellNumbers(state, layer, neuron, y)}.`);
    const { changes, predicted, actual, delta } = state, most = 1.15 * Math.max(...changes.map(([, v]) => Math.abs(v)), 1e-6);
    chart.show([{ line: [[-WIDEST, -WIDEST * delta[l][j]], [WIDEST, WIDEST * delta[l][j]]], colour: 2, dash: "5 4", name: "predicted, δ Δz" },
      { line: changes, colour: 0, name: "actual" },
      { handle: "the demon's nudge Δz", at: [nudge, actual], colour: 3, says: `Δz = ${formatNumber(nudge)}`, step: [0.1, 0], move: (dz) => change({ nudge: Number(dz.toFixed(1)) }) }], axes(-most, most));
    tell.textContent = `The demon sits at ${where}. It adds Δz = ${formatNumber(nudge)} to the weighted input. Predicted, δ Δz = ${formatNumber(predicted)}; actual, ΔC = ${formatNumber(actual)}.`;
  };
}

const questions = [
  { ask: "Choose y so that the output neuron's error δ is nearly 0, below 0.002 in size.", holds: ({ delta }) => Math.abs(delta[3][0]) < 0.002 },
  { ask: "At step 5, look at the hidden neuron whose nudges matter most to the cost.",
    holds: ({ delta, known }, { where }) => {
      const [l, j] = find(where), sizes = [...delta[1], ...delta[2]].map(Math.abs);
      return known === 1 && l < 3 && Math.abs(delta[l][j]) === Math.max(...sizes);
    } },
  { ask: "Choose an input with which the weights from x₁ have no gradient.", holds: ({ dW }) => dW[0].every((row) => row[0] === 0) && dW[0].some((row) => row[1] !== 0) },
];

export default makeLesson({ controls, compute, makePictures, questions });
