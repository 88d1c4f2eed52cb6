/* A row of a table as inputs of the network, with the same numbers as deltarule's Standardization. */

/* Prepare a row: a number or a word for each column, null for a missing value. */
export function prepareRow(columns, cells, unknown) {
  return columns.flatMap((column, i) => {
    const cell = cells[i] ?? column.fill;
    if (cell === null) throw new Error(`${column.name}: expected a value, got none`);
    if (!column.words) return [(cell - column.mean) / column.deviation];
    if (unknown === "refuse" && !column.words.includes(cell)) throw new Error(`${column.name}: unknown word ${cell}`);
    return column.words.map((word) => Number(word === cell));
  });
}

/* Turn outputs into the answer: shares of classes, a share for each label, or numbers in their units. */
export function decodeOutputs({ kind, mean, deviation }, outputs) {
  if (kind === "classes") return normalize(outputs);
  return kind === "numbers" ? outputs.map((v, i) => v * deviation[i] + mean[i]) : outputs;
}

/* Round a number for reading: to about a hundredth of the deviation, or to three digits if that is 0. */
export function roundNumber(value, deviation) {
  const decimals = Math.min(Math.max(2 - Math.floor(Math.log10(deviation)), 0), 100);
  const rounded = Number(value.toFixed(decimals));
  return rounded === 0 && value !== 0 ? Number(value.toPrecision(3)) : rounded;
}

/* The kinds of the options of a column of words. */
const WORD = "word", MISSING = "missing", ANOTHER = "another word";

/* Make the field of a column: a number with the mean of the training set, or a choice of its words. */
export function makeField(column, unknown, id) {
  const box = document.createElement("div"), label = document.createElement("label"), name = document.createElement("span");
  const field = document.createElement(column.words ? "select" : "input"), problem = document.createElement("output");
  box.className = "field";
  name.textContent = column.name;
  Object.assign(problem, { id: `problem-${id}`, className: "problem" });
  field.setAttribute("aria-describedby", problem.id);
  if (column.words) {
    const add = (text, kind) => field.append(Object.assign(new Option(text), { kind }));
    column.words.forEach((word) => add(word, WORD));
    if (unknown === "zeros") add("(another word)", ANOTHER);
    if (column.fill !== null) add(`(missing: ${column.fill} is used)`, MISSING);
  } else {
    Object.assign(field, { type: "number", step: "any" });
    if (column.fill !== null) field.placeholder = `missing: ${roundNumber(column.fill, column.deviation)} is used`;
  }
  label.append(name, field);
  box.append(label, problem);
  resetField(column, box);
  return box;
}

/* Set a field to its start: the mean, or the word that replaces a missing one, or else the first word. */
export function resetField(column, box) {
  const field = box.querySelector("input, select");
  if (column.words) field.selectedIndex = Math.max(column.words.indexOf(column.fill), 0);
  else field.value = roundNumber(column.mean, column.deviation);
}

/* Read a field: its cell, or a problem that names the column. */
export function readField(column, box) {
  const field = box.querySelector("input, select");
  if (column.words) {
    const { kind } = field.selectedOptions[0];
    return { cell: kind === MISSING ? null : kind === ANOTHER ? "" : column.words[field.selectedIndex] };
  }
  const text = field.value.trim();
  if (field.validity.badInput || (text !== "" && !Number.isFinite(Number(text))))
    return { problem: `${column.name}: expected a number` };
  if (text === "" && column.fill === null) return { problem: `${column.name}: expected a number, got an empty field` };
  return { cell: text === "" ? null : Number(text) };
}

/* Show the problem of a field, or "" for none. */
export function showProblem(box, problem) {
  box.querySelector(".problem").textContent = problem;
  box.querySelector("input, select").setAttribute("aria-invalid", String(problem !== ""));
}
