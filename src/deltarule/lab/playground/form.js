/* Connects the controls of the page with the settings: each has the name of its setting in `data-setting`. */

import { SETTINGS } from "./settings.js";

/* A slider with `data-log` shows the logarithm of its setting. */
const isLogarithmic = (control) => control.dataset.log !== undefined;
const toSlider = (control, value) => (isLogarithmic(control) ? Math.log10(Math.max(value, 1e-9)) : value);
const fromSlider = (control) => {
  const value = control.valueAsNumber;
  return isLogarithmic(control) ? Number((10 ** value).toPrecision(2)) : Number(value.toFixed(4));
};

/* The text beside a slider, with its unit. */
const UNITS = {
  test: (v) => `${Math.round(100 * v)} %`, dropout: (v) => `${Math.round(100 * v)} %`, noise: (v) => v.toFixed(2),
};

export class Form {
  /* `change(name, value)` is called after each change by the user. */
  constructor(root, change) {
    this.controls = [...root.querySelectorAll("[data-setting]")];
    for (const control of this.controls) {
      const name = control.dataset.setting, event = control.type === "number" ? "change" : "input";
      control.addEventListener(event, () => {
        const value = control.type === "range" ? fromSlider(control) : SETTINGS[name].read(control.value);
        const isValid = value !== undefined;
        control.setAttribute("aria-invalid", String(!isValid));
        this.showProblem(isValid ? "" : `${name}: expected ${SETTINGS[name].expected}, got “${control.value}”.`);
        if (isValid) change(name, value);
      });
    }
  }

  showProblem(text) {
    const box = document.getElementById("form-problem");
    box.textContent = text;
    box.hidden = !text;
  }

  /* Show settings in all controls and in the texts beside them. */
  show(settings) {
    for (const control of this.controls) {
      const name = control.dataset.setting, value = settings[name];
      if (control.type === "radio") control.checked = control.value === String(value);
      else if (control.type === "range") control.value = toSlider(control, value);
      else control.value = String(value);
      const text = UNITS[name]?.(value) ?? String(value);
      if (control.type === "range") control.setAttribute("aria-valuetext", text);
      const box = control.closest("label")?.querySelector(".value");
      if (box) box.textContent = text;
    }
  }
}
