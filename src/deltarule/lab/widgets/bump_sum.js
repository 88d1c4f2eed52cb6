/* Bumps side by side over the interval from 0 to 1, each made of two steps; and the book's goal. */

export const POINTS = makeRange(0, 600).map((i) => i / 600);
const STEEP = 1000, BEYOND = 0.1;

/* f(x) = 0.2 + 0.4 x² + 0.3 x sin 15x + 0.05 cos 50x */
export function computeGoal(x) {
  return 0.2 + 0.4 * x ** 2 + 0.3 * x * Math.sin(15 * x) + 0.05 * Math.cos(50 * x);
}

/* The middles of n bumps of the same width. */
export function listMiddles(n) {
  return makeRange(0, n - 1).map((i) => (i + 0.5) / n);
}

/* Σ heights[k] · (σ(w (x − start)) − σ(w (x − end))): two hidden neurons for each bump, and a linear output neuron.
   With `outside` the first and the last step stand outside of the interval. Returns the outputs, and the mean and
   largest distance from the goal. */
export function addBumps(heights, outside) {
  const n = heights.length, edges = makeRange(0, n).map((k) => k / n), sigma = (z) => 1 / (1 + Math.exp(-z));
  if (outside) [edges[0], edges[n]] = [-BEYOND, 1 + BEYOND];
  const outputs = POINTS.map((x) => {
    const steps = edges.map((edge) => sigma(STEEP * (x - edge)));
    return heights.reduce((sum, height, k) => sum + height * (steps[k] - steps[k + 1]), 0);
  });
  const distances = POINTS.map((x, i) => Math.abs(outputs[i] - computeGoal(x)));
  return { outputs, distance: distances.reduce((sum, v) => sum + v, 0) / distances.length, farthest: Math.max(...distances) };
}

/* The marks of the goal and of the network's output. */
export function listCurves(outputs, colour, name) {
  return [{ line: POINTS.map((x) => [x, computeGoal(x)]), colour: "currentColor", width: 3, dash: "1 4", name: "goal" },
    { line: POINTS.map((x, i) => [x, outputs[i]]), colour, width: 2.5, name }];
}
