/* The places of the plane at which the maps are computed. */

import { EXTENT, FEATURES, computeFeatures } from "./data_sets.js";

/* Choose the number of places on a side: fewer for large networks, so that pictures stay fast. */
function chooseSide(sizes) {
  const weights = sizes.slice(1).reduce((sum, n, l) => sum + n * sizes[l], 0);
  return weights < 150 ? 64 : weights < 500 ? 48 : 36;
}

/* Compute the inputs of the network at the places, row by row from the top left, and all features there. */
export function makeGrid(sizes, features) {
  const side = chooseSide(sizes), x = new Float64Array(2 * side * side), step = 2 * EXTENT / side;
  for (let i = 0; i < side * side; i++) {
    x[2 * i] = -EXTENT + step * (i % side + 0.5);
    x[2 * i + 1] = EXTENT - step * (Math.floor(i / side) + 0.5);
  }
  return { inputs: computeFeatures(x, features), all: computeFeatures(x, Object.keys(FEATURES)) };
}
