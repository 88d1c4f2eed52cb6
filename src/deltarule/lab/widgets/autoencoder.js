/* A variational autoencoder with a code of two numbers: dense layers with ReLU, as deltarule/lab/autoencoder.py packs them. */

const ENCODER = [0, 1, 2], DECODER = [3, 4, 5];

/* Read the layers {w, b} of both halves: weights of one byte, row by row, each row in units of its scale. */
export function readAutoencoder(file) {
  const readLayer = (i) => {
    const w = file[`w${i}`], bytes = new Int8Array(w.buffer, w.byteOffset, w.byteLength);
    const b = readFloats(file[`b${i}`]), scale = readFloats(file[`scale${i}`]), inputs = bytes.length / b.length;
    return { w: Float64Array.from(bytes, (v, k) => v * scale[Math.floor(k / inputs)]), b };
  };
  return { encoder: ENCODER.map(readLayer), decoder: DECODER.map(readLayer) };
}

/* z = w a + b for each layer, and ReLU between layers. */
function runLayers(layers, x) {
  return layers.reduce((before, { w, b }, l) => {
    const a = l ? before.map((z) => Math.max(z, 0)) : before, n = a.length, on = [];
    for (let i = 0; i < n; i++) if (a[i]) on.push(i);
    return b.map((bias, j) => {
      let sum = 0;
      for (const i of on) sum += w[j * n + i] * a[i];
      return sum + bias;
    });
  }, x);
}

/* The distribution of an image's code: its means μ and its deviations σ = √(e^ln σ²). */
export function encodeImage({ encoder }, x) {
  const found = runLayers(encoder, x);
  return { mean: found.slice(0, 2), deviation: found.slice(2).map((v) => Math.exp(v / 2)) };
}

/* The image of a code, as probabilities of ink. */
export const decodeCode = ({ decoder }, z) => runLayers(decoder, z).map((v) => 1 / (1 + Math.exp(-v)));
