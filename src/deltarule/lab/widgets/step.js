/* One sigmoid neuron with a large weight: nearly a step, at s = −b/w. */

const controls = [
  { name: "weight", label: "weight w", from: 1, to: 300, step: 1, value: 8 },
  { name: "place", label: "place of the step s", from: 0, to: 1, step: 0.01, value: 0.4 },
];

const POINTS = makeRange(0, 600).map((i) => i / 600);
const sigma = (z) => 1 / (1 + Math.exp(-z));

function compute({ weight, place }) {
  const outputs = POINTS.map((x) => sigma(weight * (x - place)));
  return { outputs, bias: -weight * place, rise: 2 * Math.log(99) / weight, steepest: weight / 4 };
}

function makePictures(el, change) {
  const chart = makeChart(el, { label: "the output of the neuron", width: 640, height: 240, axes: { x: { from: 0, to: 1, label: "input x" }, y: { from: -0.05, to: 1.05, label: "output σ(wx + b)" } } });
  const write = makeStatus(el);
  return ({ outputs, bias, rise, steepest }, { place }) => {
    chart.show([{ line: POINTS.map((x, i) => [x, outputs[i]]), colour: 0 },
      { handle: "the step", at: [place, 0.5], colour: 0, says: `s = ${formatNumber(place)}`, step: [0.01, 0], move: (x) => change({ place: Number(x.toFixed(2)) }) }]);
    write(`b = −ws = ${formatNumber(bias)}. The output rises from 0.01 to 0.99 over a distance of ${formatNumber(rise)}, and its slope is at most w/4 = ${formatNumber(steepest)}.`);
  };
}

const questions = [
  { ask: "Make a step at s = 0.7 that rises from 0.01 to 0.99 within a distance of 0.05.", holds: ({ rise }, { place }) => rise <= 0.05 && Math.abs(place - 0.7) < 0.011 },
];

export default makeLesson({ controls, compute, makePictures, questions });
