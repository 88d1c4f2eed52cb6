/* An adder of five NAND gates, each a perceptron. Its wires are dragged from one source to another. */

const INPUTS = ["x₁", "x₂"], GATES = ["NAND₁", "NAND₂", "NAND₃", "NAND₄", "NAND₅"], SOURCES = [...INPUTS, ...GATES];
const WIRES = ["x₁", "x₂", "x₁", "NAND₁", "x₁", "NAND₁", "NAND₂", "NAND₃", "NAND₁", "NAND₁"]; // two for each gate; the fifth is wrong
const ADDITIONS = [[0, 0], [0, 1], [1, 0], [1, 1]];

const controls = [
  { name: "wires", inPicture: true, value: WIRES },
  { name: "x1", label: "x₁ is 1", value: true },
  { name: "x2", label: "x₂ is 1", value: true },
  { name: "gate_weight", label: "both weights of each gate", from: -6, to: 6, step: 1, value: -2 },
  { name: "gate_bias", label: "bias of each gate", from: -6, to: 6, step: 1, value: 3 },
];

/* Compute the outputs of the inputs and of all gates, by their names. */
function evaluate({ wires, gate_weight, gate_bias }, a, b) {
  const outputs = { "x₁": a, "x₂": b };
  GATES.forEach((gate, i) => {
    const sum = gate_weight * outputs[wires[2 * i]] + gate_weight * outputs[wires[2 * i + 1]] + gate_bias;
    outputs[gate] = Number(sum > 0);
  });
  return outputs;
}

function compute(values) {
  const sums = ADDITIONS.map(([a, b]) => (({ "NAND₄": sum, "NAND₅": carry }) => `${carry}${sum}`)(evaluate(values, a, b)));
  const wrong = ADDITIONS.filter(([a, b], i) => parseInt(sums[i], 2) !== a + b);
  return { outputs: evaluate(values, Number(values.x1), Number(values.x2)), sums, wrong };
}

const HEIGHT = 330, REACH_OF_SOURCE = 38;
const PLACES = [[0, 70], [0, 260], [0.33, 165], [0.6, 58], [0.6, 272], [1, 112], [1, 232]];

function makePictures(el, change) {
  const drawing = makeDrawing(el, { label: "the circuit: drag a wire to another source, or click on it", height: HEIGHT }), { svg } = drawing;
  const wires = WIRES.map((_, i) => makeWire(svg, i)), nodes = SOURCES.map((name) => makeNode(svg, name)), ends = ["sum", "carry"].map(() => append(svg, "text"));
  const show = makeTable(el, ["addition", "wanted", "circuit"], "all additions, in binary: carry, sum"), write = makeStatus(el);
  let places = [], values, dragged = null; // {wire, at, from, target}

  /* The sources that a wire may have: the inputs, and the gates before its own. */
  const listSources = (wire) => SOURCES.slice(0, 2 + (wire >> 1));
  const connect = (wire, source) => change({ wires: values.wires.with(wire, source) });
  function turn(wire, by) {
    const sources = listSources(wire), next = sources.indexOf(values.wires[wire]) + by;
    connect(wire, sources[(next + sources.length) % sources.length]);
  }
  /* Wires may cross the end of another wire: there the end counts. */
  const findPlug = ([x, y]) => wires.findIndex(({ lastChild: plug }) => Math.hypot(plug.cx.baseVal.value - x, plug.cy.baseVal.value - y) < 9);
  wires.forEach((element, wire) => {
    element.addEventListener("keydown", (event) => {
      const by = { ArrowUp: -1, ArrowLeft: -1, ArrowDown: 1, ArrowRight: 1, Enter: 1, " ": 1 }[event.key];
      if (!by) return;
      event.preventDefault();
      turn(wire, by);
    });
    element.addEventListener("touchstart", (event) => event.preventDefault(), { passive: false }); // a finger drags, and does not scroll
    element.addEventListener("pointerdown", (event) => {
      const from = drawing.locate(event), near = findPlug(from);
      event.preventDefault();
      dragged = { wire: near < 0 ? wire : near, from, at: null, target: null };
      wires[dragged.wire].focus({ preventScroll: true });
      svg.setPointerCapture(event.pointerId);
    });
  });
  svg.addEventListener("pointermove", (event) => {
    if (!dragged) return;
    const at = drawing.locate(event);
    if (!dragged.at && Math.hypot(at[0] - dragged.from[0], at[1] - dragged.from[1]) < 5) return;
    const near = listSources(dragged.wire).map((name, i) => [Math.hypot(at[0] - places[i][0], at[1] - places[i][1]), name]).sort(([a], [b]) => a - b)[0];
    Object.assign(dragged, { at, target: near[0] < REACH_OF_SOURCE ? near[1] : null });
    drawing.show(paint);
  });
  svg.addEventListener("pointerup", () => {
    if (!dragged) return;
    const { wire, at, target } = dragged;
    dragged = null;
    if (!at) turn(wire, 1);
    else if (target) connect(wire, target);
    else drawing.show(paint);
  });
  svg.addEventListener("pointercancel", () => { dragged = null; drawing.show(paint); });
  INPUTS.forEach((name, i) => {
    set(nodes[i], { tabindex: 0, role: "switch", "aria-label": `input ${name}` });
    makePressable(nodes[i], () => change({ [`x${i + 1}`]: !values[`x${i + 1}`] }));
  });

  let outputs;
  function paint(wide) {
    const radius = wide < 480 ? 23 : 27;
    places = PLACES.map(([x, y]) => [radius + 4 + x * (wide - 2 * radius - 78), y]);
    wires.forEach((element, i) => paintWire(element, i, radius));
    nodes.forEach((element, i) => {
      const name = SOURCES[i], [circle, text] = element.children, [x, y] = places[i];
      set(circle, { cx: x, cy: y, r: radius });
      set(text, { x, y: y + 4 });
      text.style.fontSize = radius < 27 ? "11.5px" : "";
      set(element, { class: `node ${outputs[name] ? "on" : ""} ${dragged?.target === name ? "target" : ""}`, "aria-checked": Boolean(outputs[name]) });
    });
    ends.forEach((text, i) => {
      const [x, y] = places[5 + i];
      set(text, { x: x + radius + 6, y: y + 4 }).textContent = `${["sum", "carry"][i]} ${outputs[GATES[3 + i]]}`;
    });
  }
  function paintWire(element, i, radius) {
    const source = values.wires[i], gate = places[2 + (i >> 1)], sources = listSources(i);
    const end = [gate[0] - radius - 2, gate[1] + (i % 2 ? 9 : -9)], [x, y] = places[SOURCES.indexOf(source)];
    const start = dragged?.wire === i && dragged.at ? dragged.at : [x + radius, y], bend = start[0] + 0.8 * (end[0] - start[0]);
    const path = `M${start.map(Math.round)} C${Math.round(bend)},${Math.round(start[1])} ${Math.round(bend)},${end[1]} ${end.map(Math.round)}`;
    const [hit, line, plug] = element.children;
    set(hit, { d: path });
    set(line, { d: path });
    set(plug, { cx: end[0], cy: end[1], r: 5 });
    set(element, { class: `wire ${outputs[source] ? "on" : ""}`, "aria-valuenow": sources.indexOf(source), "aria-valuemin": 0,
      "aria-valuemax": sources.length - 1, "aria-valuetext": `from ${source}, which is ${outputs[source]}` });
  }

  return (state, all) => {
    values = all;
    outputs = state.outputs;
    drawing.show(paint);
    show(ADDITIONS.map(([a, b], i) => {
      const wanted = (a + b).toString(2).padStart(2, "0");
      return [`${a} + ${b}`, wanted, state.sums[i] === wanted ? state.sums[i] : { strong: `${state.sums[i]}, wrong` }];
    }));
    const count = 4 - state.wrong.length;
    write(`The circuit is right for ${count} of the 4 additions` + (count === 4 ? ": it adds." : `, and wrong for ${state.wrong.map((pair) => pair.join(" + ")).join(", ")}.`));
  };
}

function makeWire(svg, i) {
  const wire = append(svg, "g", { tabindex: 0, role: "slider", "aria-label": `${GATES[i >> 1]}, ${["first", "second"][i % 2]} wire` });
  append(wire, "path", { class: "hit" });
  append(wire, "path", { class: "line" });
  append(wire, "circle");
  return wire;
}

function makeNode(svg, name) {
  const node = append(svg, "g");
  append(node, "circle");
  append(node, "text", { "text-anchor": "middle" }).textContent = name;
  return node;
}

const questions = [
  { ask: "Find the wrong wire, and mend the adder.", holds: ({ wrong }) => !wrong.length },
  { ask: "Change both the weight and the bias of the gates, so that the mended adder still adds.",
    holds: ({ wrong }, { gate_weight, gate_bias }) => !wrong.length && gate_weight !== -2 && gate_bias !== 3 },
];

export default makeLesson({ controls, compute, makePictures, questions });
