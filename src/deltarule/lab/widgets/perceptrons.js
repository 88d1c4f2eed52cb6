/* Shall we go? A perceptron that weighs three inputs, and its decision in each of the eight cases. */

const controls = [
  { name: "w1", label: "weight of good weather", from: -10, to: 10, step: 1, value: 6 },
  { name: "w2", label: "weight of company", from: -10, to: 10, step: 1, value: 2 },
  { name: "w3", label: "weight of a near train", from: -10, to: 10, step: 1, value: 2 },
  { name: "b", label: "bias", from: -10, to: 10, step: 1, value: -5 },
];

const CASES = makeRange(0, 7).map((i) => [i >> 2 & 1, i >> 1 & 1, i & 1]);
const WORDS = [["bad", "good"], ["none", "yes"], ["far", "near"]];

function compute({ w1, w2, w3, b }) {
  const sums = CASES.map((x) => w1 * x[0] + w2 * x[1] + w3 * x[2] + b);
  return { sums, decisions: sums.map((sum) => Number(sum > 0)) };
}

function makePictures(el) {
  const show = makeTable(el, ["weather", "company", "train", "w·x + b", "decision"], "the decision in each case: yes where w·x + b is above 0");
  const write = makeStatus(el);
  return ({ sums, decisions }) => {
    const most = Math.max(1, ...sums.map(Math.abs)), count = decisions.filter(Boolean).length;
    show(CASES.map((x, i) => [...x.map((one, j) => WORDS[j][one]), { bar: sums[i], most, text: formatNumber(sums[i]) },
      decisions[i] ? { strong: "go" } : "stay"]));
    write(`We go in ${count} of the 8 cases.`);
  };
}

const decides = (wanted) => ({ decisions }) => decisions.join("") === wanted;

const questions = [
  { ask: "Keep the weights, and find a bias with which company and a near train together are enough, even in bad weather, but neither of them alone.",
    holds: ({ decisions }, { w1, w2, w3 }) => w1 === 6 && w2 === 2 && w3 === 2 && decisions.join("") === "00011111" },
  { ask: "Find weights and a bias with which we go exactly when at least two of the three inputs are 1.", holds: decides("00010111") },
  { ask: "Find weights and a bias with which we go exactly when the weather is bad.", holds: decides("11110000") },
];

export default makeLesson({ controls, compute, makePictures, questions });
