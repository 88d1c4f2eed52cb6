/* The editor of a neuron: a slider and a field for its bias and for each of its weights. */

import { formatNumber } from "./network_view.js";

const REACH = 5;

/* List the bias and the weights of neuron j of a layer with n inputs; `name` names input k. */
export function listParameters(j, n, name) {
  const weights = Array.from({ length: n }, (_, k) => ({ part: "w", index: j * n + k, name: `w from ${name(k)}` }));
  return [{ part: "b", index: j, name: "bias b" }, ...weights];
}

export class WeightEditor {
  /* `actions` has set(layer, part, index, value) and close(). */
  constructor(parent, actions) {
    Object.assign(this, { parent, actions, place: null, rows: [] });
    parent.addEventListener("keydown", (event) => { if (event.key === "Escape") this.close(); });
  }

  /* Open the editor of neuron j of a layer. `rows` are {part, index, name}; `focus` is the row to begin with. */
  open(layer, j, title, rows, focus) {
    this.rows = [];
    this.place = { layer, j };
    this.parent.hidden = false;
    this.parent.replaceChildren();
    const heading = document.createElement("h3"), close = document.createElement("button");
    heading.textContent = title[0].toUpperCase() + title.slice(1);
    Object.assign(close, { type: "button", textContent: "Close", className: "small" });
    close.addEventListener("click", () => this.close());
    const top = document.createElement("div"), list = document.createElement("div");
    top.className = "editor-head";
    list.className = "editor-rows";
    top.append(heading, close);
    this.parent.append(top, list);
    this.parent.setAttribute("aria-label", `Weights and bias of ${title}`);
    this.rows = rows.map((row) => this.makeRow(list, layer, row));
    list.children[focus].classList.add("selected");
    this.rows[focus].slider.focus({ preventScroll: true });
  }

  makeRow(list, layer, { part, index, name }) {
    const row = document.createElement("label"), text = document.createElement("span");
    const slider = document.createElement("input"), field = document.createElement("input");
    Object.assign(slider, { type: "range", min: -REACH, max: REACH, step: 0.05 });
    Object.assign(field, { type: "number", step: 0.1 });
    row.className = "editor-row";
    text.textContent = name;
    for (const [input, kind] of [[slider, ""], [field, ", exact number"]]) {
      input.setAttribute("aria-label", name + kind);
      input.addEventListener("input", () => {
        const value = input.valueAsNumber;
        if (Number.isFinite(value)) this.actions.set(layer, part, index, value);
      });
    }
    row.append(text, slider, field);
    list.append(row);
    return { part, index, slider, field };
  }

  /* Show the present values, except in the field where the user types. */
  draw(params) {
    if (!this.place) return;
    for (const { part, index, slider, field } of this.rows) {
      const value = params[this.place.layer][part][index];
      if (document.activeElement !== slider || Math.abs(slider.valueAsNumber - value) > 0.05) slider.value = value;
      slider.setAttribute("aria-valuetext", formatNumber(value));
      if (document.activeElement !== field) field.value = Number(value.toPrecision(4));
    }
  }

  close() {
    const { place } = this;
    this.place = null;
    this.parent.hidden = true;
    if (place) this.actions.close(place);
  }
}
