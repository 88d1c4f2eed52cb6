/* Controls of a figure, made from descriptions, plain objects:

     {name, label, from, to, step, unit}   a slider; {name, label, steps: [values]} a slider over these values
     {name, label, options: {text: value}} a choice; an array of texts if text and value are the same
     {name, label, value: true}            a switch
     {name, label, press(values)}          a button: returns the values that it changes
     {name, inPicture: true}               a value that is only changed in a picture; the form keeps it as JSON

   All have a first `value`. `onInput` is called while a control moves, `onChange` when it is let go. */

export function makeControls(el, specs, values, onInput, onChange) {
  const form = append(el, "form", { class: "controls" });
  form.addEventListener("submit", (event) => event.preventDefault());
  const update = () => updates.forEach((one) => one());
  const updates = specs.map((spec) => makeControl(form, spec, values, spec.press ? () => { update(); onInput(); } : onInput, onChange));
  return { update };
}

/* The first values of controls. */
export function readDefaults(specs) {
  return Object.fromEntries(specs.filter((spec) => !spec.press).map((spec) => [spec.name, spec.value]));
}

/* Append a button, and call `press` on each click. */
export function makeButton(parent, text, press, attributes = {}) {
  const button = append(parent, "button", { type: "button", ...attributes });
  button.textContent = text;
  button.addEventListener("click", press);
  return button;
}

function makeControl(form, spec, values, onInput, onChange) {
  if (spec.press) {
    makeButton(form, spec.label, () => { Object.assign(values, spec.press(values)); onInput(); onChange(); });
    return () => {};
  }
  if (spec.inPicture) {
    const input = append(form, "input", { type: "hidden", name: spec.name }), write = () => { input.value = JSON.stringify(values[spec.name]); };
    input.addEventListener("input", () => { values[spec.name] = JSON.parse(input.value); onInput(); });
    write();
    return write;
  }
  const row = append(form, "label", { class: "control" });
  append(row, "span").textContent = spec.label;
  const [input, read, write] = (spec.options ? makeChoice : typeof spec.value === "boolean" ? makeSwitch : makeSlider)(row, spec);
  input.name = spec.name;
  input.addEventListener("input", () => { values[spec.name] = read(); onInput(); });
  input.addEventListener("change", onChange);
  write(values[spec.name]);
  return () => write(values[spec.name]);
}

function makeSlider(row, { from, to, step, steps, unit = "" }) {
  const range = steps ? { min: 0, max: steps.length - 1, step: 1 } : { min: from, max: to, step };
  const input = append(row, "input", { type: "range", ...range }), output = append(row, "output");
  const digits = steps ? 0 : Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const read = () => (steps ? steps[input.value] : Number(input.value));
  const write = (value) => {
    input.value = steps ? steps.indexOf(value) : value;
    output.value = (steps ? formatNumber(value) : value.toFixed(digits).replace("-", "−")) + (Math.abs(value) === 1 ? unit.replace(/s$/, "") : unit);
    input.setAttribute("aria-valuetext", output.value);
  };
  input.addEventListener("input", () => write(read()));
  return [input, read, write];
}

function makeChoice(row, { options }) {
  const select = append(row, "select"), entries = Array.isArray(options) ? options.map((text) => [text, text]) : Object.entries(options);
  entries.forEach(([text], i) => { append(select, "option", { value: i }).textContent = text; });
  return [select, () => entries[select.value][1], (value) => { select.value = entries.findIndex((entry) => entry[1] === value); }];
}

function makeSwitch(row) {
  const input = append(row, "input", { type: "checkbox" });
  return [input, () => input.checked, (value) => { input.checked = value; }];
}
