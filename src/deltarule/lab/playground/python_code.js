/* The program that repeats a stretch of a run with deltarule: the same data, weights, mini-batches and costs. */

import { FEATURES } from "./data_sets.js";
import { initialize } from "./network.js";
import { ORDER } from "./run.js";
import { REACH } from "./table_reader.js";

const LAYERS = {
  sigmoid: "dr.Sigmoid()", tanh: "dr.Tanh()", relu: "dr.ReLU()", "leaky-relu": "dr.LeakyReLU()", elu: "dr.ELU()",
  linear: "dr.Linear()",
};
const COST_NAMES = {
  "cross-entropy": "dr.CrossEntropy()", "log-likelihood": "dr.LogLikelihood()", quadratic: "dr.Quadratic()",
  "quadratic-linear": "dr.Quadratic(dr.Linear())",
};
const OPTIMIZER_NAMES = {
  sgd: "dr.SGD()", momentum: "dr.Momentum(0.9)", nesterov: "dr.Nesterov(0.9)", adam: "dr.Adam()",
};
const INITIALIZER_NAMES = { large: "Large()", he: "He()", glorot: "Glorot()", zeros: "Zeros()" };

/* Write the program for the stretch of a position, with the epochs that it has taken so far. */
export function writePython({ stretch, epoch, step }) {
  const epochs = Math.max(1, epoch + (step > 0)), { problem, number } = stretch;
  const since = number ? " since the last change" : "";
  const isDrawn = number === 0 && !stretch.network.dropout && isAsDrawn(stretch);
  return [
    `"""Train the network of the Playground: the costs are those of its chart${since}."""`,
    "",
    "from dataclasses import dataclass",
    "",
    "import numpy as np",
    "",
    "import deltarule as dr",
    "from deltarule.callbacks import Monitor",
    "from deltarule.core import random",
    "",
    ...writeData(problem),
    "",
    ...writeNetwork(stretch, isDrawn),
    "",
    ...writeTraining(stretch, epochs, isDrawn),
    "",
  ].join("\n");
}

/* Tell whether the first parameters of a stretch are those that the seed gives. */
function isAsDrawn({ network, params, settings }) {
  const drawn = initialize(network, settings.init, settings.seed);
  const isSame = (a, b) => a.every((v, i) => v === b[i]);
  return drawn.every(({ w, b }, l) => isSame(w, params[l].w) && isSame(b, params[l].b));
}

/* Say which numbers of a table became which coordinates. A name is quoted, because an address can hold any text. */
function writeColumns(own) {
  const write = ({ name, low, high }, c) => {
    const reach = c < 2 ? REACH : 1;
    return `# ${["x₁", "x₂", "y"][c]} is ${JSON.stringify(name)}: ${low} to ${high} became ${-reach} to ${reach}`;
  };
  const columns = own?.columns?.slice(0, own.classes ? 2 : 3).map(write) ?? [];
  return own?.classNames?.length ? [...columns, `# the classes are ${JSON.stringify(own.classNames)}`] : columns;
}

function writeData({ train, test, classes, nOut, settings, own }) {
  const writeRows = ({ x, labels }) => labels.map((label, i) => `${x[2 * i]} ${x[2 * i + 1]} ${label};`);
  const n = train.labels.length, target = classes ? "class" : "number", count = test.labels.length;
  const encoding = classes === 0 ? "Real()" : nOut === 1 ? "OneVsRest(1)" : `OneHot(${nOut})`;
  const split = count
    ? [`train, test = (dr.Dataset(x[part], y[part], encoding=encoding) for part in (slice(${n}), slice(${n}, None)))`]
    : ["train = dr.Dataset(x, y, encoding=encoding)"];
  return [
    `# x₁, x₂ and the ${target} of each point${count ? `; the last ${count} are the test set` : ""}`,
    ...writeColumns(own),
    'points = """', ...wrap([train, test].flatMap(writeRows)), '"""',
    'x1, x2, y = np.array(points.replace(";", " ").split(), float).reshape(-1, 3).T',
    `x = np.stack([${settings.features.map((name) => FEATURES[name].python).join(", ")}], axis=1)`,
    ...(classes ? ["y = y.astype(int)"] : []),
    `encoding = dr.encodings.${encoding}`,
    ...split,
  ];
}

function writeNetwork({ network, params, settings }, isDrawn) {
  const { sizes, hidden, cost, dropout } = network, rule = INITIALIZER_NAMES[settings.init];
  const dense = (n) => `dr.Dense(${n}${isDrawn && rule ? `, dr.initializers.${rule}` : ""})`;
  const between = [LAYERS[hidden], ...(dropout ? [`dr.Dropout(${dropout})`] : [])];
  const layers = sizes.slice(1).flatMap((n, l) => (l ? [...between, dense(n)] : [dense(n)]));
  const lines = [
    "network = dr.Network(", `    [${layers.join(", ")}],`, `    ${COST_NAMES[cost]},`, `    ${sizes[0]},`, ")",
  ];
  if (isDrawn) return lines;
  const gap = between.map(() => "{}").join(", ");
  return [
    ...lines, "", "# the weights and biases of each layer", "layers = []", 'for text in ("""',
    ...params.flatMap(({ w, b }, l) => [...(l ? ['""", """'] : []), ...wrap([...w, ...b].map(String))]),
    '""",):',
    "    layers.append(np.array(text.split(), float))",
    `sizes = [${sizes.join(", ")}]`,
    "params = []",
    "for numbers, n_in, n_out in zip(layers, sizes, sizes[1:]):",
    `    params += [${gap}] if params else []`,
    '    params.append({"w": numbers[: n_in * n_out].reshape(n_out, n_in), "b": numbers[n_in * n_out :]})',
    "start = dr.Model(network, params, dr.preprocessing.Preprocessing.fit(train))",
  ];
}

function writeTraining({ settings, seed, problem }, epochs, isDrawn) {
  const { regularizer, lmbda, batch, eta, optimizer } = settings, hasTest = problem.test.labels.length > 0;
  const rule = { l2: `dr.L2(${lmbda})`, l1: `dr.L1(${lmbda})` }[regularizer];
  return [
    "",
    "@dataclass(frozen=True)",
    "class PageOrder:",
    '    """The order of the training examples in each epoch, as the Playground draws it."""',
    "",
    "    def __call__(self, n, seed, epoch):",
    `        key = random.fold(random.fold(random.key(seed), ${ORDER}), epoch)`,
    '        return np.argsort(random.bits(key, (n,)), kind="stable")',
    "",
    "",
    "model = dr.fit(",
    `    ${isDrawn ? "network" : "start"},`,
    "    train,",
    `    epochs=${epochs},`,
    `    batch_size=${batch},`,
    `    eta=${eta},`,
    `    optimizer=${OPTIMIZER_NAMES[optimizer]},`,
    ...(rule ? [`    regularizer=${rule},`] : []),
    "    order=PageOrder(),",
    `    seed=${seed},`,
    '    dtype="float64",',
    '    engine="numpy",',
    `    callbacks=[Monitor(training=train${hasTest ? ", test=test" : ""})],`,
    ")",
    "for record in model.history.records:",
    `    print(record["epoch"] + 1, record["training_cost"]${hasTest ? ', record["test_cost"]' : ""})`,
  ];
}

/* Put words into lines of at most 116 characters. */
function wrap(words) {
  const lines = [""];
  for (const word of words) {
    const line = lines.at(-1);
    if (line && line.length + word.length > 115) lines.push(word);
    else lines[lines.length - 1] = line ? `${line} ${word}` : word;
  }
  return lines;
}
