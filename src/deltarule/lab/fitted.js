/* A drawing as the network sees it: deltarule's own functions for it, of data/ink.py and data/photo.py.
   An image is {height, width, data}, row by row. */

const HALF = 128;

/* To the nearest whole number, and from the middle between two to the even one, as Python does. */
function rounded(x) {
  const near = Math.round(x);
  return near - x === 0.5 && near % 2 ? near - 1 : near;
}

function made(height, width, value) {
  const data = new Float64Array(height * width);
  for (let r = 0, i = 0; r < height; r++) for (let c = 0; c < width; c++, i++) data[i] = value(r, c);
  return { height, width, data };
}

const at = ({ height, width, data }, r, c) => (r >= 0 && c >= 0 && r < height && c < width ? data[r * width + c] : 0);

/* Where there is any ink of a drawing `side` pixels wide, from 0 to 1. */
function cutOut(grey, side) {
  let top = side, left = side, bottom = -1, right = -1;
  for (let i = 0; i < grey.length; i++) if (grey[i]) {
    const r = Math.floor(i / side), c = i % side;
    top = Math.min(top, r); bottom = Math.max(bottom, r); left = Math.min(left, c); right = Math.max(right, c);
  }
  return made(bottom - top + 1, right - left + 1, (r, c) => grey[(top + r) * side + left + c] / 255);
}

/* Ink whose strokes are at least about `thinnest` pixels wide. */
function thickened(ink, thinnest) {
  const stroke = (r, c) => at(ink, r, c) > 0.5;
  let area = 0, steps = 0;
  for (let r = -1; r < ink.height; r++) for (let c = -1; c < ink.width; c++) {
    area += stroke(r, c);
    steps += (stroke(r, c) !== stroke(r + 1, c)) + (stroke(r, c) !== stroke(r, c + 1));
  }
  const width = 2 * area / (Math.max(steps, 1) * Math.PI / 4);
  const rounds = Math.max(0, rounded((thinnest - width) / 2));
  let bold = made(ink.height + 2 * rounds, ink.width + 2 * rounds, (r, c) => at(ink, r - rounds, c - rounds));
  for (let i = 0; i < rounds; i++) {
    const thin = bold;
    bold = made(thin.height, thin.width, (r, c) => {
      let most = 0;
      for (let y = -1; y <= 1; y++) for (let x = -1; x <= 1; x++)
        if (i % 2 === 0 || !x || !y) most = Math.max(most, at(thin, r + y, c + x));
      return most;
    });
  }
  return bold;
}

/* At another size, bilinear and antialiased. */
function resized(image, height, width) {
  const near = (n, of) => Array.from({ length: n }, (_, i) => {
    const support = Math.max(of / n, 1), centre = (i + 0.5) * of / n - 0.5, found = [];
    for (let k = Math.max(0, Math.ceil(centre - support)); k <= Math.min(of - 1, centre + support); k++)
      found.push([k, 1 - Math.abs(k - centre) / support]);
    const sum = found.reduce((a, [, weight]) => a + weight, 0);
    return found.map(([k, weight]) => [k, weight / sum]);
  });
  const rows = near(height, image.height), columns = near(width, image.width);
  return made(height, width, (r, c) => {
    let sum = 0;
    for (const [y, weight] of rows[r]) for (const [x, other] of columns[c]) sum += weight * other * at(image, y, x);
    return sum;
  });
}

/* The drawing cut out, in its box and with its centre of mass in the middle: `height` × `width`, from 0 to
   `top` in 255 steps; null where nothing is drawn. */
export function fitted(grey, side, [height, width], top, { fill, offset, widest, thinnest }) {
  if (!grey.some((v) => v >= HALF)) return null;
  const drawn = cutOut(grey, side), ink = thickened(drawn, thinnest * Math.max(drawn.height, drawn.width));
  const wide = Math.min(ink.width, (widest ?? Infinity) * ink.height);
  const scale = Math.min(rounded(height * fill) / ink.height, rounded(width * fill) / wide);
  const digit = resized(ink, Math.max(1, rounded(ink.height * scale)), Math.max(1, rounded(wide * scale)));
  let most = 0, mass = 0, row = 0, column = 0;
  digit.data.forEach((v, i) => {
    most = Math.max(most, v); mass += v;
    row += v * Math.floor(i / digit.width); column += v * (i % digit.width);
  });
  const place = (size, n, centre) => Math.min(Math.max(rounded((size - 1) / 2 + offset - centre), 0), size - n);
  const y = place(height, digit.height, row / mass), x = place(width, digit.width, column / mass);
  return made(height, width, (r, c) => rounded(at(digit, r - y, c - x) / most * 255) * top / 255).data;
}
