/* The chart of the costs of a run over its epochs, with axes, as SVG. */

const WIDE = 380, HIGH = 190, LEFT = 46, RIGHT = 10, TOP = 10, BOTTOM = 34;
const NAMESPACE = "http://www.w3.org/2000/svg";

function makeShape(name, attributes, parent, text = "") {
  const shape = document.createElementNS(NAMESPACE, name);
  for (const [key, value] of Object.entries(attributes)) shape.setAttribute(key, value);
  shape.textContent = text;
  parent.append(shape);
  return shape;
}

/* Round steps of an axis: 1, 2 or 5 times a power of ten, about `count` of them up to `most`. */
export function chooseTicks(most, count) {
  const rough = most / count, power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((one) => one * power >= rough);
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  return Array.from({ length: Math.floor(most / step + 1e-9) + 1 }, (_, i) => Number((i * step).toFixed(digits)));
}

export class CostChart {
  constructor(parent) {
    this.svg = makeShape("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, role: "img", class: "chart" }, parent);
    this.axes = makeShape("g", {}, this.svg);
    this.lines = ["test", "training"].map((name) => makeShape("polyline", { class: `line ${name}` }, this.svg));
    this.marker = makeShape("line", { class: "marker", y1: TOP, y2: HIGH - BOTTOM }, this.svg);
    this.drawn = null;
  }

  /* Draw the costs of all records, and mark the current epoch. */
  draw(records, epochs) {
    const costs = records.flatMap(({ cost, testCost }) => [cost, testCost]).filter(Number.isFinite);
    const first = Math.max(records[0].cost, records[0].testCost || 0);
    const most = Math.min(Math.max(1e-3, ...costs), Number.isFinite(first) ? 5 * first + 1e-3 : Infinity);
    const last = Math.max(1, records.at(-1).epochs);
    const x = (epoch) => LEFT + (WIDE - LEFT - RIGHT) * epoch / last;
    const y = (cost) => TOP + (HIGH - TOP - BOTTOM) * (1 - Math.min(cost / most, 1));
    ["testCost", "cost"].forEach((name, i) => {
      const place = (one) => `${round(x(one.epochs))},${round(y(one[name]))}`;
      const points = records.filter((one) => Number.isFinite(one[name])).map(place);
      this.lines[i].setAttribute("points", points.join(" "));
    });
    for (const end of ["x1", "x2"]) this.marker.setAttribute(end, x(Math.min(epochs, last)));
    this.drawAxes(x, y, last, most);
    const final = records.at(-1), say = (v) => (Number.isFinite(v) ? v.toPrecision(3) : "none");
    this.svg.setAttribute("aria-label", `Costs over ${Math.round(last)} epochs: training ${say(final.cost)}, test ` +
      `${say(final.testCost)} at the end.`);
  }

  drawAxes(x, y, last, most) {
    const ticks = { x: chooseTicks(last, 5), y: chooseTicks(most, 4) }, wanted = JSON.stringify([ticks, last, most]);
    if (wanted === this.drawn) return;
    this.drawn = wanted;
    this.axes.replaceChildren();
    for (const tick of ticks.y) {
      makeShape("line", { class: "grid", x1: LEFT, x2: WIDE - RIGHT, y1: y(tick), y2: y(tick) }, this.axes);
      makeShape("text", { class: "tick end", x: LEFT - 6, y: y(tick) + 4 }, this.axes, String(tick));
    }
    for (const tick of ticks.x)
      makeShape("text", { class: "tick middle", x: x(tick), y: HIGH - BOTTOM + 14 }, this.axes, String(tick));
    makeShape("line", { class: "axis", x1: LEFT, x2: WIDE - RIGHT, y1: y(0), y2: y(0) }, this.axes);
    makeShape("text", { class: "tick middle", x: (LEFT + WIDE - RIGHT) / 2, y: HIGH - 5 }, this.axes, "epoch");
    const middle = (TOP + HIGH - BOTTOM) / 2, transform = `rotate(-90 11 ${middle})`;
    makeShape("text", { class: "tick middle", x: 11, y: middle, transform }, this.axes, "cost C");
  }
}

const round = (v) => Math.round(10 * v) / 10;
