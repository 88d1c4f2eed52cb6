/* The map of the network's answer over the plane, with the points, a cursor, and a pen that adds points. */

import { EXTENT } from "./data_sets.js";
import { CLASS_COLOURS, paintNumbers, paintShares, writeColour } from "./colours.js";

export const ERASER = 0.3; // the radius in which the eraser removes points
const SIZE = 400, RADIUS = 4.2, SPRAY = 0.22, KEY_STEP = 0.1;

const round = (v) => Math.round(v * 1000) / 1000;
const clamp = (v) => Math.min(Math.max(v, -EXTENT), EXTENT);

export class MapView {
  /* `actions` has mark(place), look(place or null, whether a key moved there) and isDrawing(). */
  constructor(map, overlay, actions) {
    Object.assign(this, { map, overlay, actions, cursor: null, pointer: null });
    overlay.addEventListener("pointerdown", (event) => this.begin(event));
    overlay.addEventListener("pointermove", (event) => this.move(event));
    overlay.addEventListener("pointerleave", () => { if (this.pointer === null) this.lookAt(null); });
    for (const end of ["pointerup", "pointercancel"]) overlay.addEventListener(end, () => { this.pointer = null; });
    overlay.addEventListener("keydown", (event) => this.press(event));
    overlay.addEventListener("blur", () => this.lookAt(null));
  }

  /* Paint the outputs on the grid. */
  paint(outputs, { nOut, classes }, theme) {
    if (nOut > 1) paintShares(this.map, outputs, nOut, theme);
    else paintNumbers(this.map, outputs, { low: classes ? 0 : -1, high: 1 }, theme);
  }

  /* Draw the points and the cursor: training points filled, test points as outlines. */
  drawPoints({ train, test, classes }, theme, showTest) {
    this.points = { train, test, classes, theme, showTest };
    const scale = Math.max(1, window.devicePixelRatio || 1), size = Math.round(SIZE * scale);
    if (this.overlay.width !== size) this.overlay.width = this.overlay.height = size;
    const pen = this.overlay.getContext("2d");
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    pen.clearRect(0, 0, SIZE, SIZE);
    const draw = ({ x, labels }, isFilled) => labels.forEach((label, i) => {
      const colour = classes ? CLASS_COLOURS[label] : shadeOf(label, theme);
      const at = [x[2 * i], x[2 * i + 1]].map((v) => v / EXTENT);
      tracePoint(pen, SIZE * (1 + at[0]) / 2, SIZE * (1 - at[1]) / 2, classes ? label : 0);
      pen.fillStyle = writeColour(isFilled ? colour : theme.neutral, isFilled ? 1 : 0.75);
      pen.strokeStyle = isFilled ? "rgb(255 255 255 / 0.8)" : writeColour(colour);
      pen.lineWidth = isFilled ? 0.8 : 1.8;
      pen.fill();
      pen.stroke();
    });
    if (showTest) draw(test, false);
    draw(train, true);
    if (this.cursor) this.drawCursor(pen, theme);
  }

  drawCursor(pen, theme) {
    const [x, y] = [SIZE * (1 + this.cursor.x / EXTENT) / 2, SIZE * (1 - this.cursor.y / EXTENT) / 2];
    pen.strokeStyle = theme.ink;
    pen.lineWidth = 1.5;
    pen.beginPath();
    pen.arc(x, y, 8, 0, 2 * Math.PI);
    for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
      pen.moveTo(x + 4 * dx, y + 4 * dy);
      pen.lineTo(x + 12 * dx, y + 12 * dy);
    }
    pen.stroke();
  }

  getPlace(event) {
    const box = this.overlay.getBoundingClientRect();
    const across = (event.clientX - box.left) / box.width, down = (event.clientY - box.top) / box.height;
    return { x: round(clamp((2 * across - 1) * EXTENT)), y: round(clamp((1 - 2 * down) * EXTENT)) };
  }

  begin(event) {
    if (event.button || this.pointer !== null) return;
    const place = this.getPlace(event);
    this.lookAt(place);
    if (!this.actions.isDrawing()) return;
    this.overlay.setPointerCapture(event.pointerId);
    this.pointer = { id: event.pointerId, last: place };
    this.actions.mark(place);
    event.preventDefault();
    this.overlay.focus({ preventScroll: true });
  }

  /* Draw while the pointer is down, a point for each distance of SPRAY; otherwise look. */
  move(event) {
    const place = this.getPlace(event);
    if (this.pointer?.id !== event.pointerId) return this.lookAt(place);
    const { last } = this.pointer;
    if (Math.hypot(place.x - last.x, place.y - last.y) < SPRAY) return;
    this.pointer.last = place;
    this.actions.mark(place);
  }

  press(event) {
    const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const from = this.cursor ?? { x: 0, y: 0 };
    if (event.key in arrows) {
      const [dx, dy] = arrows[event.key], step = event.shiftKey ? 5 * KEY_STEP : KEY_STEP;
      this.lookAt({ x: round(clamp(from.x + dx * step)), y: round(clamp(from.y + dy * step)) }, true);
    } else if ((event.key === " " || event.key === "Enter") && this.actions.isDrawing()) {
      this.actions.mark(from);
      this.lookAt(from, true);
    } else return;
    event.preventDefault();
  }

  lookAt(place, isKey = false) {
    this.cursor = place;
    this.actions.look(place, isKey);
    if (this.points) this.drawPoints(this.points, this.points.theme, this.points.showTest);
  }
}

/* The colour of a number from −1 to 1, strong enough for a point. */
function shadeOf(value, { neutral }) {
  const share = Math.min(1, 0.15 + Math.abs(value)), to = CLASS_COLOURS[value < 0 ? 0 : 1];
  return neutral.map((v, i) => Math.round(v + (to[i] - v) * share));
}

/* Trace the shape of a class: circle, square, triangle, diamond or cross, so that colour is not needed. */
export function tracePoint(pen, x, y, label, radius = RADIUS) {
  const corners = {
    1: [[-1, -1], [1, -1], [1, 1], [-1, 1]].map((c) => c.map((v) => 0.85 * v)),
    2: [[0, -1.2], [1.1, 0.8], [-1.1, 0.8]],
    3: [[0, -1.3], [1.3, 0], [0, 1.3], [-1.3, 0]],
    4: [[-0.4, -1.2], [0.4, -1.2], [0.4, -0.4], [1.2, -0.4], [1.2, 0.4], [0.4, 0.4], [0.4, 1.2], [-0.4, 1.2],
      [-0.4, 0.4], [-1.2, 0.4], [-1.2, -0.4], [-0.4, -0.4]],
  }[label];
  pen.beginPath();
  if (!corners) return pen.arc(x, y, radius, 0, 2 * Math.PI);
  corners.forEach(([dx, dy]) => pen.lineTo(x + radius * dx, y + radius * dy));
  pen.closePath();
}
