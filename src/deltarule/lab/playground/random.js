/* Random numbers as a pure function of a key, with the same bits as deltarule/core/random.py.

   A key is a list of whole numbers: two words of 32 bits from the seed, then the numbers folded in. */

const GOLDEN = 0x9e3779b9; // 2³² over the golden ratio, odd: spreads counters out

export const makeKey = (seed) => [seed >>> 0, 0];
export const fold = (key, number) => [...key, number];

/* Map 32-bit words one to one, so that each bit of the input changes about half of the output's bits. */
function mix(x) {
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return x ^ (x >>> 16);
}

/* Draw `count` uniform whole numbers below 2³²: the hash of 0, 1, 2, … under the key. */
export function drawBits(key, count) {
  let [low, high] = [mix(key[0] + GOLDEN), mix(key[1] + 2 * GOLDEN)];
  for (const number of key.slice(2)) {
    const n = number + 1;
    [low, high] = [mix(low + Math.imul(n, GOLDEN)), mix(high + Math.imul(n, 2 * GOLDEN))];
    [low, high] = [mix(low + 2 * high), mix(high + 2 * low)];
  }
  return Uint32Array.from({ length: count }, (_, i) => mix(mix(Math.imul(i, GOLDEN) + low) ^ high));
}

/* Draw numbers strictly between 0 and 1. */
export const drawUniform = (key, count) => Float64Array.from(drawBits(key, count), (bits) => (bits + 0.5) / 2 ** 32);

/* Draw standard normal numbers, N(0, 1), by the transform of Box and Muller. */
export function drawNormal(key, count) {
  const u = drawUniform(fold(key, 0), count), v = drawUniform(fold(key, 1), count);
  return u.map((one, i) => Math.sqrt(-2 * Math.log(one)) * Math.cos(2 * Math.PI * v[i]));
}

/* Draw 1 with probability `p`, otherwise 0. */
export function drawBernoulli(key, p, count) {
  const most = Math.max(0, roundHalfEven(p * 2 ** 32) - 1);
  return Float64Array.from(drawBits(key, count), (bits) => (bits <= most ? 1 : 0));
}

/* Round as Python does: from the middle to the even neighbour. */
function roundHalfEven(value) {
  const low = Math.floor(value);
  return value - low === 0.5 ? low + (low % 2) : Math.round(value);
}

/* Draw a random order of 0 … count − 1. */
export function drawOrder(key, count) {
  const bits = drawBits(key, count);
  return Array.from(bits, (_, i) => i).sort((i, j) => bits[i] - bits[j] || i - j);
}
