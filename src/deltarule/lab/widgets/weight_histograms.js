/* The weights of the first layer of three networks while they learn: without regularization, with L2, with dropout. */

const EPOCHS = 60, HIDDEN = 50, BINS = 60, NAMES = ["no regularization", "weight decay", "dropout"];

const controls = [
  { name: "lmbda", label: "weight decay λ", from: 0, to: 5, step: 0.1, value: 1 },
  { name: "p", label: "dropout p", from: 0, to: 0.8, step: 0.1, value: 0.5 },
];

/* All networks so far: one is trained once for its settings. */
const trained = new Map();

function getNetwork(lmbda, p, { training, validation }) {
  const key = `${lmbda}, ${p}`, network = { sizes: [64, HIDDEN, 10], hidden: "sigmoid", cost: "cross-entropy", dropout: p };
  const one = { epoch: 0, weights: [], accuracy: NaN }, last = p ? 3 : 2, start = makeKey(1); // the last layer's number in Python
  const params = [INITIALIZERS.default(fold(start, 0), HIDDEN, 64), INITIALIZERS.default(fold(start, last), 10, HIDDEN)];
  function* learn() {
    const unseen = readExamples(validation);
    for (const at of train(network, takeExamples(readExamples(training), 300, 0.2, 7), { epochs: EPOCHS, eta: 0.5, lmbda, params })) {
      if (at.isEpoch) Object.assign(one, { epoch: at.epoch, weights: Array.from(at.params[0].w), accuracy: evaluate(network, at.params, unseen).accuracy });
      yield;
    }
  }
  if (!trained.has(key)) {
    trained.set(key, Object.assign(one, { learn: learn() }));
    one.learn.next();
  }
  return trained.get(key);
}

function* compute({ lmbda, p }, data) {
  const three = [getNetwork(0, 0, data), getNetwork(lmbda, 0, data), getNetwork(0, p, data)], isOpen = (one) => one.epoch < EPOCHS;
  const read = () => ({ weights: three.map((one) => one.weights), accuracy: three.map((one) => one.accuracy), epoch: Math.min(...three.map((one) => one.epoch)), isFinished: !three.some(isOpen) });
  yield read();
  for (let open = three; open.length; open = open.filter(isOpen)) {
    for (const one of open) {
      const { epoch } = one;
      one.learn.next();
      yield one.epoch > epoch ? read() : undefined;
    }
  }
}

function makePictures(el) {
  const x = { from: -3, to: 3, label: "weight of the first layer" }, y = { from: 0, to: 800, label: "number of weights" };
  const charts = NAMES.map((name) => makeChart(el, { axes: { x, y }, label: `the weights of the first layer: ${name}`, width: 300, height: 240 }));
  const write = makeStatus(el);
  return ({ weights, accuracy, epoch }, { lmbda, p }) => {
    const counted = weights.map(countWeights), most = Math.ceil(Math.max(300, ...counted.flat().map(([, , n]) => n)) / 100) * 100;
    const names = [NAMES[0], `weight decay λ = ${formatNumber(lmbda)}`, `dropout p = ${formatNumber(p)}`];
    charts.forEach((chart, i) => chart.show([{ bars: counted[i], colour: i, name: names[i] }], { x, y: { ...y, to: most } }));
    write(`Epoch ${epoch} of ${EPOCHS}, validation accuracy: ${names.map((name, i) => `${accuracy[i].toFixed(1)} % with ${name}`).join(", ")}.`);
  };
}

/* Count the weights in bins from −3 to 3; weights beyond are in the outer bins. */
function countWeights(weights) {
  const counts = Array(BINS).fill(0), width = 6 / BINS;
  for (const w of weights) counts[Math.min(BINS - 1, Math.max(0, Math.floor((w + 3) / width)))]++;
  return counts.map((n, i) => [-3 + i * width, -3 + (i + 1) * width, n]);
}

const questions = [
  { ask: "Find a λ with which the network with weight decay reads fewer validation images correctly than the one without.", holds: ({ accuracy, isFinished }, { lmbda }) => isFinished && lmbda > 0 && accuracy[1] < accuracy[0] },
];

export default makeLesson({ controls, compute, makePictures, questions });
