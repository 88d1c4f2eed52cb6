/* The settings of the page, each defined once: its default, the values it can have, and its text in the address. */

import { ACTIVATIONS, COSTS, INITIALIZERS, OPTIMIZERS, REGULARIZERS } from "./network.js";
import { DATA_NAMES, EXTENT, FEATURES, MOST_CLASSES } from "./data_sets.js";

export const MOST_LAYERS = 6, MOST_NEURONS = 16, MOST_POINTS = 2000;

/* A setting reads its text, and returns undefined for any other text. */
const isWithin = (value, low, high) => Number.isFinite(value) && value >= low && value <= high;
const number = (start, low, high) => ({
  start, expected: `a number from ${low} to ${high}`, write: String,
  read: (text) => (text.trim() !== "" && isWithin(Number(text), low, high) ? Number(text) : undefined),
});
const whole = (start, low, high) => ({
  start, expected: `a whole number from ${low} to ${high}`, write: String,
  read: (text) => (/^\d+$/.test(text) && isWithin(Number(text), low, high) ? Number(text) : undefined),
});
const choice = (start, names) => ({
  start, expected: `one of ${names.join(", ")}`, write: String,
  read: (text) => (names.includes(text) ? text : undefined),
});
const list = (start, expected, least, most, item) => ({
  start, expected, write: (values) => values.join(","),
  read: (text) => {
    const values = text === "" ? [] : text.split(",").map(item.read), different = new Set(values);
    const fits = values.length >= least && values.length <= most && !different.has(undefined);
    return fits ? values : undefined;
  },
});

const HIDDEN = "up to six whole numbers from 1 to 16, such as 6,4";

export const SETTINGS = {
  data: choice("circles", [...DATA_NAMES, "own"]),
  count: whole(300, 20, 1000),
  noise: number(0.1, 0, 1),
  test: number(0.3, 0, 0.9),
  features: list(["x1", "x2"], `some of ${Object.keys(FEATURES).join(",")}`, 1, 7, choice("", Object.keys(FEATURES))),
  layers: list([6, 4], HIDDEN, 0, MOST_LAYERS, whole(1, 1, MOST_NEURONS)),
  hidden: choice("tanh", Object.keys(ACTIVATIONS)),
  cost: choice("cross-entropy", Object.keys(COSTS)),
  init: choice("default", Object.keys(INITIALIZERS)),
  optimizer: choice("sgd", Object.keys(OPTIMIZERS)),
  eta: number(0.1, 0, 100),
  batch: whole(10, 1, MOST_POINTS),
  regularizer: choice("none", Object.keys(REGULARIZERS)),
  lmbda: number(0.1, 0, 1000),
  dropout: number(0, 0, 0.9),
  seed: whole(1, 0, 2 ** 32 - 1),
};

/* The settings with which a run can go on; each other one starts it again. */
export const LIVE = ["optimizer", "eta", "batch", "regularizer", "lmbda", "dropout"];

export const getDefaults = () => Object.fromEntries(Object.entries(SETTINGS).map(([name, { start }]) => [name, start]));

/* Write settings that differ from their defaults, and own points, for the address after #. */
export function writeAddress(settings, own) {
  const parts = Object.entries(SETTINGS)
    .filter(([name, { start, write }]) => write(settings[name]) !== write(start))
    .map(([name, { write }]) => `${name}=${encodeURIComponent(write(settings[name])).replaceAll("%2C", ",")}`);
  if (settings.data === "own" && own) {
    parts.push(`points=${writePoints(own)}`);
    if (own.columns) parts.push(`about=${encodeURIComponent(JSON.stringify([own.columns, own.classNames]))}`);
  }
  return parts.join("&");
}

/* Read an address. Each problem is a sentence; its setting gets the default. */
export function readAddress(text) {
  const settings = getDefaults(), problems = [];
  let own = null, about = null;
  for (const part of text.replace(/^#/, "").split("&").filter(Boolean)) {
    const [name, ...rest] = part.split("="), value = decode(rest.join("="));
    if (name === "points") {
      own = value === undefined ? null : readPoints(value);
      if (!own) problems.push("points: expected points as this page writes them; there are no points.");
    } else if (name === "about") about = value;
    else if (!Object.hasOwn(SETTINGS, name)) problems.push(`The address has an unknown setting, “${shorten(name)}”.`);
    else {
      const { read, write, expected, start } = SETTINGS[name], got = value === undefined ? undefined : read(value);
      if (got === undefined) {
        const wrong = shorten(value ?? rest.join("="));
        problems.push(`${name}: expected ${expected}, got “${wrong}”; the page uses ${write(start)}.`);
      } else settings[name] = name === "features" ? Object.keys(FEATURES).filter((one) => got.includes(one)) : got;
    }
  }
  if (own) Object.assign(own, readAbout(about, own));
  if (settings.data === "own" && !own) settings.data = SETTINGS.data.start;
  return { settings, own, problems };
}

const shorten = (text) => (text.length > 40 ? `${text.slice(0, 40)}…` : text);

function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/* Write own points as text: the number of classes, and for each point x, y in thousandths and its class or number. */
function writePoints({ points, classes }) {
  const digits = (value) => Math.round(1000 * value + 1000 * EXTENT).toString(36).padStart(3, "0");
  const write = ({ x, y, label }) => digits(x) + digits(y) + (classes ? label : digits(label));
  return `${classes}.${points.map(write).join("")}`;
}

function readPoints(text) {
  const match = /^([0-5])\.([0-9a-z]*)$/.exec(text), classes = match ? Number(match[1]) : 1;
  const width = classes ? 7 : 9;
  if (!match || classes === 1 || match[2].length % width || match[2].length / width > MOST_POINTS) return null;
  const digits = (part) => (parseInt(part, 36) - 1000 * EXTENT) / 1000;
  const points = (match[2].match(new RegExp(`.{${width}}`, "g")) ?? []).map((one) => ({
    x: digits(one.slice(0, 3)), y: digits(one.slice(3, 6)), label: classes ? Number(one[6]) : digits(one.slice(6)),
  }));
  const fits = points.every(({ x, y, label }) => isWithin(x, -EXTENT, EXTENT) && isWithin(y, -EXTENT, EXTENT) &&
    (classes ? Number.isInteger(label) && label < classes : isWithin(label, -EXTENT, EXTENT)));
  return fits ? { points, classes } : null;
}

/* Read the names and ranges of the columns of a table, and the names of its classes; {} without valid ones. */
function readAbout(text, { classes }) {
  try {
    const [columns, classNames] = JSON.parse(text);
    const isColumn = ({ name, low, high }) => typeof name === "string" && Number.isFinite(low) && Number.isFinite(high);
    const fits = columns.length === 3 && columns.every(isColumn) && classNames.length === classes &&
      classNames.every((name) => typeof name === "string") && classes <= MOST_CLASSES;
    return fits ? { columns, classNames } : {};
  } catch {
    return {};
  }
}
