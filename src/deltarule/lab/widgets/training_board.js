/* The board of the page Train: a run bar that stays in sight, charts and status of one moment, pictures, kept runs.

   Python sends `state`, `runs`, `search`, `pictures` and `address`; each click sends a `command` {do, …} to it. */

const HEIGHT = 250, DELAY = 400; // milliseconds after the last change; some browsers allow 100 addresses in 30 seconds

function render({ model, el }) {
  const root = append(el, "div", { class: "lesson board" });
  let number = 0, busy = false;
  const send = (command) => { model.set("command", { n: ++number, ...command }); model.save_changes(); };
  const bar = makeRunBar(root, model.get("choices"), send);
  const explanation = append(root, "section", { class: "explanation", "aria-live": "polite", "aria-label": "what happened" });
  const charts = makeCharts(root), search = makeSearch(root, send, bar);
  const pictures = append(root, "section", { class: "board-pictures", "aria-label": "mistakes and weights" });
  const runs = makeRuns(root, send);

  const showState = () => {
    const state = model.get("state");
    bar.show(state);
    showExplanation(explanation, state, bar, send);
    charts(state.curves);
    busy = ["preparing", "training"].includes(state.run.status);
  };
  const showPictures = () => {
    const { mistakes = "", weights = "" } = model.get("pictures");
    if (pictures.shown === mistakes + weights) return;
    pictures.shown = mistakes + weights;
    pictures.innerHTML = (mistakes ? `<h2>Mistakes</h2>${mistakes}` : "") + (weights ? `<h2>Weights</h2>${weights}` : "");
  };
  let timer = 0;
  const showAddress = () => {
    clearTimeout(timer);
    timer = setTimeout(() => history.replaceState(history.state, "", location.pathname + (model.get("address") && `?${model.get("address")}`)), DELAY);
  };
  const listeners = { address: showAddress, state: showState, pictures: showPictures, search: () => search(model.get("search")), runs: () => runs(model.get("runs")) };
  for (const [name, listener] of Object.entries(listeners)) {
    model.on(`change:${name}`, listener);
    listener();
  }

  /* A reload would end the training, so that it asks first; a page without its lab has nothing to lose. */
  const ask = (event) => { if (busy) event.preventDefault(); };
  const lose = () => { busy = false; };
  window.addEventListener("beforeunload", ask);
  window.addEventListener("lab-lost", lose);
  return () => {
    clearTimeout(timer);
    window.removeEventListener("beforeunload", ask);
    window.removeEventListener("lab-lost", lose);
  };
}

/* The run bar: buttons, η and λ, and the status of the run. */
function makeRunBar(root, choices, send) {
  const bar = append(root, "section", { class: "run-bar", "aria-label": "run" });
  const buttons = append(bar, "div", { class: "run-buttons" });
  const eta = makeRate(bar, "learning rate η", choices.eta, (value) => send({ do: "rates", eta: value }));
  const lmbda = makeRate(bar, "weight decay λ", choices.lmbda, (value) => send({ do: "rates", lmbda: value }));
  const start = (rates = {}) => send({ do: "start", eta: eta.value, lmbda: lmbda.value, ...rates });
  let paused = false;
  makeButton(buttons, "start", () => start(), { class: "run-start" });
  const pause = makeButton(buttons, "pause", () => send({ do: paused ? "continue" : "pause" }));
  const step = makeButton(buttons, "one mini-batch", () => send({ do: "step" }));
  const stop = makeButton(buttons, "stop", () => send({ do: "stop" }));
  const find = makeButton(buttons, "find η", () => send({ do: "find eta" }));
  const status = append(bar, "p", { class: "run-status" }), problem = append(bar, "p", { class: "lab-problem", role: "alert" });

  function show({ run, rates, problem: text }) {
    paused = run.status === "paused";
    const active = ["preparing", "training", "paused"].includes(run.status);
    pause.textContent = paused ? "continue" : "pause";
    for (const button of [pause, step, stop]) button.disabled = !active && !(button === stop && find.searching);
    if (eta.received !== rates.eta) eta.show(eta.received = rates.eta);
    if (lmbda.received !== rates.lmbda) lmbda.show(lmbda.received = rates.lmbda);
    status.replaceChildren();
    append(status, "strong").textContent = run.status || "no run yet";
    status.append(run.status ? [" ", run.name, run.line].filter(Boolean).join(" · ").replace(" · ", "") : ": choose the data and a network, and press start.");
    bar.dataset.status = run.status;
    const problems = [text, run.explanation ? "" : run.problem].filter(Boolean).join(" ");
    if (problem.textContent !== problems) problem.textContent = problems;
    problem.hidden = !problems;
  }
  return { show, start, eta, setSearching: (on) => { find.searching = on; find.disabled = on; if (on) stop.disabled = false; } };
}

/* A slider over the values of η or λ; it can also show a value between them. */
function makeRate(parent, label, steps, change) {
  const row = append(parent, "label", { class: "rate" });
  append(row, "span").textContent = label;
  const input = append(row, "input", { type: "range", min: 0, max: steps.length - 1, step: 1 }), output = append(row, "output");
  const rate = { value: steps[0], received: null, show };
  function show(value) {
    rate.value = value;
    input.value = steps.reduce((best, one, i) => (Math.abs(one - value) < Math.abs(steps[best] - value) ? i : best), 0);
    output.value = formatNumber(value);
    input.setAttribute("aria-valuetext", output.value);
  }
  input.addEventListener("input", () => show(steps[input.value]));
  input.addEventListener("change", () => { rate.received = rate.value; change(rate.value); });
  return rate;
}

/* What happened to a run that diverges or learns nothing, and a button that is likely to help. */
function showExplanation(section, { run }, bar, send) {
  const found = run.explanation, text = JSON.stringify(found ?? null);
  if (section.shown === text) return;
  section.shown = text;
  section.replaceChildren();
  section.hidden = !found;
  if (!found) return;
  append(section, "strong").textContent = found.text;
  const list = append(section, "ul");
  found.facts.forEach((fact) => { append(list, "li").textContent = fact; });
  const buttons = append(section, "div", { class: "run-buttons" });
  if (found.label) {
    makeButton(buttons, found.label, () => {
      if (found.restart) bar.start(found.change);
      else send({ do: "rates", ...found.change });
    });
  }
  if ("eta" in found.change) makeButton(buttons, "find η", () => send({ do: "find eta" }));
}

/* The charts of accuracy, cost and gradient norms. */
function makeCharts(root) {
  const section = append(root, "section", { class: "pictures", "aria-label": "charts" });
  const axis = (label, from = 0, to = 1, log = false) => ({ from, to, label, log });
  const score = makeChart(section, { axes: { x: axis("epoch"), y: axis("accuracy in %", 0, 100) }, label: "accuracy by epoch", height: HEIGHT });
  const cost = makeChart(section, { axes: { x: axis("epoch"), y: axis("cost") }, label: "cost by epoch", height: HEIGHT });
  const norms = makeChart(section, { axes: { x: axis("epoch"), y: axis("‖∂C/∂b‖", 0.01, 1, true) }, label: "how fast each layer learns", height: HEIGHT });
  append(section, "p", { class: "chart-note" }).textContent = "Solid: validation set. Dashed: training set. Thin: the cost of 300 training examples between epochs. The last chart shows how fast each layer of this run learns: the norm of the gradient of its biases.";

  return (curves) => {
    section.hidden = !curves.length;
    if (!curves.length) return;
    const last = Math.max(1, ...curves.flatMap((c) => [...c.probe, ...c.cost.validation, ...c.score.validation].map(([x]) => x)));
    const x = axis("epoch", 0, last);
    const line = (points, curve, extra = {}) => ({ line: points, colour: curve.colour, ...extra });
    const both = (curve, of) => [
      line(curve[of].training, curve, { dash: "5 4", width: 1.4 }), line(curve[of].validation, curve, { name: curve.name }),
      ...(curve[of].validation.length < 8 ? [{ points: curve[of].validation, colour: curve.colour }] : []),
    ];
    const scores = curves.flatMap((c) => [...c.score.validation, ...c.score.training]).map(([, v]) => v).filter(Number.isFinite);
    const unit = curves[0].unit, top = unit === "R²" ? 1 : 100, low = Math.min(top - (top / 20), ...scores);
    score.show(curves.flatMap((c) => both(c, "score")), { x, y: axis(unit, Math.max(unit === "R²" ? -1 : 0, low - (top - low) / 10), top) });
    const costs = curves.flatMap((c) => [...c.cost.validation, ...c.cost.training, ...c.probe]).map(([, v]) => v).filter(Number.isFinite);
    const most = limit(costs);
    cost.show([...curves.map((c) => line(c.probe, c, { width: 1 })), ...curves.flatMap((c) => both(c, "cost"))], { x, y: axis("cost", 0, most) });
    const own = curves[0].norms, values = own.flat().map(([, v]) => v).filter((v) => v > 0);
    const colours = ["var(--series-0)", "var(--series-1)", "var(--series-2)", "var(--series-3)", "var(--series-4)", "var(--series-5)"];
    norms.show(own.map((points, i) => ({ line: points, colour: colours[i % 6], name: `layer ${i + 1}` })),
      { x, y: axis("‖∂C/∂b‖", ...findDecades(values), true) });
  };
}

/* The powers of ten around some values. */
function findDecades(values) {
  if (!values.length) return [0.01, 1];
  const low = Math.floor(Math.log10(Math.min(...values))), high = Math.ceil(Math.log10(Math.max(...values)));
  return [10 ** low, 10 ** Math.max(high, low + 1)];
}

/* The top of the cost's axis: above nearly all values, so that a single jump does not flatten the curve. */
function limit(values) {
  if (!values.length) return 1;
  const sorted = [...values].sort((a, b) => a - b), most = sorted.at(-1), usual = sorted[Math.floor(sorted.length / 2)];
  return 1.05 * (most > 5 * usual ? 3 * usual : most) || 1;
}

/* The search for η: the cost after some hundred mini-batches for each η tried. */
function makeSearch(root, send, bar) {
  const section = append(root, "section", { class: "search", "aria-label": "search for η", hidden: "" });
  append(section, "h2").textContent = "Search for η";
  const status = append(section, "p", { class: "status", role: "status" }), row = append(section, "div", { class: "pictures" });
  const axes = { x: { from: 1e-3, to: 10, label: "learning rate η", log: true }, y: { from: 0, to: 1, label: "cost after the trial" } };
  const chart = makeChart(row, { axes, label: "cost by learning rate", height: HEIGHT });
  const use = append(section, "p");
  return (found) => {
    const searching = found.status === "searching";
    bar.setSearching(searching);
    section.hidden = !found.status;
    if (!found.status) return;
    const last = found.trials.at(-1);
    status.textContent = searching ? `searching: ${found.trials.length} learning rates tried`
      : found.status === "done" ? `The cost falls up to η = ${formatNumber(found.threshold)}. For many epochs half of it is recommended.${found.reliable ? "" : " But it fell by less than a tenth: this result is not reliable."}`
        : found.status === "stopped" ? "The search was stopped." : found.problem;
    row.hidden = !last;
    if (last) {
      const good = found.trials.filter((one) => one.falls), bad = found.trials.filter((one) => !one.falls);
      const start = found.trials[0].start, top = 1.5 * start, place = (one) => [one.eta, Math.min(one.cost ?? top, top)];
      const etas = found.trials.map((one) => one.eta);
      chart.show([
        { line: [[Math.min(...etas) / 2, start], [Math.max(...etas) * 2, start]], colour: "var(--line)", dash: "3 3", name: "cost at the start" },
        { line: found.trials.map(place), colour: 0, width: 1 },
        { points: good.map(place), colour: 2, name: "the cost falls" }, { points: bad.map(place), colour: 1, hollow: true, name: "it oscillates or diverges" },
      ], { x: { ...axes.x, from: Math.min(...etas) / 2, to: Math.max(...etas) * 2 }, y: { ...axes.y, to: top * 1.05 } });
    }
    if (use.shown === found.recommended) return;
    use.shown = found.recommended;
    use.replaceChildren();
    if (found.recommended) makeButton(use, `use η = ${formatNumber(found.recommended)}`, () => send({ do: "rates", eta: found.recommended }));
  };
}

export default { render };
