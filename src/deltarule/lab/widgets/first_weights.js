/* Two networks learn the small digits, each pixel enlarged to k × k pixels, from two kinds of first weights. */

const FLAT = Math.log(99), STARTS = { large: "s = 1", default: "s = 1/√n" };

const controls = [
  { name: "k", label: "enlargement k", from: 1, to: 4, step: 1, value: 4 },
  { name: "hidden", label: "hidden neurons", from: 10, to: 100, step: 10, value: 30 },
  { name: "eta", label: "learning rate η", from: 0.05, to: 0.5, step: 0.05, value: 0.1 },
  { name: "epochs", label: "epochs", from: 1, to: 20, step: 1, value: 8 },
];

const enlarged = new Map();

/* The examples with inputs k times as large. */
function enlarge(data, k) {
  const { x, labels } = readExamples(data), key = `${labels.length}, ${k}`;
  if (!enlarged.has(key)) enlarged.set(key, { x: x.map((v) => k * v), labels });
  return enlarged.get(key);
}

/* Train both. The k·k copies of a pixel are equal, so one weight v for inputs k times as large learns exactly as their
   k·k weights would: their sum is k·v, a normal number of the same spread, and takes the same steps. */
function* compute({ k, hidden, eta, epochs }, { training, validation }) {
  const examples = enlarge(training, k), unseen = enlarge(validation, k);
  const network = { sizes: [64, hidden, 10], hidden: "sigmoid", cost: "cross-entropy" };
  const curves = { large: [], default: [] }, saturated = { large: [], default: [] };
  function* learn(start) {
    const [below, last] = initialize(network, start, 1), spread = start === "default" ? 1 / k : 1;
    const params = [{ w: below.w.map((v) => spread * v), b: below.b }, last];
    for (const at of train(network, examples, { epochs, eta, params })) {
      if (at.isEpoch) {
        const { first, accuracy } = evaluate(network, at.params, unseen);
        saturated[start].push(100 * first.reduce((count, v) => count + (Math.abs(v) > FLAT), 0) / first.length);
        curves[start].push(accuracy);
      }
      yield;
    }
  }
  for (const _ of takeTurns(Object.keys(STARTS).map(learn))) {
    if (!curves.default.length) continue; // both have a first record in the first state
    yield { curves, saturated, isFinished: curves.default.length === epochs + 1 };
  }
}

function makePictures(el) {
  const size = { width: 460, height: 290 }, x = { from: 0, to: 8, label: "epoch" };
  const accuracy = { from: 0, to: 100, label: "validation accuracy in %" }, share = { from: 0, to: 100, label: "saturated in %" };
  const learning = makeChart(el, { axes: { x, y: accuracy }, label: "validation accuracy after each epoch", ...size });
  const flat = makeChart(el, { axes: { x, y: share }, label: "share of saturated hidden neurons after each epoch", ...size });
  const write = makeStatus(el);
  return ({ curves, saturated }, { k, hidden, eta, epochs }) => {
    const trace = (of) => Object.entries(STARTS).flatMap(([start, name], i) => {
      const line = of[start].map((v, epoch) => [epoch, v]);
      return [{ line, colour: 1 - i, dash: i ? "none" : "6 4", name }, { points: line, colour: 1 - i }];
    });
    learning.show(trace(curves), { x: { ...x, to: epochs }, y: accuracy });
    flat.show(trace(saturated), { x: { ...x, to: epochs }, y: share });
    const say = (start) => `${curves[start].at(-1).toFixed(1)} % with ${STARTS[start]} (saturated at first: ${saturated[start][0].toFixed(0)} %)`;
    write(`${(64 * k * k).toLocaleString("en")} inputs, ${hidden} hidden neurons, η = ${formatNumber(eta)}, epoch ${curves.default.length - 1} of ${epochs}: ${say("large")}, ${say("default")}.`);
  };
}

const questions = [
  { ask: "Find settings with which s = 1 ends ahead.", holds: ({ curves, isFinished }) => isFinished && curves.large.at(-1) > curves.default.at(-1) },
  { ask: "With 1,024 inputs, find settings with which s = 1 ends at most 3 points below s = 1/√n.", holds: ({ curves, isFinished }, { k }) => isFinished && k === 4 && curves.large.at(-1) > curves.default.at(-1) - 3 },
];

export default makeLesson({ controls, compute, makePictures, questions });
