/* Three networks learn the small digits, alike but for η. Each η that was tried leaves a point. */

const ETAS = makeRange(-30, 20).map((i) => Number((10 ** (i / 10)).toPrecision(3))), LONGEST = 30;
const NAMES = { first: "first η", second: "second η", third: "third η" };
const GUESSING = -Math.log(0.1) - 9 * Math.log(0.9), NOT = "is no better than guessing", OSCILLATES = "comes down, but oscillates", SLOW = "comes down, but slowly", SMOOTH = "comes down smoothly";

const controls = [
  { name: "first", label: NAMES.first, steps: ETAS, value: 0.0251 },
  { name: "second", label: NAMES.second, steps: ETAS, value: 0.501 },
  { name: "third", label: NAMES.third, steps: ETAS, value: 20 },
  { name: "hidden", label: "activation", options: { sigmoid: "sigmoid", tanh: "tanh", ReLU: "relu" }, value: "sigmoid" },
  { name: "epochs", label: "epochs", from: 2, to: LONGEST, step: 1, value: 10 },
];

/* All runs so far, {hidden, eta, costs, learn}: a longer run continues a shorter one. */
const runs = new Map();

function getRun(hidden, eta, { training }) {
  const key = `${hidden}, ${eta}`, costs = [], network = { sizes: [64, 20, 10], hidden, cost: "cross-entropy" };
  function* learn() {
    const examples = readExamples(training);
    for (const at of train(network, examples, { epochs: LONGEST, eta })) {
      if (at.isEpoch) costs.push(evaluate(network, at.params, examples).cost);
      yield;
    }
  }
  if (!runs.has(key)) runs.set(key, { hidden, eta, costs, learn: learn() });
  return runs.get(key);
}

function* compute(values, data) {
  const { hidden, epochs } = values, etas = Object.keys(NAMES).map((name) => values[name]);
  const three = etas.map((eta) => getRun(hidden, eta, data)), isOpen = (run) => run.costs.length <= epochs;
  const read = () => {
    const costs = three.map((run) => run.costs.slice(0, epochs + 1)), isFinished = !three.some(isOpen);
    return { etas, costs, isFinished, verdicts: costs.map((cost) => (cost.length > epochs ? judge(cost) : "is learning")) };
  };
  yield read();
  while (three.some(isOpen)) {
    for (const run of three.filter(isOpen)) {
      const { length } = run.costs;
      run.learn.next();
      yield run.costs.length > length ? read() : undefined;
    }
  }
}

/* Say in words how the cost of a run goes; GUESSING is the cost of ten equal answers. */
function judge(cost) {
  const end = cost.at(-1), rises = cost.some((later, i) => i && later > 1.2 * cost[i - 1]);
  if (!(end < GUESSING) && (rises || !(end < 0.9 * cost[1]))) return NOT;
  if (rises) return OSCILLATES;
  return end > 0.2 * cost[0] ? SLOW : SMOOTH;
}

function makePictures(el, set) {
  const size = { width: 460, height: 320 }, low = 0.05, y = { from: low, to: 1000, log: true, label: "cost on the training images" };
  const falls = makeChart(el, { axes: { x: { from: 0, to: 10, label: "epoch" }, y }, label: "the cost of each network after each epoch", ...size });
  const ends = makeChart(el, { axes: { x: { from: 1e-3, to: 100, log: true, label: "learning rate η" }, y }, label: "the cost at the end for each η", ...size });
  const write = makeStatus(el), fit = (cost) => Math.min(900, Math.max(low, Number.isFinite(cost) ? cost : 900));
  return ({ etas, costs, verdicts }, { hidden, epochs }) => {
    falls.show([{ line: [[0, GUESSING], [epochs, GUESSING]], colour: 6, width: 1, dash: "2 3", name: "guessing" }, ...costs.flatMap((cost, i) => {
      const line = cost.map((c, epoch) => [epoch, c]);
      return [{ line, colour: i, name: `η = ${formatNumber(etas[i])}` }, { points: line, colour: i, radius: 2.5 }];
    })], { x: { from: 0, to: epochs, label: "epoch" }, y });
    const tried = [...runs.values()].filter((run) => run.hidden === hidden && run.costs.length > epochs);
    ends.show([{ line: [[1e-3, GUESSING], [100, GUESSING]], colour: 6, width: 1, dash: "2 3" },
      { points: tried.map((run) => [run.eta, fit(run.costs[epochs])]), colour: "gray", name: "η that was tried" },
      ...Object.entries(NAMES).map(([name, words], i) => ({ handle: words, at: [etas[i], fit(costs[i].length ? costs[i].at(-1) : GUESSING)], colour: i, step: [0.26 * etas[i], 0], says: formatNumber(etas[i]), move: (eta) => set({ [name]: findNearest(eta) }) }))]);
    const tellCost = (cost) => (cost.length ? `: cost ${formatNumber(cost.at(-1))} after epoch ${cost.length - 1}` : "");
    write(etas.map((eta, i) => `η = ${formatNumber(eta)} ${verdicts[i]}${tellCost(costs[i])}.`).join(" "));
  };
}

const findNearest = (eta) => ETAS.reduce((a, b) => (Math.abs(Math.log(b / eta)) < Math.abs(Math.log(a / eta)) ? b : a));

const questions = [
  { ask: "Where is the threshold for sigmoids? Find an η with which the cost oscillates, and another one, at least a third as large, with which it comes down smoothly.",
    holds: ({ etas, verdicts }, { hidden }) => hidden === "sigmoid" && etas.some((large, i) => verdicts[i] === OSCILLATES && etas.some((small, j) => verdicts[j] === SMOOTH && small < large && small >= large / 3)) },
  { ask: "Find an η with which the network with ReLU has a cost below 0.35 after ten epochs.",
    holds: ({ costs, isFinished }, { hidden, epochs }) => isFinished && hidden === "relu" && epochs === 10 && costs.some((cost) => cost.at(-1) < 0.35) },
];

export default makeLesson({ controls, compute, makePictures, questions });
