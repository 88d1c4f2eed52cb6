/* A function of two inputs as an image in a chart: blue above 0 and orange below, paler near 0. */

export const SIDE = 60;
export const GRID = makeRange(0, SIDE - 1).map((i) => (i + 0.5) / SIDE);

/* Compute a function on the grid of both inputs, x₁ by x₂, row by row. */
export function computeSurface(f) {
  return GRID.flatMap((x) => GRID.map((y) => f(x, y)));
}

/* The mark of a chart for values on the grid; `top` has the full colour. */
export function paintSurface(values, top) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIDE;
  const context = canvas.getContext("2d"), image = context.createImageData(SIDE, SIDE);
  values.forEach((v, i) => {
    const column = Math.floor(i / SIDE), row = SIDE - 1 - i % SIDE, share = Math.min(1, Math.abs(v) / top);
    image.data.set([...(v < 0 ? [213, 94, 0] : [30, 130, 205]), 255 * share], 4 * (row * SIDE + column));
  });
  context.putImageData(image, 0, 0);
  return { image: canvas, x: [0, 1], y: [0, 1] };
}

export const SQUARE = { x: { from: 0, to: 1, label: "input x₁" }, y: { from: 0, to: 1, label: "input x₂" } };
