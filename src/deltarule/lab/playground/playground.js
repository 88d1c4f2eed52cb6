/* The page: connects the settings, the run, and the views. */

import { COSTS, forward } from "./network.js";
import { EXTENT, FEATURES, collectPoints, computeFeatures, decodeRow, makeDataSet } from "./data_sets.js";
import { LIVE, MOST_LAYERS, MOST_POINTS, getDefaults, readAddress, writeAddress } from "./settings.js";
import { Run, makeProblem, replaceParameter } from "./run.js";
import { CLASS_NAMES, readTheme } from "./colours.js";
import { CostChart } from "./cost_chart.js";
import { ERASER, MapView } from "./map_view.js";
import { Form } from "./form.js";
import { NetworkView, formatNumber } from "./network_view.js";
import { SumView } from "./sum_view.js";
import { WeightEditor } from "./weight_editor.js";
import { diagnose } from "./diagnosis.js";
import { drawThumbnail, makeDataPicker, makePens } from "./data_picker.js";
import { connectTable } from "./table_dialog.js";
import { writePython } from "./python_code.js";

const BUDGET = 14, REST = 500, CALM = 250; // milliseconds: steps in a picture, between explanations, reduced motion
const find = (id) => document.getElementById(id);
const calm = matchMedia("(prefers-reduced-motion: reduce)");

let settings = getDefaults(), own = null, run = null, theme = readTheme(), pen = null, output = 0, place = null;
let isRunning = false, remedy = null, grid = null, pictures = [], lastDrawn = 0, lastExplained = 0, written = "";

/* ---- Data, settings and the run. ---- */

const getData = () => (settings.data === "own" && own ? collectPoints(own.points, own.classes) : makeDataSet(settings));

/* Change settings; the run goes on if it can, and otherwise starts again with the same seed. */
function change(changes, restart = false) {
  if (changes.data === "own" && !own) own = copyPoints();
  settings = { ...settings, ...changes };
  const problem = makeProblem(settings, getData());
  if (restart || Object.keys(changes).some((name) => !LIVE.includes(name))) start(problem);
  else {
    if (run.records.length) run.cutFuture();
    run.change(problem);
    refresh();
  }
}

function start(problem) {
  run = new Run(problem);
  editor.close();
  output = Math.min(output, problem.nOut - 1);
  buildViews();
  refresh();
}

/* Show what depends on the settings only. */
function refresh() {
  form.show(settings);
  find("lmbda").hidden = settings.regularizer === "none";
  const isOwn = settings.data === "own", control = (name) => document.querySelector(`[data-setting="${name}"]`);
  for (const name of ["count", "noise"]) control(name).disabled = isOwn;
  control("cost").disabled = run.problem.classes === 0;
  control("dropout").disabled = !settings.layers.length;
  if (own) drawThumbnail(document.querySelector('[value="own"] + canvas'), collectPoints(own.points, own.classes));
  showAxes();
  address.write();
  explain(true);
  draw(true);
}

/* The address follows the settings after a moment. */
const address = {
  timer: 0,
  write() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      written = writeAddress(settings, own);
      history.replaceState(null, "", `#${written}`);
    }, 200);
  },
};

function readState() {
  const state = readAddress(location.hash);
  ({ settings, own } = { ...state });
  showProblems(state.problems);
  start(makeProblem(settings, getData()));
  showPens();
}

function showProblems(problems) {
  find("problems").hidden = !problems.length;
  find("problems").replaceChildren(...problems.map((text) => Object.assign(document.createElement("p"), { textContent: text })));
}

/* ---- Own points. ---- */

function copyPoints() {
  const { x, labels, classes } = getData();
  return { points: labels.map((label, i) => ({ x: x[2 * i], y: x[2 * i + 1], label })), classes };
}

/* Add a point with the pen, or erase those near the place; the first such change copies the data set. */
function mark({ x, y }) {
  const before = settings.data === "own" && own ? own : { ...copyPoints() };
  const isNear = (point) => Math.hypot(point.x - x, point.y - y) < ERASER;
  const points = pen.erases ? before.points.filter((point) => !isNear(point)) : [...before.points, { x, y, label: pen.label }];
  if (points.length > MOST_POINTS) return showProblems([`expected at most ${MOST_POINTS} points; erase some first.`]);
  const classes = before.classes && Math.max(before.classes, (pen.label ?? 0) + 1);
  const isLarger = classes !== before.classes;
  setPoints({ ...before, points, classes, ...(isLarger ? { classNames: undefined, columns: undefined } : {}) }, isLarger);
}

function setPoints(changed, restart) {
  const isFirst = settings.data !== "own";
  own = changed;
  settings = { ...settings, data: "own" };
  const problem = makeProblem(settings, getData());
  if (restart || problem.nOut !== run.problem.nOut) return start(problem);
  run.cutFuture();
  run.change(problem);
  if (isFirst) form.show(settings);
  refresh();
}

function showPens() {
  pen = null;
  find("points").classList.remove("is-drawing");
  makePens(find("pens"), { classes: run.problem.classes, classNames: settings.data === "own" ? own?.classNames : null }, (chosen) => {
    pen = chosen;
    find("points").classList.toggle("is-drawing", pen !== null);
  });
}

/* ---- Running. ---- */

function setRunning(value) {
  isRunning = value && !run.hasDiverged;
  find("run").classList.toggle("is-running", isRunning);
  find("run-text").textContent = isRunning ? "Pause" : "Run";
  if (isRunning) {
    run.cutFuture();
    pictures = [];
    requestAnimationFrame(showPicture);
  } else explain(true);
}

/* Take some steps, and draw; repeat with the next picture of the screen. */
function showPicture(now) {
  if (!isRunning) return;
  const most = Number(find("speed").value), end = performance.now() + BUDGET;
  for (let i = 0; i < most && performance.now() < end; i++) if (!run.step()) break;
  if (run.hasDiverged) setRunning(false);
  if (!isRunning || !calm.matches || now - lastDrawn > CALM) draw();
  explain();
  if (isRunning) requestAnimationFrame(showPicture);
}

function takeSteps(count) {
  setRunning(false);
  run.cutFuture();
  for (let i = 0; i < count; i++) run.step();
  run.record();
  draw();
  explain(true);
}

/* Explain the run at most twice a second, or at once. */
function explain(atOnce = false) {
  if (!atOnce && performance.now() - lastExplained < REST) return;
  lastExplained = performance.now();
  remedy = diagnose(run);
  find("diagnosis").hidden = !remedy;
  find("diagnosis-text").textContent = remedy?.text ?? "";
  find("remedy").hidden = !remedy?.button;
  find("remedy").textContent = remedy?.button ?? "";
  if (find("python").open) showPython();
}

function showPython() {
  const { stretch } = run.at;
  find("code").textContent = writePython(run.at);
  find("python-part").textContent = stretch.number
    ? `It begins at the last change, in epoch ${stretch.epochs.toFixed(1)}, with the weights of that moment.` : "";
}

/* ---- Drawing. ---- */

/* Choose the number of places on a side of the maps: fewer for large networks, so that pictures stay fast. */
const chooseSide = (sizes) => {
  const weights = sizes.slice(1).reduce((sum, n, l) => sum + n * sizes[l], 0);
  return weights < 150 ? 80 : weights < 500 ? 56 : 40;
};

function makeGrid(sizes, features) {
  const side = chooseSide(sizes), x = new Float64Array(2 * side * side), step = 2 * EXTENT / side;
  for (let i = 0; i < side * side; i++) {
    x[2 * i] = -EXTENT + step * (i % side + 0.5);
    x[2 * i + 1] = EXTENT - step * (Math.floor(i / side) + 0.5);
  }
  return { side, inputs: computeFeatures(x, features), all: computeFeatures(x, Object.keys(FEATURES)) };
}

function buildViews() {
  const { problem } = run, { features, layers } = settings;
  grid = makeGrid(problem.network.sizes, features);
  network.build(problem);
  network.paintFeatures(grid.all, theme);
  const isHidden = layers.length > 0, names = isHidden ? Array.from({ length: layers.at(-1) }, (_, k) => `neuron ${k + 1}`)
    : features.map((name) => FEATURES[name].label);
  sum.build(names, nameOutput());
  find("output-choice").hidden = problem.nOut === 1;
  find("output").replaceChildren(...CLASS_NAMES.slice(0, problem.nOut).map((name, k) => new Option(nameClass(k), k, k === output, k === output)));
  find("layer-count").textContent = `${layers.length} hidden layer${layers.length === 1 ? "" : "s"}`;
  find("fewer").disabled = layers.length === 0;
  find("more").disabled = layers.length === MOST_LAYERS;
  const source = isHidden ? "neuron of the last hidden layer" : "input";
  find("sum-hint").textContent = `Above: the map of each ${source}, times its weight. Below: the sum so far. ` +
    `${describeOutput(problem)}`;
}

const nameClass = (k) => (settings.data === "own" && own?.classNames?.[k]) || CLASS_NAMES[k];
const nameOutput = () => (run.problem.classes === 0 ? "answer" : "output a");

function describeOutput({ network: { cost } }) {
  if (cost === "log-likelihood") return "The last map is the share that softmax gives this class.";
  return cost === "quadratic-linear" ? "The last sum is the answer." : "The last map is σ of the whole sum.";
}

function draw(withPoints = false) {
  const { problem, params } = run, { network: net, nOut, classes } = problem, now = performance.now();
  const layers = forward(net, params, grid.inputs), outputs = COSTS[net.cost].activation(layers.at(-1).z, nOut);
  layers[layers.length - 1] = { ...layers.at(-1), a: outputs };
  map.paint(outputs, problem, theme);
  network.draw(params, layers, theme);
  if (withPoints) map.drawPoints(problem, theme, find("show-test").checked);
  const probe = place && look(place), bounds = { low: classes ? 0 : -1, high: 1 };
  const inputs = layers.at(-1).inputs, n = net.sizes.at(-2);
  sum.draw(params.at(-1), output, inputs, n, outputs, bounds, theme, probe && { inputs: probe.inputs, output: probe.outputs[output] });
  chart.draw(run.records, run.epochs);
  editor.draw(params);
  showFigures();
  lastDrawn = now;
  pictures = [...pictures.slice(-119), now];
}

/* Compute the answer at a place, and say it in words. */
function look(at) {
  const { network: net, nOut, classes } = run.problem;
  const layers = forward(net, run.params, computeFeatures([at.x, at.y], settings.features));
  const outputs = COSTS[net.cost].activation(layers.at(-1).z, nOut);
  const answer = classes === 0 ? formatNumber(toUnits(2, outputs[0], 1))
    : nOut === 1 ? `${nameClass(decodeRow(outputs, 0, 1))}, output ${formatNumber(outputs[0])}`
    : Array.from(outputs, (v, k) => `${nameClass(k)} ${formatNumber(v)}`).join(", ");
  const where = [toUnits(0, at.x, 2.5), toUnits(1, at.y, 2.5)].map(formatNumber).join(", ");
  find("probe").textContent = `At (${where}): ${answer}`;
  return { inputs: layers.at(-1).inputs, outputs };
}

/* Convert a coordinate of the plane to the units of a table's column. */
function toUnits(c, value, reach) {
  const column = settings.data === "own" ? own?.columns?.[c] : null;
  return column ? (column.low + column.high) / 2 + value / reach * (column.high - column.low) / 2 : value;
}

function showAxes() {
  [["axis-x", 0], ["axis-y", 1]].forEach(([id, c]) => {
    const name = (settings.data === "own" && own?.columns?.[c]?.name) || ["x₁", "x₂"][c];
    const texts = [formatNumber(toUnits(c, -EXTENT, 2.5)), name, formatNumber(toUnits(c, EXTENT, 2.5))];
    find(id).replaceChildren(...texts.map((textContent, i) => Object.assign(document.createElement(i === 1 ? "b" : "span"), { textContent })));
  });
}

function showFigures() {
  const { records, epochs, steps, problem } = run;
  const shown = records.findLast((one) => one.steps <= steps) ?? records[0], slider = find("history");
  const write = (id, value) => { find(id).textContent = value; };
  const share = (v) => (Number.isFinite(v) ? `${(100 * v).toFixed(1)} %` : "–");
  write("epochs", epochs >= 100 || Number.isInteger(epochs) ? Math.floor(epochs).toLocaleString("en") : epochs.toFixed(1));
  write("train-cost", formatCost(shown.cost));
  write("test-cost", formatCost(shown.testCost));
  write("train-score", share(shown.accuracy));
  write("test-score", share(shown.testAccuracy));
  write("train-count", problem.train.labels.length);
  write("test-count", problem.test.labels.length);
  slider.max = records.length - 1;
  slider.value = records.indexOf(shown);
  slider.setAttribute("aria-valuetext", `epoch ${epochs.toFixed(1)}`);
}

const formatCost = (v) => (Number.isFinite(v) ? v.toPrecision(3) : "–");

/* ---- The views and their events. ---- */

makeDataPicker(find("data-sets"));
const form = new Form(document, (name, value) => {
  change({ [name]: value });
  if (name === "data") showPens();
});
const map = new MapView(find("map"), find("points"), {
  isDrawing: () => pen !== null,
  mark,
  look: (at) => {
    place = at;
    if (!at) find("probe").textContent = "";
    if (!isRunning) draw();
  },
});
const network = new NetworkView(find("network"), {
  toggleFeature: (name) => {
    const chosen = Object.keys(FEATURES).filter((one) => (one === name) !== settings.features.includes(one));
    if (chosen.length) change({ features: chosen });
  },
  setCount: (layer, count) => change({ layers: settings.layers.with(layer, count) }),
  select: openEditor,
  setWeight: ({ layer, at }, value) => setParameter(layer, "w", at, value),
});
const editor = new WeightEditor(find("editor"), {
  set: setParameter,
  close: ({ layer, j }) => {
    network.select(null);
    document.querySelector(`[data-place="${layer}-${j}"]`)?.focus({ preventScroll: true });
  },
});
const sum = new SumView(find("sum"));
const chart = new CostChart(find("chart"));

function setParameter(layer, part, index, value) {
  run.cutFuture();
  run.change(run.problem, replaceParameter(run.params, layer, part, index, value));
  draw();
}

/* Open the editor of a neuron, at its bias, or at the weight of an input. */
function openEditor(layer, j, input) {
  const n = run.problem.network.sizes[layer];
  const weights = Array.from({ length: n }, (_, k) => ({ part: "w", index: j * n + k, name: `w from ${network.nameInput(layer, k)}` }));
  const rows = [{ part: "b", index: j, name: "bias b" }, ...weights];
  editor.open(layer, j, network.nameNeuron(layer, j), rows, input === null ? 0 : input + 1);
  editor.draw(run.params);
}

const onClick = (id, action) => find(id).addEventListener("click", action);
onClick("run", () => setRunning(!isRunning));
onClick("step", () => takeSteps(1));
onClick("epoch", () => takeSteps(run.at.stretch.stepsPerEpoch - run.at.step));
onClick("restart", () => change({}, true));
onClick("fewer", () => change({ layers: settings.layers.slice(0, -1) }));
onClick("more", () => change({ layers: [...settings.layers, settings.layers.at(-1) ?? 4] }));
onClick("clear", () => setPoints({ points: [], classes: run.problem.classes }, true));
onClick("remedy", () => {
  const { change: changes, restart } = remedy;
  change(changes, restart);
  setRunning(true);
});
onClick("reset", () => {
  [settings, own] = [getDefaults(), null];
  setRunning(false);
  start(makeProblem(settings, getData()));
  showPens();
});
onClick("share", () => copy(location.href, "share-done", "The link is copied."));
onClick("copy-code", () => copy(find("code").textContent, "share-done", "The program is copied."));
find("history").addEventListener("input", (event) => {
  setRunning(false);
  run.rewind(event.target.valueAsNumber);
  draw();
});
find("output").addEventListener("change", (event) => { output = Number(event.target.value); draw(); });
find("show-test").addEventListener("change", () => draw(true));
find("python").addEventListener("toggle", () => { if (find("python").open) showPython(); });
connectTable((table) => {
  own = table;
  change({ data: "own" }, true);
  showPens();
});

async function copy(text, id, done) {
  clearTimeout(address.timer);
  try {
    await navigator.clipboard.writeText(text);
    find(id).textContent = done;
  } catch {
    find(id).textContent = "The browser did not allow copying; copy the address of this page, or select the program.";
  }
}

/* Draw all again in another theme or width. */
function redraw() {
  theme = readTheme();
  if (find("network").clientWidth !== network.width) network.build(run.problem);
  network.paintFeatures(grid.all, theme);
  draw(true);
}
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
new ResizeObserver(() => { if (find("network").clientWidth !== network.width) redraw(); }).observe(find("network"));
addEventListener("hashchange", () => { if (location.hash.slice(1) !== written) readState(); });
readState();

/* For tests and measurements: the run, and the pictures drawn in a second, over the last 120 of them. */
window.playground = {
  getRun: () => run,
  getSettings: () => settings,
  measurePictures: () => (pictures.length > 1 ? 1000 * (pictures.length - 1) / (pictures.at(-1) - pictures[0]) : 0),
};
