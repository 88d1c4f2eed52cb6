/* A restricted Boltzmann machine with label units, as in deltarule/core/boltzmann.py and with the same random numbers. */

const LABELS = 10;

/* Read a machine {w, scale, b, c}: weights of one byte in units of `scale`, row by row for each hidden unit. */
export function readMachine({ w, scale, b, c }) {
  const bytes = new Int8Array(w.buffer, w.byteOffset, w.byteLength), hidden = readFloats(c), visible = readFloats(b);
  return { w: Float64Array.from(bytes, (v) => v * scale), b: visible, c: hidden };
}

/* z_j = c_j + w_j v, of which the probabilities of the hidden units are σ. */
function sumHidden({ w, c }, v) {
  const n = v.length, on = [];
  for (let i = 0; i < n; i++) if (v[i]) on.push(i);
  return c.map((bias, j) => {
    let sum = 0;
    for (const i of on) sum += w[j * n + i] * v[i];
    return bias + sum;
  });
}

export const findHidden = (machine, v) => sumHidden(machine, v).map((z) => 1 / (1 + Math.exp(-z)));

/* The probabilities of the visible units: σ of their weighted inputs, and softmax for the labels. */
export function findVisible({ w, b }, h) {
  const n = b.length, z = Float64Array.from(b, () => 0);
  h.forEach((one, j) => {
    if (!one) return;
    for (let i = 0; i < n; i++) z[i] += w[j * n + i] * one;
  });
  b.forEach((bias, i) => { z[i] += bias; });
  const pixels = n - LABELS, most = Math.max(...z.subarray(pixels)), e = z.subarray(pixels).map((v) => Math.exp(v - most)), sum = e.reduce((a, v) => a + v, 0);
  return z.map((v, i) => (i < pixels ? 1 / (1 + Math.exp(-v)) : e[i - pixels] / sum));
}

/* F(v) = −b v − Σ ln(1 + e^z): the lower, the more probable is v. */
export function findFreeEnergy(machine, v) {
  const softplus = (z) => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
  return -machine.b.reduce((sum, bias, i) => sum + bias * v[i], 0) - sumHidden(machine, v).reduce((sum, z) => sum + softplus(z), 0);
}

const drawShares = (key, count) => Float64Array.from(drawBits(key, count), (bits) => (bits >>> 8) * 2 ** -24);

/* Draw units that are 1 with their probabilities. */
export function drawUnits(key, probabilities) {
  const shares = drawShares(key, probabilities.length);
  return probabilities.map((p, i) => (shares[i] < p ? 1 : 0));
}

/* Draw the visible units; of the labels exactly one is 1. */
export function drawVisible(key, probabilities) {
  const n = probabilities.length - LABELS, v = drawUnits(fold(key, 0), probabilities.slice(0, n)), [share] = drawShares(fold(key, 1), 1);
  const labels = new Float64Array(LABELS);
  let below = 0, chosen = 0;
  while (chosen < LABELS - 1 && share >= below + probabilities[n + chosen]) below += probabilities[n + chosen++];
  labels[chosen] = 1;
  return Float64Array.from([...v, ...labels]);
}

/* Take steps of Gibbs sampling from the visible state `v`, where units with `known` keep their `given` values. After each
   step t from 1 to `steps` it yields the probabilities of the visible units, and the drawn states. */
export function* runChain(machine, v, key, steps, known, given) {
  const clamp = (units) => units.map((one, i) => (known[i] ? given[i] : one));
  let state = clamp(v), h = findHidden(machine, state);
  for (let t = 0; t < steps; t++) {
    yield { step: t + 1, visible: clamp(findVisible(machine, drawUnits(fold(key, 1), h))), state, hidden: h };
    const now = fold(fold(key, 0), t);
    state = clamp(drawVisible(fold(now, 1), findVisible(machine, drawUnits(fold(now, 0), h))));
    h = findHidden(machine, state);
  }
}
