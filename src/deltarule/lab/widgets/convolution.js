/* Convolution: a window of 3 × 3 pixels over a drawing, its feature map, pooling, and the kernels of a trained network. */

const SIDE = 28, SIZE = 3, OUT = SIDE - SIZE + 1, PAD = 112, OWN = "your own";

const KERNELS = {
  "edge from the left": [-1, 0, 1, -2, 0, 2, -1, 0, 1],
  "edge from above": [-1, -2, -1, 0, 0, 0, 1, 2, 1],
  "spot": [-1, -1, -1, -1, 8, -1, -1, -1, -1],
  "diagonal": [2, -1, -1, -1, 2, -1, -1, -1, 2],
  "blur": [1, 1, 1, 1, 1, 1, 1, 1, 1],
  [OWN]: [0, 0, 0, 0, 1, 0, 0, 0, 0],
};

const controls = [
  { name: "kernel", label: "kernel", options: Object.keys(KERNELS), value: "edge from the left" },
  { name: "bias", label: "bias b", from: -3, to: 3, step: 0.1, value: 0 },
  { name: "pooling", label: "pooling", options: { "largest of 2 × 2": "max", "L2 of 2 × 2": "L2", none: "none" }, value: "max" },
  { name: "shift", label: "move the drawing by", from: -3, to: 3, step: 1, value: 0, unit: " pixels" },
  { name: "weights", inPicture: true, value: KERNELS[OWN] },
  { name: "row", inPicture: true, value: 8 },
  { name: "column", inPicture: true, value: 16 },
  { name: "drawing", inPicture: true, value: null },
];

/* Compute z_jk = b + Σ w_lm x_(j+l, k+m) of one kernel at every place of a square image. */
function convolve(image, side, weights, size, bias) {
  const out = side - size + 1, z = new Array(out * out);
  for (let j = 0; j < out; j++) for (let k = 0; k < out; k++) {
    let sum = bias;
    for (let l = 0; l < size; l++) for (let m = 0; m < size; m++) sum += weights[l * size + m] * image[(j + l) * side + k + m];
    z[j * out + k] = sum;
  }
  return z;
}

const relu = (z) => z.map((v) => Math.max(0, v));

/* Pool squares of 2 × 2 pixels: the largest, or the root of the sum of squares. */
function pool(map, side, kind) {
  if (kind === "none") return map;
  const half = side / 2;
  return makeRange(0, half * half - 1).map((i) => {
    const first = 2 * Math.floor(i / half) * side + 2 * (i % half), four = [0, 1, side, side + 1].map((step) => map[first + step]);
    return kind === "max" ? Math.max(...four) : Math.hypot(...four);
  });
}

/* Move an image to the right by whole pixels. */
const shiftImage = (image, by) => image.map((_, i) => { const from = i % SIDE - by; return from < 0 || from >= SIDE ? 0 : image[i - by]; });

/* The share of two maps that they do not have in common. */
function compare(before, after) {
  const sum = (values) => values.reduce((a, b) => a + b, 0);
  return sum(after.map((v, i) => Math.abs(v - before[i]))) / Math.max(1e-12, sum(after) + sum(before));
}

function compute({ kernel, weights: own, bias, pooling, shift, drawing, row, column }, data) {
  const drawn = drawing ?? paintSeven(), image = shiftImage(drawn, shift), weights = kernel === OWN ? own : KERNELS[kernel];
  const apply = (x) => {
    const z = convolve(x, SIDE, weights, SIZE, bias), map = relu(z);
    return { z, map, pooled: pool(map, OUT, pooling) };
  };
  const before = apply(drawn), after = apply(image), window = [];
  for (let l = 0; l < SIZE; l++) for (let m = 0; m < SIZE; m++) window.push(image[(row + l) * SIDE + column + m]);
  return {
    ...after, image, weights, row, column, window, products: window.map((x, i) => x * weights[i]),
    above: after.map.filter((v) => v > 0).length / after.map.length,
    changes: [compare(before.map, after.map), compare(before.pooled, after.pooled)],
    learned: readKernels(data).map(({ w, b }) => relu(convolve(image, SIDE, w, data.size, b))),
  };
}

/* A seven to begin with. */
function paintSeven() {
  return makeRange(0, SIDE * SIDE - 1).map((i) => {
    const row = Math.floor(i / SIDE), column = i % SIDE, edge = 18 - Math.floor((row - 8) / 2);
    return Number(row >= 6 && row < 9 && column >= 7 && column < 21 || row >= 8 && row < 23 && column >= edge && column < edge + 3);
  });
}

/* The kernels and biases of the trained network's first layer. */
function readKernels({ kernels, biases, size }) {
  const read = (view) => Array.from(new Float32Array(view.buffer, view.byteOffset, view.byteLength / 4));
  const w = read(kernels), area = size * size;
  return read(biases).map((b, i) => ({ b, w: w.slice(i * area, (i + 1) * area) }));
}

function makePictures(el, set, data) {
  const board = append(el, "div", { class: "convolution-pad" });
  makePad(board, PAD, PAD, (grey) => {
    const image = fitToField(grey, PAD, [SIDE, SIDE], 1, data.style);
    set({ drawing: image ? Array.from(image) : null });
  });
  const move = (row, column) => set({ row: clamp(row, 0, SIDE - SIZE), column: clamp(column, 0, SIDE - SIZE) });
  const numbers = append(el, "div", { class: "convolution-numbers" });
  const showWeights = makeNumberGrid(numbers, { name: "weights of the kernel", caption: "the kernel: weights w, to edit", rows: SIZE, columns: SIZE, change: (weights) => set({ kernel: OWN, weights }) });
  const showWindow = makeNumberGrid(numbers, { name: "pixels in the window", caption: "the pixels x in the window", rows: SIZE, columns: SIZE });
  const row = append(el, "div", { class: "pixels-row" });
  const image = makePixels(row, { label: "the image", width: 168, frame: { name: "the window over the image", move } });
  const z = makePixels(row, { label: "weighted inputs", width: 156, frame: { move } });
  const map = makePixels(row, { label: "feature map", width: 156, frame: { move } });
  const pooled = makePixels(row, { label: "pooled feature map", width: 156, frame: {} });
  const write = makeStatus(el);
  append(el, "h2", { class: "wide" }).textContent = "What a trained network looks for";
  append(el, "p", { class: "wide" }).textContent = data.explanation;
  const maps = append(el, "div", { class: "pixels-row" });
  const learned = readKernels(data).map(({ w }, i) => {
    const pair = append(maps, "div"), show = makePixels(pair, { label: `kernel ${i + 1} of the trained network`, width: 74 });
    show({ values: w, columns: data.size, signed: true });
    return makePixels(pair, { label: `feature map of kernel ${i + 1}`, width: 74 });
  });

  return (state, { pooling, bias, shift }) => {
    const place = { row: state.row, column: state.column, rows: 1, columns: 1 }, halves = pooling === "none" ? 1 : 2;
    const at = state.z[state.row * OUT + state.column], sum = at - bias;
    showWeights(state.weights);
    showWindow(state.window);
    image({ values: state.image, columns: SIDE, top: 1, at: { ...place, rows: SIZE, columns: SIZE }, caption: "the image x, 28 × 28: drag the window" });
    z({ values: state.z, columns: OUT, signed: true, at: place, caption: "weighted inputs z, 26 × 26: blue above 0, orange below" });
    map({ values: state.map, columns: OUT, at: place, caption: "feature map a = ReLU(z)" });
    const side = OUT / halves;
    pooled({ values: state.pooled, columns: side, at: { ...place, row: Math.floor(state.row / halves), column: Math.floor(state.column / halves) }, caption: `after pooling, ${side} × ${side}` });
    const biased = bias === 0 ? "" : ` ${bias < 0 ? "−" : "+"} ${formatNumber(Math.abs(bias))} = ${formatNumber(at)}`;
    write(`In the window Σ w x = ${formatNumber(sum)}, so z = ${formatNumber(sum)}${biased} and a = ${formatNumber(Math.max(0, at))}.` +
      (shift ? ` The drawing moved by ${formatNumber(shift)}: ${Math.round(100 * state.changes[0])} % of the feature map changed, and ${Math.round(100 * state.changes[1])} % of the pooled map.` : ""));
    const top = Math.max(...state.learned.map((one) => Math.max(...one))) || 1;
    learned.forEach((show, i) => show({ values: state.learned[i], columns: SIDE - data.size + 1, top }));
  };
}

const questions = [
  { ask: "Type weights with which the feature map is the image itself, moved by one pixel.",
    holds: ({ weights }, { bias }) => !bias && weights[4] === 0 && weights.filter((w) => w === 1).length === 1 && weights.filter((w) => w === 0).length === 8 },
  { ask: "With the kernel “edge from the left”, find a bias with which some of the feature map is above 0, but less than 5 % of it.",
    holds: ({ above }, { kernel }) => kernel === "edge from the left" && above > 0 && above < 0.05 },
  { ask: "Move the drawing, and choose a kernel, so that more than 45 % of the feature map changes, but less than 25 % of the pooled map.",
    holds: ({ changes }) => changes[0] > 0.45 && changes[1] < 0.25 },
];

export default makeLesson({ controls, compute, makePictures, questions });
