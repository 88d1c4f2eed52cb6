/* The answer as a sum of functions: the last hidden layer's maps times their weights, one after another. */

import { paintNumbers } from "./colours.js";
import { formatNumber } from "./network_view.js";

const SHOWN = 48; // numbers on a side of a map of this view, at most

export class SumView {
  constructor(parent) {
    this.parent = parent;
    this.terms = [];
  }

  /* Make a figure for the bias, for each term, and for the output. */
  build(names, outputName) {
    this.parent.replaceChildren();
    const make = (name, kind) => {
      const figure = document.createElement("figure"), caption = document.createElement("figcaption");
      figure.className = `term ${kind}`;
      const maps = (kind === "term-one" ? ["the term", "the sum so far"] : ["the result"]).map((what) => {
        const canvas = document.createElement("canvas");
        canvas.className = "map";
        canvas.setAttribute("role", "img");
        canvas.setAttribute("aria-label", `${name}: ${what}`);
        return canvas;
      });
      caption.append(document.createElement("b"), document.createElement("span"));
      caption.firstChild.textContent = name;
      figure.append(caption, ...maps);
      this.parent.append(figure);
      return { maps, figures: caption.lastChild };
    };
    this.terms = ["bias", ...names].map((name) => make(name, "term-one"));
    this.result = make(outputName, "term-result");
  }

  /* Draw the sum for output j. `inputs` are the maps of n functions, `outputs` the map of the result. At a place of the
     cursor, `probe` has the values {inputs, output} there. */
  draw({ w, b }, j, inputs, n, outputs, bounds, theme, probe) {
    const side = Math.sqrt(inputs.length / n), every = Math.max(1, Math.floor(side / SHOWN));
    const few = Math.floor(side / every);
    const terms = Array.from({ length: n + 1 }, () => new Float64Array(few * few)), sums = terms.map((t) => t.slice());
    let most = 1e-9;
    for (let place = 0; place < few * few; place++) {
      const at = Math.floor(place / few) * every * side + (place % few) * every;
      let sum = 0;
      for (let k = 0; k <= n; k++) {
        const term = k === 0 ? b[j] : w[j * n + k - 1] * inputs[at * n + k - 1];
        sum += term;
        terms[k][place] = term;
        sums[k][place] = sum;
        most = Math.max(most, Math.abs(sum), Math.abs(term));
      }
    }
    this.terms.forEach(({ maps, figures }, k) => {
      paintNumbers(maps[0], terms[k], { low: -most, high: most }, theme);
      paintNumbers(maps[1], sums[k], { low: -most, high: most }, theme);
      const weight = k === 0 ? b[j] : w[j * n + k - 1];
      const value = k === 0 ? "" : ` · ${probe ? formatNumber(probe.inputs[k - 1]) : "a"}`;
      figures.textContent = formatNumber(weight) + value;
    });
    const nOut = outputs.length / (side * side), shades = nOut > 1 ? theme.classShades[j] : theme.shades;
    paintNumbers(this.result.maps[0], outputs, { n: nOut, j, ...bounds, low: nOut > 1 ? -1 : bounds.low }, { shades });
    this.result.figures.textContent = probe ? formatNumber(probe.output) : "";
  }
}
