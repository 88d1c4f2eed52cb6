/* The page: connects the settings, the run, and the views. */

import { COSTS, forward } from "./network.js";
import { FEATURES, collectPoints, makeDataSet } from "./data_sets.js";
import { LIVE, MOST_LAYERS, MOST_POINTS, getDefaults, readAddress, writeAddress } from "./settings.js";
import { Run, makeProblem, replaceParameter } from "./run.js";
import { readTheme } from "./colours.js";
import { CostChart } from "./cost_chart.js";
import { MapView } from "./map_view.js";
import { Form } from "./form.js";
import { NetworkView } from "./network_view.js";
import { SumView } from "./sum_view.js";
import { WeightEditor, listParameters } from "./weight_editor.js";
import { describeSum, readAnswer, showAxes, showFigures, showOutputs } from "./figures.js";
import { showProblems, showPython, showRemedy } from "./figures.js";
import { diagnose } from "./diagnosis.js";
import { drawThumbnail, makeDataPicker, makePens } from "./data_picker.js";
import { makeGrid } from "./grid.js";
import { connectTable } from "./table_dialog.js";
import { copyPoints, markPoints } from "./own_points.js";
import { Address, copyText } from "./sharing.js";

const BUDGET = 14, REST = 500, CALM = 250; // milliseconds: steps in a picture, between explanations, reduced motion
const PROBE_HINT = "Point at the plane to read an answer.";
const find = (id) => document.getElementById(id);
const calm = matchMedia("(prefers-reduced-motion: reduce)");

let settings = getDefaults(), own = null, run = null, theme = readTheme(), pen = null, output = 0, place = null;
let isRunning = false, remedy = null, grid = null;
let pictureCount = 0, lastDrawn = 0, lastExplained = 0;

/* ---- Data, settings and the run. ---- */

/* The own points, if they are the data. */
const getOwn = () => (settings.data === "own" ? own : null);
const getProblem = () => makeProblem(settings, getData(), getOwn());
const getData = () => (getOwn() ? collectPoints(own.points, own.classes) : makeDataSet(settings));

/* Change settings; the run goes on if it can, and otherwise starts again with the same seed. */
function change(changes, restart = false) {
  if (changes.data === "own" && !own) own = copyPoints(getData());
  settings = { ...settings, ...changes };
  const problem = getProblem();
  if (restart || Object.keys(changes).some((name) => !LIVE.includes(name))) start(problem);
  else goOn(problem);
}

function start(problem) {
  run = new Run(problem);
  editor.close();
  output = Math.min(output, problem.nOut - 1);
  buildViews();
  refresh();
}

/* Go on with the same parameters. */
function goOn(problem) {
  run.cutFuture();
  run.change(problem);
  refresh();
}

/* Show what depends on the settings. */
function refresh() {
  form.show(settings);
  find("lmbda").hidden = settings.regularizer === "none";
  const disable = (name, value) => { document.querySelector(`[data-setting="${name}"]`).disabled = value; };
  for (const name of ["count", "noise"]) disable(name, settings.data === "own");
  disable("cost", run.problem.classes === 0);
  disable("dropout", !settings.layers.length);
  if (own) drawThumbnail(document.querySelector('[value="own"] + canvas'), collectPoints(own.points, own.classes));
  showAxes(getOwn());
  address.updateSoon();
  explain(true);
  draw(true);
}

function readState() {
  const state = readAddress(location.hash);
  ({ settings, own } = state);
  showProblems(state.problems);
  start(getProblem());
  showPens();
}

/* ---- Own points. ---- */

/* Change the points with the pen; the first such change copies the data set. */
function mark(at) {
  const changed = markPoints(getOwn() ?? copyPoints(getData()), pen, at);
  if (changed.points.length <= MOST_POINTS) setPoints(changed);
  else showProblems([`Expected at most ${MOST_POINTS} points; erase some first.`]);
}

function setPoints(changed) {
  own = changed;
  settings = { ...settings, data: "own" };
  const problem = getProblem();
  if (problem.nOut === run.problem.nOut) goOn(problem);
  else start(problem);
}

function showPens() {
  const choose = (chosen) => {
    pen = chosen;
    find("points").classList.toggle("is-drawing", pen !== null);
  };
  choose(null);
  makePens(find("pens"), { classes: run.problem.classes, classNames: getOwn()?.classNames }, choose);
}

/* ---- Running. ---- */

function setRunning(value) {
  if (value) run.cutFuture();
  isRunning = value && !run.hasDiverged;
  find("run").classList.toggle("is-running", isRunning);
  find("run-text").textContent = isRunning ? "Pause" : "Run";
  if (isRunning) requestAnimationFrame(showPicture);
  else explain(true);
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
  showRemedy(remedy, isRunning);
  if (find("python").open) showPython(run.at);
}

/* ---- Drawing. ---- */

/* Build the views of a new network. */
function buildViews() {
  const { problem } = run, { features, layers } = settings, count = layers.length;
  grid = makeGrid(problem.network.sizes, features);
  network.build(problem);
  network.paintFeatures(grid.all, theme);
  const hidden = Array.from({ length: layers.at(-1) ?? 0 }, (_, k) => `neuron ${k + 1}`);
  sum.build(count ? hidden : features.map((name) => FEATURES[name].label), problem.classes ? "output a" : "answer");
  showOutputs(getOwn(), problem.nOut, output);
  find("layer-count").textContent = `${count} hidden layer${count === 1 ? "" : "s"}`;
  find("fewer").disabled = count === 0;
  find("more").disabled = count === MOST_LAYERS;
  find("sum-hint").textContent = describeSum(problem);
}

/* Draw the answer and the network; with each third picture of a run, or at once when it rests, also all the rest. */
function draw(withPoints = false) {
  const { problem, params } = run, { network: net, nOut, classes } = problem, now = performance.now();
  const layers = forward(net, params, grid.inputs), outputs = COSTS[net.cost].activation(layers.at(-1).z, nOut);
  layers[layers.length - 1] = { ...layers.at(-1), a: outputs };
  const inspected = network.paintInspected(find("map"), layers, grid.all, theme);
  if (!inspected) map.paint(outputs, problem, theme);
  find("answer-title").textContent = inspected ? `Map of ${inspected}` : "Answer";
  network.draw(params, layers, theme, isRunning && !withPoints ? pictureCount : null);
  lastDrawn = now;
  pictureCount++;
  if (isRunning && !withPoints && pictureCount % 3) return;
  if (withPoints) map.drawPoints(problem, theme, find("show-test").checked);
  const answer = place && readAnswer(run, getOwn(), place), bounds = { low: classes ? 0 : -1, high: 1 };
  find("probe").textContent = answer?.text ?? PROBE_HINT;
  const probe = answer && { inputs: answer.inputs, output: answer.outputs[output] };
  sum.draw(params.at(-1), output, layers.at(-1).inputs, net.sizes.at(-2), outputs, bounds, theme, probe);
  chart.draw(run.records, run.epochs);
  editor.draw(params);
  showFigures(run);
}

/* Draw all again in another theme or width. */
function redraw() {
  theme = readTheme();
  if (find("network").clientWidth !== network.width) network.build(run.problem);
  network.paintFeatures(grid.all, theme);
  draw(true);
}

/* ---- The views and their events. ---- */

const address = new Address(() => writeAddress(settings, own), readState);
makeDataPicker(find("data-sets"));
const form = new Form(document, (name, value) => {
  change({ [name]: value });
  if (name === "data") showPens();
});
const map = new MapView(find("map"), find("points"), {
  isDrawing: () => pen !== null,
  mark,
  look: (at, isKey = false) => {
    place = at;
    if (!isRunning) draw();
    if (isKey) find("announcement").textContent = readAnswer(run, getOwn(), at).text;
  },
});
const network = new NetworkView(find("network"), {
  toggleFeature: (name) => {
    const chosen = Object.keys(FEATURES).filter((one) => (one === name) !== settings.features.includes(one));
    if (chosen.length) change({ features: chosen });
  },
  setCount: (layer, count) => change({ layers: settings.layers.with(layer, count) }),
  inspect: () => { if (!isRunning) draw(); },
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
  const rows = listParameters(j, run.problem.network.sizes[layer], (k) => network.nameInput(layer, k));
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
onClick("clear", () => setPoints({ points: [], classes: run.problem.classes }));
onClick("remedy", () => {
  change(remedy.change, remedy.restart);
  setRunning(true);
});
onClick("reset", () => {
  setRunning(false);
  own = null;
  change(getDefaults(), true);
  showPens();
});
onClick("new-seed", () => change({ seed: Math.floor(Math.random() * 10000) }));
onClick("share", () => {
  address.update();
  copyText(location.href, find("share-done"), "The link is copied.");
});
onClick("copy-code", () => copyText(find("code").textContent, find("share-done"), "The program is copied."));
find("history").addEventListener("input", (event) => {
  setRunning(false);
  run.rewind(event.target.valueAsNumber);
  settings = run.problem.settings;
  own = run.problem.own ?? own;
  refresh();
});
find("output").addEventListener("change", (event) => { output = Number(event.target.value); draw(); });
find("show-test").addEventListener("change", () => draw(true));
find("python").addEventListener("toggle", () => { if (find("python").open) showPython(run.at); });
connectTable((table) => {
  own = table;
  change({ data: "own" }, true);
  showPens();
});

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
new ResizeObserver(() => { if (find("network").clientWidth !== network.width) redraw(); }).observe(find("network"));
readState();

/* For tests and measurements: the run, the settings, and the number of pictures so far. */
window.playground = {
  getRun: () => run,
  getSettings: () => settings,
  countPictures: () => pictureCount,
};
