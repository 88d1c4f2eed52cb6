/* A tower: two bumps that cross, in the first hidden layer, and a neuron of the second that keeps only their crossing. */

const STEEP = 100, NARROW = 0.05;

const controls = [
  { name: "h", label: "weight h of each bump", from: 0.5, to: 20, step: 0.5, value: 10 },
  { name: "box", inPicture: true, value: [0.35, 0.65, 0.35, 0.65] }, // x₁ from, to; x₂ from, to
];

const sigma = (z) => 1 / (1 + Math.exp(-z));

function compute({ h, box }) {
  const bump = (x, from, to) => sigma(STEEP * (x - from)) - sigma(STEEP * (x - to));
  const z = (x, y) => h * (bump(x, box[0], box[1]) + bump(y, box[2], box[3]) - 1.5), tower = (x, y) => sigma(z(x, y));
  const middle = [(box[0] + box[1]) / 2, (box[2] + box[3]) / 2];
  return { weighted: computeSurface(z), tower: computeSurface(tower), inside: tower(...middle), arm: Math.max(tower(0, middle[1]), tower(1, middle[1])), outside: tower(0, 0) };
}

function makePictures(el, change) {
  const cross = makeChart(el, { label: "the weighted input of the neuron in the second hidden layer", axes: SQUARE, width: 340, height: 320 });
  const chart = makeChart(el, { label: "the output of this neuron: the tower", axes: SQUARE, width: 340, height: 320 });
  const write = makeStatus(el);
  const round = (v) => Number(v.toFixed(2));
  return ({ weighted, tower, inside, arm, outside }, { h, box }) => {
    const [left, right, low, high] = box;
    cross.show([{ ...paintSurface(weighted, 1.5 * h) }, { text: "weighted input", at: [0.03, 1.03] }]);
    chart.show([{ ...paintSurface(tower, 1) }, { text: "output: the tower", at: [0.03, 1.03] },
      { handle: "lower left corner", at: [left, low], colour: 1, step: [0.01, 0.01], move: (x, y) => change({ box: [round(Math.min(x, right - NARROW)), right, round(Math.min(y, high - NARROW)), high] }) },
      { handle: "upper right corner", at: [right, high], colour: 1, step: [0.01, 0.01], move: (x, y) => change({ box: [left, round(Math.max(x, left + NARROW)), low, round(Math.max(y, low + NARROW))] }) }]);
    write(`The output is ${inside.toFixed(3)} inside the tower, ${arm.toFixed(3)} where only one bump is, and ${outside.toFixed(3)} in the corner.`);
  };
}

const questions = [
  { ask: "Find the smallest h with which the output is above 0.95 inside and below 0.05 where only one bump is.", holds: ({ inside, arm }, { h }) => inside > 0.95 && arm < 0.05 && h <= 6 },
  { ask: "Make a tower that covers the left half of the square.", holds: ({ tower }) => tower.reduce((sum, v, i) => sum + Math.abs(v - Number(i < 0.5 * SIDE ** 2)), 0) / tower.length < 0.06 },
];

export default makeLesson({ controls, compute, makePictures, questions });
