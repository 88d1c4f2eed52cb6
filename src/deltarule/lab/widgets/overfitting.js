/* A network learns a few digits, some with false labels, with weight decay. */

const controls = [
  { name: "lmbda", label: "weight decay λ", from: 0, to: 5, step: 0.1, value: 0 },
  { name: "wrong", label: "share of false labels", from: 0, to: 0.5, step: 0.05, value: 0.2 },
  { name: "draw", label: "draw of the false labels", from: 1, to: 10, step: 1, value: 7 },
  { name: "n", label: "training images n", from: 50, to: 1000, step: 50, value: 300 },
  { name: "epochs", label: "epochs", from: 10, to: 200, step: 10, value: 100 },
];

const NETWORK = { sizes: [64, 30, 10], hidden: "sigmoid", cost: "cross-entropy" };

/* Train the network, with a record for each epoch; the first one is from before it learns. */
function* compute({ lmbda, wrong, draw, n, epochs }, { training, validation }) {
  const examples = takeExamples(readExamples(training), n, wrong, draw), unseen = readExamples(validation), records = [];
  for (const { epoch, params, isEpoch } of train(NETWORK, examples, { epochs, eta: 0.5, lmbda })) {
    if (!isEpoch) {
      yield;
      continue;
    }
    const [a, b] = [examples, unseen].map((set) => evaluate(NETWORK, params, set));
    records.push({ training: a.accuracy, validation: b.accuracy, trainingCost: a.cost, validationCost: b.cost });
    const weights = params.reduce((sum, { w }) => sum + w.reduce((one, v) => one + v * v, 0), 0);
    yield { records, weights, isFinished: epoch === epochs };
  }
}

function makePictures(el) {
  const size = { width: 400, height: 290 }, x = { from: 0, to: 100, label: "epoch" };
  const accuracy = makeChart(el, { axes: { x, y: { from: 0, to: 100, label: "accuracy in %" } }, label: "accuracy on the training and the validation images", ...size });
  const cost = makeChart(el, { axes: { x, y: { from: 0, to: 4, label: "cost" } }, label: "cost on the training and the validation images", ...size });
  const tries = makeChart(el, { axes: { x: { from: 0, to: 5, label: "weight decay λ" }, y: { from: 60, to: 100, label: "accuracy in %" } }, label: "the accuracy on the validation images at the end, for each λ that was tried", ...size });
  const write = makeStatus(el);
  let last = [], current = [], tried = new Map(), others = "";
  return ({ records, weights, isFinished }, { lmbda, wrong, draw, n, epochs }) => {
    const settings = [wrong, draw, n, epochs].join();
    if (settings !== others) [tried, others] = [new Map(), settings];
    if (records !== current) [last, current] = [current.length > 10 ? current : last, records];
    const axis = { ...x, to: epochs }, trace = (name, from) => from.map((record, i) => [i, record[name]]);
    const old = (name) => ({ line: trace(name, last), colour: "var(--line)", width: 1.5 });
    accuracy.show([old("training"), { ...old("validation"), name: last.length ? "last run" : "" }, { line: trace("training", records), colour: 0, dash: "6 4", name: "training" },
      { line: trace("validation", records), colour: 1, name: "validation" }], { x: axis, y: { from: 0, to: 100, label: "accuracy in %" } });
    const top = Math.max(2, ...[...records.slice(1), ...last.slice(1)].flatMap((record) => [record.trainingCost, record.validationCost]));
    cost.show([old("trainingCost"), old("validationCost"), { line: trace("trainingCost", records), colour: 0, dash: "6 4", name: "training" },
      { line: trace("validationCost", records), colour: 1, name: "validation" }], { x: axis, y: { from: 0, to: Math.ceil(top), label: "cost" } });
    const { training, validation } = records.at(-1), best = records.reduce((a, b) => (b.validation > a.validation ? b : a)).validation;
    if (isFinished) tried.set(lmbda, validation);
    const pairs = [...tried].sort(([a], [b]) => a - b), low = Math.min(60, ...pairs.map(([, y]) => y - 5));
    tries.show([{ line: pairs, colour: "var(--line)" }, { points: pairs, colour: 1, name: "validation at the end of each run" }],
      { x: { from: 0, to: 5, label: "weight decay λ" }, y: { from: low, to: 100, label: "accuracy in %" } });
    write(`λ = ${formatNumber(lmbda)}, epoch ${records.length - 1} of ${epochs}, ${n} images: validation ${validation.toFixed(1)} % (at best ${best.toFixed(1)} %), ` +
      `training ${training.toFixed(1)} %${wrong ? `, where ${Math.round(100 * wrong)} % of the labels are false (draw ${draw})` : ""}. The sum of the squared weights is ${Math.round(weights)}.`);
  };
}

const isHard = ({ wrong, n, epochs }) => wrong >= 0.2 && n <= 300 && epochs >= 50;

const questions = [
  { ask: "Find a λ with which the network reads more than 88 % of the validation images at the end (300 images, a fifth of the labels false).",
    holds: ({ records, isFinished }, values) => isFinished && isHard(values) && records.at(-1).validation > 88 },
  { ask: "Find a λ with which the training accuracy ends below the validation accuracy (again 300 images, a fifth of the labels false). Why is that not a mistake?",
    holds: ({ records, isFinished }, values) => isFinished && isHard(values) && records.at(-1).training < records.at(-1).validation },
];

export default makeLesson({ controls, compute, makePictures, questions });
