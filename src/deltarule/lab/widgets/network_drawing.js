/* A drawing of a small network, with a number in each neuron, on each edge, and below each neuron.

     drawing.show({sizes, inside(l, j), below(l, j), edges: [[[number, …], …], …], quantity, picked: [l, j]})

   edges[l][j][k] leads from neuron k of layer l to neuron j of the next one; edges above 0 are blue and those below
   orange, and larger numbers have thicker edges. `below` gives a number or null. `press(l, j)` is called when a neuron
   is pressed. A narrow page has room for the numbers of the picked neuron's edges only; a list has all of them. */

const ALONG = [0.29, 0.57, 0.64]; // where the numbers of a neuron's edges stand along them

export function makeNetworkDrawing(el, { label, press, width = 720, height = 360 }) {
  const holder = append(el, "div", { class: "network" });
  const drawing = makeDrawing(holder, { label, width, height }), { svg } = drawing;
  const lines = append(svg, "g"), headings = append(svg, "g"), neurons = append(svg, "g"), numbers = append(svg, "g", { class: "edge-numbers" });
  const details = append(holder, "details"), list = (append(details, "summary").textContent = "all numbers as a list", append(details, "ul"));
  let shown;

  function makeNeurons({ sizes }) {
    sizes.forEach((n, l) => makeRange(0, n - 1).forEach((j) => {
      const neuron = append(neurons, "g", { "data-neuron": `${l},${j}` });
      append(neuron, "circle");
      ["inside", "below"].forEach((name) => append(neuron, "text", { class: name, "text-anchor": "middle" }));
      if (l) makePressable(set(neuron, { tabindex: 0, role: "button" }), () => press(l, j));
    }));
  }

  function paint(wide) {
    if (!shown) return;
    const { sizes, inside, below, edges, picked } = shown, radius = wide < 520 ? 21 : 26, isNarrow = wide < 520;
    const locate = (l, j) => [radius + 6 + l * (wide - 2 * radius - 12) / (sizes.length - 1), height / 2 + 4 + (j - (sizes[l] - 1) / 2) * 112];
    [lines, numbers, headings].forEach((group) => group.replaceChildren());
    sizes.forEach((_, l) => { append(headings, "text", { x: locate(l, 0)[0], y: 14, "text-anchor": "middle" }).textContent = `layer ${l + 1}`; });
    const most = Math.max(...edges.flat(2).map(Math.abs)) || 1;
    edges.forEach((rows, l) => rows.forEach((row, j) => row.forEach((value, k) => {
      const [x1, y1] = locate(l, k), [x2, y2] = locate(l + 1, j), along = ALONG[k % ALONG.length];
      append(lines, "line", { x1, y1, x2, y2, stroke: colourOf({ colour: value < 0 ? 1 : 0 }), "stroke-width": 1 + 6 * Math.abs(value) / most, opacity: 0.7 });
      const isOfPicked = (picked[0] === l + 1 && picked[1] === j) || (picked[0] === l && picked[1] === k);
      if (isNarrow && !isOfPicked) return;
      append(numbers, "text", { x: x1 + along * (x2 - x1), y: y1 + along * (y2 - y1) - 4, "text-anchor": "middle" }).textContent = formatSigned(value);
    })));
    [...neurons.children].forEach((neuron) => {
      const [l, j] = neuron.dataset.neuron.split(",").map(Number), [x, y] = locate(l, j), under = below(l, j), [circle, text, belowText] = neuron.children;
      const isPicked = picked[0] === l && picked[1] === j;
      set(neuron, { class: `node ${isPicked ? "picked" : ""}`, "aria-label": describe(l, j) });
      if (l) neuron.setAttribute("aria-pressed", isPicked);
      set(circle, { cx: x, cy: y, r: radius });
      set(text, { x, y: y + 5 }).textContent = inside(l, j);
      set(belowText, { x, y: y + radius + 15 }).textContent = under === null ? "" : `δ ${formatSigned(under)}`;
    });
  }

  function describe(l, j) {
    const under = shown.below(l, j), before = l ? `; ${shown.quantity} from layer ${l}: ${shown.edges[l - 1][j].map(formatSigned).join(", ")}` : "";
    return `layer ${l + 1}, neuron ${j + 1}: ${shown.inside(l, j)}${under === null ? "" : `, δ ${formatSigned(under)}`}${before}`;
  }

  return {
    show(next) {
      shown = next;
      if (!neurons.children.length) makeNeurons(next);
      drawing.show(paint);
      list.replaceChildren(...[...neurons.children].map((neuron) => {
        const entry = document.createElement("li");
        entry.textContent = describe(...neuron.dataset.neuron.split(",").map(Number));
        return entry;
      }));
    },
  };
}

/* Write a number with its sign. */
export function formatSigned(v) {
  return v > 0 ? `+${formatNumber(v)}` : formatNumber(v);
}
