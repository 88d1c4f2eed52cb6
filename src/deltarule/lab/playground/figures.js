/* The numbers and names on the page: costs, the answer at a place, the axes. `own` are own points or null. */

import { COSTS, forward } from "./network.js";
import { EXTENT, computeFeatures, decodeRow } from "./data_sets.js";
import { CLASS_NAMES } from "./colours.js";
import { formatNumber } from "./network_view.js";
import { REACH } from "./table_reader.js";
import { writePython } from "./python_code.js";

const find = (id) => document.getElementById(id);
const write = (id, text) => { find(id).textContent = text; };
const formatCost = (v) => (Number.isFinite(v) ? v.toPrecision(3) : "–");
const formatShare = (v) => (Number.isFinite(v) ? `${(100 * v).toFixed(1)} %` : "–");

const nameClass = (own, k) => own?.classNames?.[k] || CLASS_NAMES[k];

/* Convert a coordinate of the plane, or a number to predict, to the units of a table's column. */
function toUnits(own, c, value) {
  const column = own?.columns?.[c], reach = c < 2 ? REACH : 1;
  return column ? (column.low + column.high) / 2 + value / reach * (column.high - column.low) / 2 : value;
}

/* Compute the answer at a place: {text, inputs, outputs}, the inputs being those of the last layer. */
export function readAnswer({ problem, params }, own, { x, y }) {
  const { network, nOut, classes, settings } = problem;
  const { z, inputs } = forward(network, params, computeFeatures([x, y], settings.features)).at(-1);
  const outputs = COSTS[network.cost].activation(z, nOut);
  const where = [toUnits(own, 0, x), toUnits(own, 1, y)].map(formatNumber).join(", ");
  const answer = classes === 0 ? formatNumber(toUnits(own, 2, outputs[0]))
    : nOut === 1 ? `${nameClass(own, decodeRow(outputs, 0, 1))}, output ${formatNumber(outputs[0])}`
    : Array.from(outputs, (v, k) => `${nameClass(own, k)} ${formatNumber(v)}`).join(", ");
  return { text: `At (${where}): ${answer}`, inputs, outputs };
}

/* Show the names and ends of both axes. */
export function showAxes(own) {
  ["axis-x", "axis-y"].forEach((id, c) => {
    const [low, high] = [-EXTENT, EXTENT].map((end) => formatNumber(toUnits(own, c, end)));
    const name = document.createElement("b");
    name.textContent = own?.columns?.[c]?.name || ["x₁", "x₂"][c];
    find(id).replaceChildren(low, name, high);
  });
}

/* Show the costs at the present position, and the position in the history. */
export function showFigures({ records, epochs, steps, problem }) {
  const shown = records.findLast((one) => one.steps <= steps) ?? records[0], slider = find("history");
  write("epochs", epochs >= 100 || Number.isInteger(epochs) ? String(Math.floor(epochs)) : epochs.toFixed(1));
  write("train-cost", formatCost(shown.cost));
  write("test-cost", formatCost(shown.testCost));
  write("train-score", formatShare(shown.accuracy));
  write("test-score", formatShare(shown.testAccuracy));
  write("train-count", problem.train.labels.length);
  write("test-count", problem.test.labels.length);
  slider.max = records.length - 1;
  slider.value = records.indexOf(shown);
  slider.setAttribute("aria-valuetext", `epoch ${epochs.toFixed(1)}`);
}

/* Say how the sum of the last layer becomes the answer. */
export function describeSum({ network: { cost }, settings: { layers } }) {
  const source = layers.length ? "neuron of the last hidden layer" : "input";
  const end = cost === "log-likelihood" ? "The last map is the share that softmax gives this class."
    : cost === "quadratic-linear" ? "The last sum is the answer." : "The last map is σ of the whole sum.";
  return `Above: the map of each ${source}, times its weight. Below: the sum so far. ${end}`;
}

/* Show the choice of an output, if there are several. */
export function showOutputs(own, nOut, chosen) {
  const options = CLASS_NAMES.slice(0, nOut).map((_, k) => new Option(nameClass(own, k), k, false, k === chosen));
  find("output").replaceChildren(...options);
  find("output-choice").hidden = nOut === 1;
}

/* Show problems above the page, each a sentence; [] for none. */
export function showProblems(problems) {
  const paragraphs = problems.map((textContent) => Object.assign(document.createElement("p"), { textContent }));
  find("problems").replaceChildren(...paragraphs);
  find("problems").hidden = !problems.length;
}

/* Show the program for the stretch of a position. */
export function showPython(at) {
  const { number, epochs } = at.stretch;
  write("code", writePython(at));
  write("python-part", number
    ? `It begins at the last change, in epoch ${epochs.toFixed(1)}, with the weights of that moment.` : "");
}

/* Show an explanation and the button of its remedy, or nothing. While it runs, a text in which only numbers change
   stays, so that a screen reader does not read it again and again. */
export function showRemedy(remedy, isRunning) {
  const text = remedy?.text ?? "", button = remedy?.button ?? "", shape = (one) => one.replace(/[\d.e+-]+/g, "0");
  const shown = find("diagnosis-text").textContent;
  if (text !== shown && !(isRunning && shape(text) === shape(shown))) write("diagnosis-text", text);
  if (find("remedy").textContent !== button) write("remedy", button);
  find("remedy").hidden = !button;
  find("diagnosis").hidden = !remedy;
}
