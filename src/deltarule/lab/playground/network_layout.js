/* The places of neurons and links in the picture of the network, and the link nearest to a place. */

const MARGIN = 4, HEAD = 58, GAP = 5, LARGEST = 44, SMALLEST = 15, SAMPLES = 14;

/* Place columns of neurons in a width: {columns: [{x, size, tops}], height}. `counts` has the features first. */
export function placeNeurons(counts, width) {
  const largest = Math.min(LARGEST, Math.floor((width - 2 * MARGIN) / counts.length) - 14);
  const most = Math.max(...counts), height = HEAD + Math.min(most * (LARGEST + GAP), Math.max(330, most * 27));
  const columns = counts.map((count, c) => {
    const size = Math.max(SMALLEST, Math.min(largest, Math.floor((height - HEAD) / count) - GAP));
    const gap = Math.min(14, (height - HEAD - count * size) / Math.max(1, count));
    const first = HEAD + (height - HEAD - count * size - (count - 1) * gap) / 2;
    const room = width - 2 * MARGIN - largest;
    const x = MARGIN + (room * c) / Math.max(1, counts.length - 1) + (largest - size) / 2;
    return { x, size, tops: Array.from({ length: count }, (_, i) => first + i * (size + gap)) };
  });
  return { columns, height };
}

/* Return the ends of the link from neuron k of a column to neuron j of the next. */
export function placeLink({ columns }, c, k, j) {
  const from = columns[c], to = columns[c + 1];
  return { x1: from.x + from.size, y1: from.tops[k] + from.size / 2, x2: to.x, y2: to.tops[j] + to.size / 2 };
}

/* Trace a link as a curve that leaves and arrives horizontally. */
export function traceLink(pen, { x1, y1, x2, y2 }) {
  const middle = (x1 + x2) / 2;
  pen.moveTo(x1, y1);
  pen.bezierCurveTo(middle, y1, middle, y2, x2, y2);
}

/* Find the nearest of some links {…ends} within a reach; null if there is none. */
export function findLink(links, x, y, reach) {
  let nearest = null, least = reach;
  for (const link of links) {
    const { x1, y1, x2, y2 } = link;
    if (x < x1 - reach || x > x2 + reach || y < Math.min(y1, y2) - reach || y > Math.max(y1, y2) + reach) continue;
    for (let i = 0; i <= SAMPLES; i++) {
      const t = i / SAMPLES, u = 1 - t, ends = u * u * u + 3 * u * u * t, bend = 3 * u * t * t + t * t * t;
      const px = u ** 3 * x1 + 3 * u * t * ((x1 + x2) / 2) + t ** 3 * x2, py = ends * y1 + bend * y2;
      const distance = Math.hypot(px - x, py - y);
      if (distance < least) [nearest, least] = [link, distance];
    }
  }
  return nearest;
}
