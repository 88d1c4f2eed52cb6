/* Scale and centre a drawing like the training images, with the same functions as data/ink.py and data/photo.py.
   An image is {height, width, data}, row by row. */

const HALF = 128;

/* Round to the nearest whole number, halves to the even one, as Python does. */
function roundHalfEven(x) {
  const near = Math.round(x);
  return near - x === 0.5 && near % 2 ? near - 1 : near;
}

function makeImage(height, width, value) {
  const data = new Float64Array(height * width);
  for (let r = 0, i = 0; r < height; r++) for (let c = 0; c < width; c++, i++) data[i] = value(r, c);
  return { height, width, data };
}

const at = ({ height, width, data }, r, c) => (r >= 0 && c >= 0 && r < height && c < width ? data[r * width + c] : 0);

/* Crop a drawing of `side` × `side` pixels to its ink, and scale it to 0 to 1. */
function cropToInk(grey, side) {
  let top = side, left = side, bottom = -1, right = -1;
  for (let i = 0; i < grey.length; i++) if (grey[i]) {
    const r = Math.floor(i / side), c = i % side;
    top = Math.min(top, r); bottom = Math.max(bottom, r); left = Math.min(left, c); right = Math.max(right, c);
  }
  return makeImage(bottom - top + 1, right - left + 1, (r, c) => grey[(top + r) * side + left + c] / 255);
}

/* Thicken strokes to about `thinnest` pixels or more. */
function thicken(ink, thinnest) {
  const stroke = (r, c) => at(ink, r, c) > 0.5;
  let area = 0, steps = 0;
  for (let r = -1; r < ink.height; r++) for (let c = -1; c < ink.width; c++) {
    area += stroke(r, c);
    steps += (stroke(r, c) !== stroke(r + 1, c)) + (stroke(r, c) !== stroke(r, c + 1));
  }
  const width = 2 * area / (Math.max(steps, 1) * Math.PI / 4);
  const rounds = Math.max(0, roundHalfEven((thinnest - width) / 2));
  let bold = makeImage(ink.height + 2 * rounds, ink.width + 2 * rounds, (r, c) => at(ink, r - rounds, c - rounds));
  for (let i = 0; i < rounds; i++) {
    const thin = bold;
    bold = makeImage(thin.height, thin.width, (r, c) => {
      let most = 0;
      for (let y = -1; y <= 1; y++) for (let x = -1; x <= 1; x++)
        if (i % 2 === 0 || !x || !y) most = Math.max(most, at(thin, r + y, c + x));
      return most;
    });
  }
  return bold;
}

/* Resize an image, bilinear and antialiased. */
function resize(image, height, width) {
  const getWeights = (n, of) => Array.from({ length: n }, (_, i) => {
    const support = Math.max(of / n, 1), centre = (i + 0.5) * of / n - 0.5, weights = [];
    for (let k = Math.max(0, Math.ceil(centre - support)); k <= Math.min(of - 1, centre + support); k++)
      weights.push([k, 1 - Math.abs(k - centre) / support]);
    const sum = weights.reduce((a, [, weight]) => a + weight, 0);
    return weights.map(([k, weight]) => [k, weight / sum]);
  });
  const rows = getWeights(height, image.height), columns = getWeights(width, image.width);
  return makeImage(height, width, (r, c) => {
    let sum = 0;
    for (const [y, weight] of rows[r]) for (const [x, other] of columns[c]) sum += weight * other * at(image, y, x);
    return sum;
  });
}

/* Fit the cropped drawing into its box in a field of `height` × `width` pixels, with its centre of mass in the middle.
   The values are from 0 to `top` in 255 steps; the result is null for an empty drawing. */
export function fitToField(grey, side, [height, width], top, { fill, offset, widest, thinnest }) {
  if (!grey.some((v) => v >= HALF)) return null;
  const cropped = cropToInk(grey, side), ink = thicken(cropped, thinnest * Math.max(cropped.height, cropped.width));
  const wide = Math.min(ink.width, (widest ?? Infinity) * ink.height);
  const scale = Math.min(roundHalfEven(height * fill) / ink.height, roundHalfEven(width * fill) / wide);
  const digit = resize(ink, Math.max(1, roundHalfEven(ink.height * scale)), Math.max(1, roundHalfEven(wide * scale)));
  let most = 0, mass = 0, row = 0, column = 0;
  digit.data.forEach((v, i) => {
    most = Math.max(most, v); mass += v;
    row += v * Math.floor(i / digit.width); column += v * (i % digit.width);
  });
  const place = (size, n, centre) => Math.min(Math.max(roundHalfEven((size - 1) / 2 + offset - centre), 0), size - n);
  const y = place(height, digit.height, row / mass), x = place(width, digit.width, column / mass);
  return makeImage(height, width, (r, c) => roundHalfEven(at(digit, r - y, c - x) / most * 255) * top / 255).data;
}
