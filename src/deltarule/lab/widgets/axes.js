/* The axes of a chart: where a value lies on the picture, and which values get a tick. */

/* Place the values of an axis {from, to, log} between two pixels; `place.invert` goes back. */
export function makeScale({ from, to, log = false }, start, end) {
  const bend = log ? Math.log10 : (v) => v, low = bend(from), span = bend(to) - low || 1;
  const place = (v) => start + (bend(log ? Math.max(v, from / 1e3) : v) - low) / span * (end - start);
  place.invert = (pixel) => {
    const v = low + (pixel - start) / (end - start) * span;
    return log ? 10 ** v : v;
  };
  return place;
}

/* List at most about `count` round values of an axis: multiples of 1, 2 or 5 times a power of ten, or powers of ten. */
export function listTicks({ from, to, log = false }, count) {
  if (log) {
    const low = Math.ceil(Math.log10(from) - 1e-9), high = Math.floor(Math.log10(to) + 1e-9);
    const every = Math.max(1, Math.ceil((high - low + 1) / count));
    return makeRange(Math.ceil(low / every) * every, high, every).map((power) => 10 ** power);
  }
  const rough = Math.abs(to - from) / Math.max(1, count), power = 10 ** Math.floor(Math.log10(rough || 1));
  const step = power * [1, 2, 5, 10].find((factor) => factor * power >= rough * 0.999);
  const first = Math.ceil(Math.min(from, to) / step - 1e-9), last = Math.floor(Math.max(from, to) / step + 1e-9);
  return makeRange(first, last, 1).map((i) => Number((i * step).toPrecision(12)));
}

/* Write a value with three significant digits, with a real minus and without needless zeros. */
export function formatNumber(v) {
  if (!Number.isFinite(v)) return Number.isNaN(v) ? "not a number" : v > 0 ? "∞" : "−∞";
  const size = Math.abs(v);
  const text = v === 0 ? "0" : size >= 1e5 || size < 1e-3 ? v.toExponential(1) : String(Number(v.toPrecision(3)));
  return text.replace(/(\.0)?e\+?/, "e").replaceAll("-", "−").replace(/e(−?)(\d+)/, (_, sign, digits) =>
    "·10" + (sign + digits).replace(/./g, (c) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[c] ?? "⁻")).replace(/^(−?)1·/, "$1");
}

/* List the numbers from `first` to `last` in steps. */
export function makeRange(first, last, step = 1) {
  return Array.from({ length: Math.max(0, Math.floor((last - first) / step + 1e-9) + 1) }, (_, i) => first + i * step);
}
