/* Own points {points, classes, classNames, columns}: changes that a pen makes; names and columns come from a table. */

import { ERASER } from "./map_view.js";

/* Copy the points of a data set, so that they can be changed. */
export function copyPoints({ x, labels, classes }) {
  return { points: labels.map((label, i) => ({ x: x[2 * i], y: x[2 * i + 1], label })), classes };
}

/* Add a point with a pen {label}, or erase those near the place with {erases}. A new class takes away the names. */
export function markPoints(own, pen, { x, y }) {
  const isFar = (point) => Math.hypot(point.x - x, point.y - y) >= ERASER;
  if (pen.erases) return { ...own, points: own.points.filter(isFar) };
  const points = [...own.points, { x, y, label: pen.label }];
  const isNew = own.classes > 0 && pen.label >= own.classes;
  return isNew ? { points, classes: pen.label + 1 } : { ...own, points };
}
