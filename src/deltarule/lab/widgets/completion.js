/* A Boltzmann machine completes a drawing of which only a part is known: clamped Gibbs sampling. */

const SIDE = 28, PIXELS = SIDE * SIDE, NAMES = makeRange(0, 9).map(String);
const HALVES = { "the upper half": (row) => row < SIDE / 2, "the left half": (_, column) => column < SIDE / 2, "the lower half": (row) => row >= SIDE / 2, "the right half": (_, column) => column >= SIDE / 2 };

/* A seven of strokes between these points, [column, row]: what is completed before anything is drawn. */
const STROKES = [[7, 9], [19, 8], [17, 13], [13, 23]], WIDE = 1.5;
const SEVEN = makeRange(0, PIXELS - 1).map((i) => {
  const distances = STROKES.slice(1).map((end, k) => findDistance([i % SIDE, Math.floor(i / SIDE)], STROKES[k], end));
  return Math.round(255 * Math.min(1, Math.max(0, WIDE - Math.min(...distances))));
});

/* The distance of a point from the line between two others. */
function findDistance([x, y], [x0, y0], [x1, y1]) {
  const [dx, dy] = [x1 - x0, y1 - y0], t = Math.min(1, Math.max(0, ((x - x0) * dx + (y - y0) * dy) / (dx * dx + dy * dy)));
  return Math.hypot(x - x0 - t * dx, y - y0 - t * dy);
}

const controls = [
  { name: "known", label: "what is known", options: Object.fromEntries(Object.keys(HALVES).map((name) => [name, name])), value: "the upper half" },
  { name: "label", label: "it is", options: { "any digit": null, ...Object.fromEntries(NAMES.map((name, i) => [`a ${name}`, i])) }, value: null },
  { name: "steps", label: "steps", from: 1, to: 400, step: 1, value: 200 },
  { name: "seed", label: "seed", from: 1, to: 50, step: 1, value: 2 },
  { label: "another completion", press: ({ seed }) => ({ seed: seed % 50 + 1 }) },
  { name: "ink", inPicture: true, value: SEVEN },
];

/* The known pixels keep their values while the others are drawn again and again. */
function* compute({ known: half, label, steps, seed, ink }, { machine }) {
  const params = readMachine(machine), key = makeKey(seed), n = params.b.length;
  const isKnown = (i) => (i < PIXELS ? HALVES[half](Math.floor(i / SIDE), i % SIDE) : label !== null);
  const known = Array.from({ length: n }, (_, i) => (isKnown(i) ? 1 : 0)), given = Array.from({ length: n }, (_, i) => (i < PIXELS ? ink[i] / 255 : i === PIXELS + label ? 1 : 0));
  const start = drawUnits(fold(key, 0), Float64Array.from({ length: n }, () => 0.5));
  for (const { step, visible } of runChain(params, start, fold(key, 1), steps, known, given))
    yield { step, known: known.slice(0, PIXELS), given: ink.map((v, i) => (known[i] ? v / 255 : 0)), pixels: Array.from(visible.slice(0, PIXELS)), labels: Array.from(visible.slice(PIXELS)) };
}

function makePictures(el, change) {
  const write = makeStatus(el);
  makePad(append(el, "div", { class: "completion-pad" }), SIDE, SIDE, (pixels) => change({ ink: Array.from(pixels) }));
  const given = makePixels(el, { label: "the known part of the drawing", width: 220, caption: "what the machine is given", frame: {} });
  const image = makePixels(el, { label: "the drawing as the machine completes it", width: 220, caption: "what it makes of it", frame: {} });
  const share = { x: { from: -0.5, to: 9.5, label: "digit", names: NAMES.map((name, i) => [i, name]) }, y: { from: 0, to: 1, label: "probability" } };
  const bars = makeChart(el, { axes: share, label: "the probabilities of the label units", width: 400, height: 220 });
  return ({ step, given: shown, pixels, labels }, { known: half, steps }) => {
    const rows = half.endsWith("er half"), at = { row: half === "the lower half" ? SIDE / 2 : 0, column: half === "the right half" ? SIDE / 2 : 0, rows: rows ? SIDE / 2 : SIDE, columns: rows ? SIDE : SIDE / 2 };
    given({ values: shown, columns: SIDE, top: 1, at });
    image({ values: pixels, columns: SIDE, top: 1, at });
    bars.show([{ bars: labels.map((p, i) => [i - 0.4, i + 0.4, p]), colour: 0 }]);
    const best = labels.indexOf(Math.max(...labels));
    write(`Step ${step} of ${steps}. The label units call the completed drawing a ${best}, with ${Math.round(100 * labels[best])} %.`);
  };
}

const isDrawn = ({ step, given }, { steps, label, ink }) => step === steps && label === null && given.some((v) => v > 0.5) && ink.some((v, i) => v !== SEVEN[i]);
const questions = [
  { ask: "Draw half a seven yourself, and let the machine complete it and call it a 7.", holds: (state, values) => isDrawn(state, values) && state.labels[7] > 0.5 },
  { ask: "Draw the upper half of a ring. The machine makes a 9 of it, or a 0: find a seed for a 0.", holds: (state, values) => isDrawn(state, values) && state.labels[0] > 0.5 },
];

export default makeLesson({ controls, compute, makePictures, questions });
