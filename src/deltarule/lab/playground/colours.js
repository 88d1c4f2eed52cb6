/* The colours of the page: of classes, of numbers below and above a middle, and of the theme. */

export const CLASS_COLOURS = [[213, 94, 0], [0, 114, 178], [0, 158, 115], [204, 121, 167], [214, 178, 0]];
export const CLASS_NAMES = ["orange", "blue", "green", "pink", "yellow"];
const [BELOW, ABOVE] = CLASS_COLOURS;
const SHADES = 256, STRENGTH = 0.78, FULL = 0.6;

/* Read the colours of the theme from the variables of the style sheet. */
export function readTheme() {
  const style = getComputedStyle(document.documentElement), read = (name) => style.getPropertyValue(name).trim();
  const neutral = read("--neutral").split(",").map(Number);
  const classShades = CLASS_COLOURS.map((colour) => makeShades(neutral, neutral, colour));
  return { neutral, ink: read("--ink"), shades: makeShades(neutral, BELOW, ABOVE), classShades };
}

const mix = (from, to, share) => from.map((v, i) => v + (to[i] - v) * share);
const pack = ([r, g, b]) => (255 << 24 | Math.round(b) << 16 | Math.round(g) << 8 | Math.round(r)) >>> 0;
export const writeColour = ([r, g, b], alpha = 1) => `rgb(${r} ${g} ${b} / ${alpha})`;

/* Shades from the colour of small numbers over the neutral colour to that of large ones, as pixels. */
function makeShades(neutral, below, above) {
  return Uint32Array.from({ length: SHADES }, (_, i) => {
    const share = 2 * i / (SHADES - 1) - 1;
    return pack(mix(neutral, share < 0 ? below : above, STRENGTH * Math.abs(share)));
  });
}

/* Paint numbers on a square canvas: column `j` of rows of n numbers, from `low` to `high`; NaN is neutral. */
export function paintNumbers(canvas, values, { n = 1, j = 0, low = -1, high = 1 }, { shades }) {
  const { context, image, pixels } = getPixels(canvas, values.length / n), factor = (SHADES - 1) / (high - low || 1);
  for (let i = 0; i < pixels.length; i++) {
    const shade = Math.round((values[i * n + j] - low) * factor);
    pixels[i] = shades[shade > 0 ? Math.min(shade, SHADES - 1) : shade <= 0 ? 0 : SHADES / 2];
  }
  context.putImageData(image, 0, 0);
}

/* Paint the share of each class: colours mixed by the shares, and paler where no class is far ahead. */
export function paintShares(canvas, outputs, n, { neutral }) {
  const { context, image, pixels } = getPixels(canvas, outputs.length / n), colour = [0, 0, 0];
  for (let i = 0; i < pixels.length; i++) {
    let sum = 0, best = 0;
    for (let k = 0; k < n; k++) {
      const share = Math.min(Math.max(outputs[i * n + k], 0), 1);
      sum += share;
      best = Math.max(best, share);
    }
    const strength = sum > 0 ? STRENGTH * Math.min(1, best) : 0;
    for (let c = 0; c < 3; c++) {
      let blend = 0;
      for (let k = 0; k < n; k++) blend += Math.min(Math.max(outputs[i * n + k], 0), 1) * CLASS_COLOURS[k][c];
      colour[c] = neutral[c] + (sum > 0 ? (blend / sum - neutral[c]) * strength : 0);
    }
    pixels[i] = pack(colour);
  }
  context.putImageData(image, 0, 0);
}

/* Get the pixels of a canvas, which gets as many as there are places. */
function getPixels(canvas, places) {
  const side = Math.sqrt(places), context = canvas.getContext("2d");
  if (canvas.width !== side) canvas.width = canvas.height = side;
  const image = context.createImageData(side, side);
  return { context, image, pixels: new Uint32Array(image.data.buffer) };
}

/* The range of colours for the numbers of one neuron: its bounds, or the same distance below and above 0, in which the
   largest numbers share a colour, so that small ones can be seen. */
export function chooseRange(values, n, j, [low, high]) {
  if (Number.isFinite(low) && Number.isFinite(high)) return { n, j, low, high };
  let most = 1e-9;
  for (let i = j; i < values.length; i += n) most = Math.max(most, Math.abs(values[i]) || 0);
  return { n, j, low: -FULL * most, high: FULL * most };
}
