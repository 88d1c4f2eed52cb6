/* Several networks learn with and without dropout; each answers alone, and all of them vote. */

const EPOCHS = 30, PLAIN = "without dropout";

const controls = [
  { name: "p", label: "dropout p", from: 0.1, to: 0.8, step: 0.1, value: 0.5 },
  { name: "wrong", label: "share of false labels", from: 0, to: 0.5, step: 0.05, value: 0.2 },
  { name: "n", label: "training images", from: 50, to: 1000, step: 50, value: 300 },
  { name: "hidden", label: "hidden neurons", from: 10, to: 100, step: 10, value: 50 },
  { name: "members", label: "networks that vote", from: 1, to: 7, step: 1, value: 5 },
];

/* All networks so far, {outputs, epoch, learn}: a network is trained once for its settings. */
const networks = new Map();

function getNetwork({ p, wrong, n, hidden, seed }, { training }, unseen) {
  const key = [p, wrong, n, hidden, seed].join(), network = { sizes: [64, hidden, 10], hidden: "sigmoid", cost: "cross-entropy", dropout: p };
  const one = { shares: null, right: null, epoch: 0 };
  function* learn() {
    const start = makeKey(seed), last = p ? 3 : 2; // the last layer's number in Python
    const params = [INITIALIZERS.default(fold(start, 0), hidden, 64), INITIALIZERS.default(fold(start, last), 10, hidden)];
    for (const at of train(network, takeExamples(readExamples(training), n, wrong), { epochs: EPOCHS, eta: 0.5, seed, params })) {
      if (at.isEpoch && at.epoch) {
        const shares = toShares(evaluate(network, at.params, unseen).outputs);
        Object.assign(one, { shares, right: findRight(shares, unseen), epoch: at.epoch });
      }
      yield;
    }
  }
  if (!networks.has(key)) networks.set(key, Object.assign(one, { learn: learn() }));
  return networks.get(key);
}

/* Divide the ten outputs of each image by their sum, so that each network has one vote to give. */
function toShares(outputs) {
  const sums = new Float64Array(outputs.length / 10);
  outputs.forEach((v, k) => { sums[Math.floor(k / 10)] += v; });
  return outputs.map((v, k) => v / sums[Math.floor(k / 10)]);
}

/* Find the images whose label has the largest share: 1 or 0 for each. */
const findRight = (shares, { labels }) => labels.map((label, i) => Number(findLargest(shares, 10 * i, 10) === label));

function* compute(values, data) {
  const unseen = readExamples(data.validation), seeds = makeRange(1, values.members);
  const groups = [0, values.p].map((p) => seeds.map((seed) => getNetwork({ ...values, p, seed }, data, unseen)));
  const all = seeds.flatMap((_, i) => groups.map((group) => group[i])), isOpen = (one) => one.epoch < EPOCHS;
  const read = () => ({ groups: groups.map((group) => countRight(group.filter((one) => one.shares), unseen)), epoch: Math.min(...all.map((one) => one.epoch)), isFinished: !all.some(isOpen) });
  yield read();
  for (let open = all; open.length; open = open.filter(isOpen)) {
    for (const one of open) {
      const { epoch } = one;
      one.learn.next();
      yield one.epoch > epoch ? read() : undefined;
    }
  }
}

/* Compute the accuracy in % of each network, their mean and that of their vote, and for how many images 0, 1, … are right. */
function countRight(group, unseen) {
  const n = unseen.labels.length, percent = (right) => 100 * right.reduce((a, b) => a + b, 0) / n, votes = new Float64Array(10 * n);
  const counts = new Uint8Array(n), images = Array(group.length + 1).fill(0), alone = group.map(({ right }) => percent(right));
  for (const { shares, right } of group) {
    shares.forEach((v, k) => { votes[k] += v; });
    right.forEach((v, i) => { counts[i] += v; });
  }
  counts.forEach((count) => { images[count]++; });
  return { alone, average: alone.reduce((a, b) => a + b, 0) / alone.length, vote: group.length ? percent(findRight(votes, unseen)) : NaN, images };
}

function makePictures(el) {
  const size = { width: 460, height: 320 }, x = { from: -0.6, to: 1.6, label: "five networks" }, y = { from: 80, to: 100, label: "validation accuracy in %" };
  const dots = makeChart(el, { axes: { x, y }, label: "the accuracy of each network, their mean and their vote", ...size });
  const right = { x: { from: -0.6, to: 5.6, label: "networks that are right" }, y: { from: 0, to: 300, label: "validation images" } };
  const bars = makeChart(el, { axes: right, label: "the number of validation images for which so many networks are right", ...size });
  const write = makeStatus(el);
  return ({ groups, epoch }, { p, wrong, n, hidden, members }) => {
    const names = [PLAIN, `dropout ${formatNumber(p)}`], known = groups.flatMap((group) => [...group.alone, group.vote]).filter(Number.isFinite);
    const low = Math.max(0, 5 * Math.floor((Math.min(95, ...known) - 1) / 5)), across = (i, height) => [[i - 0.4, height], [i + 0.4, height]];
    dots.show(groups.flatMap(({ alone, average, vote }, i) => [
      { line: across(i, average), colour: 6, width: 1.5, dash: "5 4", name: i ? "" : "mean" }, { line: across(i, vote), colour: 2, width: 3, name: i ? "" : "vote" },
      { points: alone.map((v, k) => [i + (k - (alone.length - 1) / 2) * 0.1, v]), colour: i, radius: 5, name: names[i] },
    ]), { x: { ...x, label: `${members} networks each`, names: names.map((name, i) => [i, name]) }, y: { ...y, from: low } });
    bars.show(groups.map(({ images }, i) => ({ bars: images.map((count, k) => [k + (i ? 0 : -0.4), k + (i ? 0.4 : 0), count]), colour: i, name: names[i] })),
      { x: { ...right.x, to: members + 0.6, names: makeRange(0, members).map((k) => [k, String(k)]) }, y: right.y });
    const say = ({ average, vote }) => (Number.isFinite(vote) ? `mean ${average.toFixed(1)} %, vote ${vote.toFixed(1)} %` : "…");
    write(`${n} images, ${Math.round(100 * wrong)} % of their labels false, ${hidden} hidden neurons, ${members} networks each, epoch ${epoch} of ${EPOCHS}. ${groups.map((group, i) => `${names[i]}: ${say(group)}`).join("; ")}.`);
  };
}

const questions = [
  { ask: "With three networks or more, find settings with which dropout loses: its mean is at least 2 points lower.", holds: ({ groups: [plain, other], isFinished }, { members }) => isFinished && members >= 3 && plain.average >= other.average + 2 },
  { ask: "Find settings with which, without dropout, the vote is at least 2.5 points better than the mean.", holds: ({ groups: [plain], isFinished }) => isFinished && plain.vote >= plain.average + 2.5 },
];

export default makeLesson({ controls, compute, makePictures, questions });
