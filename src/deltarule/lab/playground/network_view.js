/* The picture of the network: each neuron as a button with its own map, each link as wide as its weight is large. */

import { CLASS_COLOURS, CLASS_NAMES, chooseRange, paintNumbers, writeColour } from "./colours.js";
import { FEATURES } from "./data_sets.js";
import { findLink, placeLink, placeNeurons, traceLink } from "./network_layout.js";
import { ACTIVATIONS } from "./network.js";
import { MOST_NEURONS } from "./settings.js";

const NAMES = Object.keys(FEATURES), MOUSE = 6, FINGER = 14, PER_PIXEL = 0.02, MANY = 40;

function makeElement(name, className, parent, attributes = {}) {
  const element = document.createElement(name);
  element.className = className;
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  parent.append(element);
  return element;
}

export class NetworkView {
  /* `actions` has toggleFeature(name), setCount(layer, count), inspect(), select(layer, neuron, input) and
     setWeight(place, value). */
  constructor(parent, actions) {
    Object.assign(this, { parent, actions, links: [], hovered: null, selected: null, drag: null });
    this.canvas = makeElement("canvas", "links", parent);
    this.nodes = makeElement("div", "nodes", parent);
    this.tip = makeElement("div", "tip", parent, { "aria-hidden": "true" });
    this.tip.hidden = true;
    this.canvas.addEventListener("pointermove", (event) => this.move(event));
    this.canvas.addEventListener("pointerdown", (event) => this.press(event));
    this.canvas.addEventListener("pointerleave", () => { if (!this.drag) this.hover(null); });
    for (const end of ["pointerup", "pointercancel"]) this.canvas.addEventListener(end, () => { this.drag = null; });
    this.canvas.addEventListener("wheel", (event) => this.turn(event), { passive: false });
  }

  /* Build the buttons of a network; `problem` is that of the run. */
  build(problem) {
    const { network: { sizes }, settings: { features, layers } } = problem;
    Object.assign(this, { problem, params: null, inspected: null, width: this.parent.clientWidth });
    this.layout = placeNeurons([NAMES.length, ...layers, problem.nOut], this.width);
    this.parent.style.height = `${this.layout.height}px`;
    this.rows = features.map((name) => NAMES.indexOf(name)); // the row of each input of the network
    const focused = document.activeElement?.dataset?.place;
    this.nodes.replaceChildren();
    const makeColumn = (column, c) => column.tops.map((top, i) => this.makeNeuron(c, i, column, top));
    this.columns = this.layout.columns.map(makeColumn);
    layers.forEach((count, l) => this.makeHead(l, count));
    this.links = sizes.slice(1).flatMap((nOut, l) => Array.from({ length: nOut * sizes[l] }, (_, at) => {
      const j = Math.floor(at / sizes[l]), k = at % sizes[l];
      return { layer: l, j, k, at, ...placeLink(this.layout, l, l === 0 ? this.rows[k] : k, j) };
    }));
    this.hover(null);
    this.selected = null;
    if (focused) this.nodes.querySelector(`[data-place="${focused}"]`)?.focus({ preventScroll: true });
  }

  makeNeuron(c, i, { x, size }, top) {
    const isFeature = c === 0, isOutput = c === this.layout.columns.length - 1, name = NAMES[i];
    const button = makeElement("button", `neuron${isFeature ? " feature" : ""}`, this.nodes, { type: "button" });
    button.dataset.place = isFeature ? name : `${c - 1}-${i}`;
    Object.assign(button.style, { left: `${x}px`, top: `${top}px`, width: `${size}px`, height: `${size}px` });
    const map = makeElement("canvas", "map", button, { width: 1, height: 1 });
    if (isFeature) {
      button.setAttribute("aria-pressed", String(this.rows.includes(i)));
      button.setAttribute("aria-label", `Input ${FEATURES[name].label}`);
      const text = makeElement("span", "feature-name", button);
      text.textContent = FEATURES[name].label;
      text.style.fontSize = size < 32 ? "8.5px" : "";
      button.addEventListener("click", () => this.actions.toggleFeature(name));
    } else {
      const label = this.nameNeuron(c - 1, i);
      button.setAttribute("aria-label", `${label}: edit its weights`);
      button.title = label;
      button.bias = makeElement("span", "bias", button);
      button.addEventListener("click", () => this.actions.select(c - 1, i, null));
      if (isOutput && this.problem.nOut > 1) button.style.borderColor = writeColour(CLASS_COLOURS[i]);
    }
    const title = isFeature ? FEATURES[name].label : this.nameNeuron(c - 1, i);
    for (const event of ["pointerenter", "focus"])
      button.addEventListener(event, () => this.inspect({ l: c - 1, j: i, title }));
    for (const event of ["pointerleave", "blur"]) button.addEventListener(event, () => this.inspect(null));
    return { button, map };
  }

  /* The name of neuron j of a layer of parameters, counted from 0. */
  nameNeuron(layer, j) {
    const { settings: { layers }, nOut } = this.problem;
    if (layer < layers.length) return `neuron ${j + 1} of hidden layer ${layer + 1}`;
    return nOut > 1 ? `output ${CLASS_NAMES[j]}` : "the output";
  }

  /* The name of input k of a layer of parameters. */
  nameInput(layer, k) {
    return layer === 0 ? FEATURES[this.problem.settings.features[k]].label : `neuron ${k + 1}`;
  }

  /* Make the buttons above a hidden layer that add and remove a neuron. */
  makeHead(l, count) {
    const { x, size } = this.layout.columns[l + 1];
    const head = makeElement("div", "head", this.nodes);
    head.style.left = `${x + size / 2}px`;
    for (const [text, change, what] of [["+", 1, "Add a neuron to"], ["−", -1, "Remove a neuron from"]]) {
      const attributes = { type: "button", "aria-label": `${what} hidden layer ${l + 1}` };
      const button = makeElement("button", "count", head, attributes);
      button.textContent = text;
      button.dataset.place = `head${l}${text}`;
      button.disabled = count + change < 1 || count + change > MOST_NEURONS;
      button.addEventListener("click", () => this.actions.setCount(l, count + change));
    }
  }

  /* Paint the maps of the features, which stay as they are. */
  paintFeatures(grid, theme) {
    NAMES.forEach((_, i) => this.paintFeature(this.columns[0][i].map, grid, i, theme));
  }

  paintFeature(canvas, grid, i, theme) {
    paintNumbers(canvas, grid, chooseRange(grid, NAMES.length, i, [-Infinity, Infinity]), theme);
  }

  /* Paint the map of neuron j of layer l on a canvas, from the activations of its layer. */
  paintNeuron(canvas, a, l, j, theme) {
    const { network, settings, nOut, classes } = this.problem, n = network.sizes[l + 1];
    const isOutput = l === settings.layers.length;
    const bounds = isOutput ? (classes ? [0, 1] : [-1, 1]) : ACTIVATIONS[network.hidden].bounds;
    if (isOutput && nOut > 1) paintNumbers(canvas, a, { n, j, low: -1, high: 1 }, { shades: theme.classShades[j] });
    else paintNumbers(canvas, a, chooseRange(a, n, j, bounds), theme);
  }

  /* The user points at a neuron {l, j, title}, where the inputs are layer −1, or at none. */
  inspect(neuron) {
    this.inspected = neuron;
    this.actions.inspect();
  }

  /* Paint the map of the neuron that the user points at on a canvas, and return its title; null if there is none. */
  paintInspected(canvas, layers, grid, theme) {
    if (!this.inspected) return null;
    const { l, j, title } = this.inspected;
    if (l < 0) this.paintFeature(canvas, grid, j, theme);
    else this.paintNeuron(canvas, layers[l].a, l, j, theme);
    return title;
  }

  /* Draw the maps of the neurons, and the links. With the number of a picture, a large network gets the maps of a third
     of its layers, and its links with each third picture; without one, all. */
  draw(params, layers, theme, picture = null) {
    const { settings } = this.problem;
    this.params = params;
    const isLarge = settings.layers.reduce((sum, n) => sum + n, 0) > MANY;
    layers.forEach(({ a }, l) => {
      if (picture !== null && isLarge && l < settings.layers.length && (picture + l) % 3) return;
      this.columns[l + 1].forEach(({ map }, j) => this.paintNeuron(map, a, l, j, theme));
    });
    if (picture !== null && isLarge && picture % 3) return;
    params.forEach(({ b }, l) => b.forEach((v, j) => {
      this.columns[l + 1][j].button.bias.style.background = writeColour(CLASS_COLOURS[v < 0 ? 0 : 1], strength(v));
    }));
    this.drawLinks(theme);
  }

  drawLinks(theme) {
    const scale = Math.max(1, window.devicePixelRatio || 1), pen = this.canvas.getContext("2d");
    const [width, height] = [this.width, this.layout.height].map((v) => Math.round(v * scale));
    if (this.canvas.width !== width || this.canvas.height !== height) Object.assign(this.canvas, { width, height });
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    pen.clearRect(0, 0, this.width, this.layout.height);
    this.theme = theme;
    const most = Math.max(2, ...this.params.map(({ w }) => w.reduce((a, v) => Math.max(a, Math.abs(v)), 0)));
    for (const link of this.links) {
      const w = this.params[link.layer].w[link.at], share = Math.min(1, Math.abs(w) / Math.min(most, 8)) || 0;
      const isMarked = isSame(link, this.hovered) || isSame(link, this.selected);
      pen.strokeStyle = isMarked ? theme.ink : writeColour(CLASS_COLOURS[w < 0 ? 0 : 1], 0.25 + 0.7 * share);
      pen.lineWidth = 0.6 + 5.4 * share + (isMarked ? 1 : 0);
      pen.beginPath();
      traceLink(pen, link);
      pen.stroke();
    }
  }

  getPlace(event) {
    const box = this.canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  find(event) {
    return findLink(this.links, ...this.getPlace(event), event.pointerType === "touch" ? FINGER : MOUSE);
  }

  move(event) {
    if (this.drag) {
      const value = this.drag.value + (this.drag.y - event.clientY) * PER_PIXEL;
      this.actions.setWeight(this.drag.link, Math.round(value * 100) / 100);
      return this.showTip(this.drag.link);
    }
    this.hover(this.find(event));
  }

  /* Select a link; with a mouse or pen, moving up and down then changes its weight. */
  press(event) {
    const link = this.find(event);
    if (event.button || !link) return;
    this.select(link);
    this.actions.select(link.layer, link.j, link.k);
    if (event.pointerType === "touch") return;
    this.canvas.setPointerCapture(event.pointerId);
    this.drag = { link, y: event.clientY, value: this.params[link.layer].w[link.at] };
    event.preventDefault();
  }

  /* Turn the wheel over the selected link to change its weight; over others the page scrolls. */
  turn(event) {
    const link = this.find(event);
    if (!link || !isSame(link, this.selected)) return;
    event.preventDefault();
    const value = this.params[link.layer].w[link.at] - 0.1 * Math.sign(event.deltaY);
    this.actions.setWeight(link, Math.round(value * 100) / 100);
    this.showTip(link);
  }

  select(link) {
    this.selected = link;
    if (this.params) this.drawLinks(this.theme);
  }

  hover(link) {
    if (isSame(link, this.hovered) && link !== null) return this.showTip(link);
    this.hovered = link;
    this.canvas.style.cursor = link ? "ns-resize" : "";
    this.showTip(link);
    if (this.params && this.theme) this.drawLinks(this.theme);
  }

  showTip(link) {
    this.tip.hidden = !link;
    if (!link) return;
    const { layer, j, k, at, x1, y1, x2, y2 } = link, value = this.params[layer].w[at];
    this.tip.textContent = `${this.nameInput(layer, k)} → ${this.nameNeuron(layer, j)}: w = ${formatNumber(value)}`;
    const left = (x1 + x2) / 2 - this.tip.offsetWidth / 2;
    this.tip.style.left = `${Math.max(0, Math.min(left, this.width - this.tip.offsetWidth))}px`;
    this.tip.style.top = `${(y1 + y2) / 2 - 34}px`;
  }
}

const isSame = (a, b) => a !== null && b !== null && a.layer === b.layer && a.j === b.j && a.k === b.k;
const strength = (v) => Math.min(1, 0.15 + Math.abs(v) / 2) || 0;

/* Write a number with a real minus sign and three digits. */
export function formatNumber(value) {
  if (!Number.isFinite(value)) return "not finite";
  const text = Math.abs(value) >= 1000 ? value.toExponential(1) : String(Number(value.toPrecision(3)));
  return text.replaceAll("-", "−");
}
