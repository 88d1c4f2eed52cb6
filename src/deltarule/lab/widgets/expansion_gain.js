/* What augmentation gains: accuracies that were measured beforehand, by images, turns and shifts. */

const IMAGES = [100, 300, 1000, 3000], DEGREES = [0, 5, 10, 20, 40, 60], PIXELS = [0, 1, 2, 4];

const controls = [
  { name: "images", label: "training images", steps: IMAGES, value: 300 },
  { name: "degrees", label: "turned by at most", steps: DEGREES, value: 10, unit: "°" },
  { name: "pixels", label: "shifted by at most", steps: PIXELS, value: 1, unit: " pixels" },
];

const mean = (values) => values.reduce((a, b) => a + b, 0) / values.length;

function compute({ images, degrees, pixels }, { accuracy }) {
  const table = accuracy[IMAGES.indexOf(images)], curves = PIXELS.map((_, k) => table.map((row) => mean(row[k])));
  const chosen = table[DEGREES.indexOf(degrees)][PIXELS.indexOf(pixels)];
  return { curves, chosen, plain: table[0][0], gain: mean(chosen) - mean(table[0][0]), best: Math.max(...curves.flat()) };
}

function makePictures(el) {
  const axes = (low, high) => ({ x: { from: 0, to: 62, label: "turned by at most, in degrees" }, y: { from: low, to: high, label: "accuracy in %" } });
  const chart = makeChart(el, { axes: axes(50, 100), label: "validation accuracy by turns and shifts", width: 680, height: 320 });
  const write = makeStatus(el);
  return ({ curves, chosen, plain, gain }, { images, degrees, pixels }) => {
    const all = curves.flat(), low = 5 * Math.floor(Math.min(...all) / 5), high = Math.min(100, 5 * Math.ceil(Math.max(...all) / 5));
    const at = (k) => curves[k].map((value, j) => [DEGREES[j], value]);
    chart.show([
      { line: [[0, mean(plain)], [62, mean(plain)]], colour: "currentColor", dash: "4 4", width: 1.5, name: "as they are" },
      ...PIXELS.map((p, k) => ({ line: at(k), colour: k, width: p === pixels ? 3.5 : 1.5, name: p ? `shifts of at most ${p} pixel${p > 1 ? "s" : ""}` : "no shifts" })),
      ...PIXELS.map((_, k) => ({ points: at(k), colour: k, radius: 3 })),
      { points: [[degrees, mean(chosen)]], colour: PIXELS.indexOf(pixels), radius: 9, hollow: true },
    ], axes(low, high));
    const format = (values) => `${mean(values).toFixed(1)} % (${[...values].sort((a, b) => a - b).map((v) => v.toFixed(1)).join(", ")})`;
    write(`${formatNumber(images)} images, with three different seeds: as they are ${format(plain)}; expanded ${format(chosen)}, ${gain < 0 ? "lower" : "higher"} by ${Math.abs(gain).toFixed(1)}.`);
  };
}

const questions = [
  { ask: "Find the turns and shifts that help most with 100 images.",
    holds: ({ chosen, best }, { images }) => images === 100 && mean(chosen) === best },
  { ask: "Find turns and shifts that do harm, with 3,000 images.",
    holds: ({ gain }, { images }) => images === 3000 && gain < 0 },
];

export default makeLesson({ controls, compute, makePictures, questions });
