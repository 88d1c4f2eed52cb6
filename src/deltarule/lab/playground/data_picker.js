/* The choice of a data set, with a picture of each, and the choice of a pen that draws points. */

import { DATA_NAMES, EXTENT, makeDataSet } from "./data_sets.js";
import { CLASS_COLOURS, CLASS_NAMES, writeColour } from "./colours.js";
import { tracePoint } from "./map_view.js";

const TITLES = { clouds: "clouds", circles: "circles", xor: "xor", spiral: "spiral", three: "three", five: "five",
  surface: "surface", own: "own" };
const SIDE = 96;

function makeRadio(parent, group, value, before, text) {
  const label = document.createElement("label"), input = document.createElement("input");
  Object.assign(input, { type: "radio", name: group, value });
  label.append(input, ...before, Object.assign(document.createElement("span"), { textContent: text }));
  parent.append(label);
  return input;
}

/* Make the radio buttons of all data sets. */
export function makeDataPicker(parent) {
  for (const name of [...DATA_NAMES, "own"]) {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = SIDE;
    const input = makeRadio(parent, "data", name, [canvas], TITLES[name]);
    input.dataset.setting = "data";
    if (name === "own") drawPlus(canvas);
    else drawThumbnail(canvas, makeDataSet({ data: name, count: 130, noise: 0.05, seed: 3 }));
  }
}

/* Draw a plus, the picture of own points while there are none. */
function drawPlus(canvas) {
  const pen = canvas.getContext("2d");
  pen.strokeStyle = "rgb(128 128 128)";
  pen.lineWidth = 4;
  for (const [dx, dy] of [[14, 0], [0, 14]]) {
    pen.moveTo(SIDE / 2 - dx, SIDE / 2 - dy);
    pen.lineTo(SIDE / 2 + dx, SIDE / 2 + dy);
  }
  pen.stroke();
}

/* Draw the points of a data set in its picture. */
export function drawThumbnail(canvas, { x, labels, classes }) {
  const pen = canvas.getContext("2d");
  pen.clearRect(0, 0, SIDE, SIDE);
  labels.forEach((label, i) => {
    const colour = classes ? CLASS_COLOURS[label] : CLASS_COLOURS[label < 0 ? 0 : 1];
    pen.fillStyle = writeColour(colour, classes ? 1 : 0.2 + 0.8 * Math.min(1, Math.abs(label)));
    tracePoint(pen, SIDE * (1 + x[2 * i] / EXTENT) / 2, SIDE * (1 - x[2 * i + 1] / EXTENT) / 2, 0, 3);
    pen.fill();
  });
}

/* Make the pens: none, one for each class or number, and an eraser. `choose` gets {label}, {erases} or null. */
export function makePens(parent, { classes, classNames }, choose) {
  parent.replaceChildren();
  const add = (value, text, pen, shape = []) => {
    const input = makeRadio(parent, "pen", value, shape, text);
    input.addEventListener("change", () => choose(pen));
    return input;
  };
  add("look", "look", null).checked = true;
  const labels = classes ? CLASS_NAMES.map((_, k) => k) : [-1, 0, 1];
  for (const label of labels) {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = 20;
    Object.assign(canvas.style, { width: "14px", height: "14px" });
    const pen = canvas.getContext("2d"), k = classes ? label : Math.max(0, label);
    tracePoint(pen, 10, 10, classes ? label : 0, 7);
    pen.fillStyle = writeColour(CLASS_COLOURS[k], !classes && label === 0 ? 0.15 : 1);
    pen.fill();
    const name = classes ? classNames?.[label] ?? CLASS_NAMES[label] : String(label).replace("-", "−");
    const input = add(`pen${label}`, classes && label > 1 ? "" : name, { label }, [canvas]);
    input.setAttribute("aria-label", `add points: ${name}`);
    input.parentElement.lastChild.className = "pen-name";
    input.title = name;
  }
  add("eraser", "eraser", { erases: true });
}
