/* Data augmentation: random turns, shifts, scales and elastic distortions of an image, as in deltarule.augmentation. */

const SIDE = 28, COUNT = 24, MIDDLE = (SIDE - 1) / 2;

const controls = [
  { name: "digit", label: "digit", options: makeRange(0, 9).map(String), value: "5" },
  { name: "writer", label: "one of four images", from: 1, to: 4, step: 1, value: 1 },
  { name: "rotation", label: "turned by at most", from: 0, to: 90, step: 1, value: 10, unit: "°" },
  { name: "shift", label: "shifted by at most", from: 0, to: 8, step: 0.5, value: 2, unit: " pixels" },
  { name: "scale", label: "scaled by at most", from: 0, to: 50, step: 5, value: 0, unit: " %" },
  { name: "alpha", label: "elastic: strength α", from: 0, to: 60, step: 2, value: 0 },
  { name: "sigma", label: "elastic: smoothness σ", from: 2, to: 8, step: 0.5, value: 4, unit: " pixels" },
  { name: "seed", inPicture: true, value: 5 },
  { name: "again", label: "draw other random numbers", press: ({ seed }) => ({ seed: seed + 1 }) },
];

/* Draw numbers between −1 and 1. */
const drawWithinOne = (key, count) => Float64Array.from(drawBits(key, count), (bits) => (bits >>> 8) * 2 ** -23 - 1);

/* The matrix g_ij ∝ exp(−(i − j)²/2σ²), scaled so that an infinite row would sum to 1. */
function makeSmoothing(sigma) {
  const bell = (d) => Math.exp(-((d / sigma) ** 2) / 2), reach = Math.ceil(10 * sigma);
  const total = makeRange(-reach, reach).reduce((sum, i) => sum + bell(i), 0);
  return makeRange(0, SIDE - 1).map((i) => Float64Array.from({ length: SIDE }, (_, j) => bell(i - j) / total));
}

/* Smooth a field along its rows, or along its columns. */
function smooth(field, g, alongRows) {
  const result = new Float64Array(field.length), [inner, outer] = alongRows ? [1, SIDE] : [SIDE, 1];
  for (let line = 0; line < SIDE; line++) for (let j = 0; j < SIDE; j++) {
    let sum = 0;
    for (let i = 0; i < SIDE; i++) sum += field[line * outer + i * inner] * g[i][j];
    result[line * outer + j * inner] = sum;
  }
  return result;
}

/* The displacements (down, right) of every pixel by a turn, a shift and a scale. */
function displace(angle, down, right, scale) {
  const cos = Math.cos(angle) / (1 + scale), sin = Math.sin(angle) / (1 + scale);
  const fields = [new Float64Array(SIDE * SIDE), new Float64Array(SIDE * SIDE)];
  for (let i = 0, at = 0; i < SIDE; i++) for (let j = 0; j < SIDE; j++, at++) {
    const below = i - MIDDLE - down, beside = j - MIDDLE - right;
    fields[0][at] = cos * below + sin * beside - (i - MIDDLE);
    fields[1][at] = cos * beside - sin * below - (j - MIDDLE);
  }
  return fields;
}

/* Compute new[i, j] = image[i + down, j + right], bilinear between pixels, with paper outside. */
function warp(image, down, right) {
  const at = (r, c) => (r >= 0 && c >= 0 && r < SIDE && c < SIDE ? image[r * SIDE + c] : 0);
  const split = (place) => { const p = Math.min(Math.max(place, -1), SIDE), first = Math.min(Math.floor(p), SIDE - 1); return [first, p - first]; };
  return Array.from(image, (_, i) => {
    const [r, low] = split(Math.floor(i / SIDE) + down[i]), [c, left] = split(i % SIDE + right[i]);
    return (1 - low) * ((1 - left) * at(r, c) + left * at(r, c + 1)) + low * ((1 - left) * at(r + 1, c) + left * at(r + 1, c + 1));
  });
}

/* Make the variations; the numbers are drawn as deltarule draws them for the augmentation Chain([Affine, Elastic]). */
function vary(image, { rotation, shift, scale, alpha, sigma, seed }) {
  const area = SIDE * SIDE, key = makeKey(seed), drawn = drawWithinOne(fold(key, 0), 5 * COUNT);
  const noise = alpha && drawWithinOne(fold(key, 1), 2 * COUNT * area), g = makeSmoothing(sigma);
  return makeRange(0, COUNT - 1).map((n) => {
    const [angle, right, down, larger] = [0, 2, 1, 3].map((i) => drawn[i * COUNT + n]);
    const fields = displace(angle * rotation * Math.PI / 180, down * shift, right * shift, larger * scale / 100);
    if (alpha) fields.forEach((field, i) => {
      const bend = smooth(smooth(noise.subarray((i * COUNT + n) * area, (i * COUNT + n + 1) * area), g, true), g, false);
      bend.forEach((v, j) => { field[j] += alpha * v; });
    });
    return warp(image, ...fields);
  });
}

function compute(values, { images, labels }) {
  const all = new Uint8Array(images.buffer, images.byteOffset, images.byteLength), area = SIDE * SIDE;
  const which = makeRange(0, labels.length - 1).filter((i) => labels[i] === Number(values.digit))[values.writer - 1];
  const original = Array.from(all.slice(which * area, (which + 1) * area)), varied = vary(original, values);
  const sum = (image) => image.reduce((a, b) => a + b, 0);
  const changes = varied.map((image) => sum(image.map((v, i) => Math.abs(v - original[i]))) / area);
  return { which, label: labels[which], original, varied, change: sum(changes) / COUNT / 255, ink: varied.map((image) => sum(image) / sum(original)) };
}

function makePictures(el, _, { source }) {
  const original = makePixels(el, { label: "the original image", width: 168 });
  const maps = append(el, "div", { class: "expansion-maps" });
  const variations = makeRange(1, COUNT).map((n) => makePixels(maps, { label: `variation ${n}`, width: 56 }));
  const write = makeStatus(el);
  return (state) => {
    original({ values: state.original, columns: SIDE, top: 255, caption: `a ${state.label}, as it was written (${source})` });
    variations.forEach((show, i) => show({ values: state.varied[i], columns: SIDE, top: 255 }));
    const least = Math.min(...state.ink);
    write(`A pixel changes by ${formatNumber(100 * state.change)} % of full ink on average.` +
      (least < 0.95 ? ` One of the images keeps only ${Math.round(100 * least)} % of its ink: the rest is outside.` : ""));
  };
}

const questions = [
  { ask: "Only by shifts, let one of the 24 images lose more than a tenth of its ink.",
    holds: ({ ink }, { rotation, scale, alpha }) => !rotation && !scale && !alpha && Math.min(...ink) < 0.9 },
  { ask: "Only by an elastic distortion with σ of 4 pixels or more, change a pixel by more than 6 % of full ink on average.",
    holds: ({ change }, { rotation, shift, scale, sigma }) => !rotation && !shift && !scale && sigma >= 4 && change > 0.06 },
  { ask: "Choose a 6, and turn it by up to 90°. Which of the variations would you still call a 6?",
    holds: (_, { digit, rotation }) => digit === "6" && rotation === 90 },
];

export default makeLesson({ controls, compute, makePictures, questions });
