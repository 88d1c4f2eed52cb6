/* The model of the page, and bars for its shares. */

const DAMAGED = "This page is damaged: its network cannot be read. Export it again.";

/* Read the model of the page, with its arrays decoded. A damaged page says so, at its top, and stops. */
export function readModel() {
  try {
    return decodeModel(JSON.parse(document.getElementById("model").textContent));
  } catch (error) {
    document.body.prepend(Object.assign(document.createElement("p"), { role: "alert", textContent: DAMAGED }));
    throw new Error(DAMAGED, { cause: error });
  }
}

function decodeModel(description) {
  const isArray = (value) => value !== null && typeof value === "object" && "base64" in value;
  const layers = description.layers.map((layer) => Object.fromEntries(
    Object.entries(layer).map(([name, value]) => [name, isArray(value) ? decodeArray(value) : value])));
  return { ...description, layers };
}

/* Decode the numbers of an array; other types and lengths are errors. */
function decodeArray({ type, base64 }) {
  const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0)).buffer;
  return new { float32: Float32Array, float64: Float64Array }[type](bytes);
}

/* Scale outputs to shares with the sum 1; outputs that are all 0 become equal. */
export function normalize(outputs) {
  const positive = outputs.map((v) => Math.max(v, 0)), sum = positive.reduce((a, v) => a + v, 0);
  return positive.map((v) => (sum ? v / sum : 1 / positive.length));
}

/* Make a row with a bar for each name in the body of a table. */
export function makeBars(body, names) {
  body.innerHTML = names.map(() => `<tr><th scope="row"></th><td><span></span></td><td></td></tr>`).join("");
  names.forEach((name, i) => { body.rows[i].cells[0].textContent = name; });
}

/* Show shares as bars, some of them as the best; NaN is no share. */
export function showBars(body, shares, isBest) {
  [...body.rows].forEach((row, i) => {
    row.className = isBest(i) ? "best" : "";
    row.querySelector("span").style.width = `${100 * (shares[i] || 0)}%`;
    row.cells[2].textContent = Number.isNaN(shares[i]) ? "–" : `${(100 * shares[i]).toFixed(1)} %`;
  });
}
