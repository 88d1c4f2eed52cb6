/* The forward pass of a network, layer by layer, for one example, with the same functions as deltarule's core.
   A value is {shape, data}; the shape of an image is (rows, columns, channels), the last axis fastest. */

const map = (x, f) => ({ shape: x.shape, data: Float64Array.from(x.data, f) });
const sigma = (z) => (z < 0 ? Math.exp(z) / (1 + Math.exp(z)) : 1 / (1 + Math.exp(-z)));

/* Compute `each(map, row, column)` for every position of a window of h × w that moves by (s, t). */
function windows(x, [h, w], [s, t], maps, each) {
  const rows = Math.floor((x.shape[0] - h) / s) + 1, columns = Math.floor((x.shape[1] - w) / t) + 1;
  const data = new Float64Array(rows * columns * maps);
  for (let r = 0, i = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) for (let m = 0; m < maps; m++, i++) data[i] = each(m, r * s, c * t);
  return { shape: [rows, columns, maps], data };
}

const OPERATIONS = {
  /* z = w a + b */
  Dense: ({ w, b }, a) => ({
    shape: [b.length],
    data: Float64Array.from(b, (bias, j) => {
      let z = bias;
      for (let k = 0, at = j * a.data.length; k < a.data.length; k++) z += w[at + k] * a.data[k];
      return z;
    }),
  }),
  /* z[r, c, m] = b[m] + Σ w[m, i, j, ch] x[r·s + i, c·s + j, ch] */
  Conv: ({ w, b, kernel, stride }, x) => {
    const [h, k] = kernel, [, columns, channels] = x.shape;
    return windows(x, kernel, stride, b.length, (m, r, c) => {
      let z = b[m], at = m * h * k * channels;
      for (let i = 0; i < h; i++) {
        const row = ((r + i) * columns + c) * channels;
        for (let j = 0; j < k * channels; j++) z += w[at++] * x.data[row + j];
      }
      return z;
    });
  },
  MaxPool: ({ size, stride }, x) => pool(x, size, stride, -Infinity, Math.max, (a) => a),
  L2Pool: ({ size, stride }, x) => pool(x, size, stride, 0, (a, v) => a + v * v, Math.sqrt),
  BatchNorm: ({ scale, shift, mean, variance, epsilon }, x) => {
    const n = scale.length;
    return map(x, (v, i) => scale[i % n] * (v - mean[i % n]) / Math.sqrt(variance[i % n] + epsilon) + shift[i % n]);
  },
  Flatten: (_, x) => ({ shape: [x.data.length], data: x.data }),
  Dropout: (_, x) => x,
  Sigmoid: (_, z) => map(z, sigma),
  ShiftedSigmoid: ({ scale, shift }, z) => map(z, (v) => scale * sigma(v) + shift),
  Tanh: (_, z) => map(z, Math.tanh),
  Linear: (_, z) => z,
  ReLU: (_, z) => map(z, (v) => Math.max(v, 0)),
  LeakyReLU: ({ a }, z) => map(z, (v) => (v > 0 ? v : a * v)),
  ELU: ({ a }, z) => map(z, (v) => (v > 0 ? v : a * Math.expm1(v))),
  Softmax: (_, z) => {
    const most = Math.max(...z.data), e = z.data.map((v) => Math.exp(v - most));
    const sum = e.reduce((a, v) => a + v, 0);
    return map({ shape: z.shape, data: e }, (v) => v / sum);
  },
};

function pool(x, [h, w], stride, start, take, end) {
  const [, columns, channels] = x.shape;
  return windows(x, [h, w], stride, channels, (m, r, c) => {
    let a = start;
    for (let i = 0; i < h; i++)
      for (let j = 0; j < w; j++) a = take(a, x.data[((r + i) * columns + c + j) * channels + m]);
    return end(a);
  });
}

/* Compute the outputs for one example. `layers` are {type, …}; their arrays are Float32Array. */
export function forward(layers, shape, pixels) {
  let a = { shape, data: Float64Array.from(pixels) };
  for (const layer of layers) a = OPERATIONS[layer.type](layer, a);
  return a.data;
}
