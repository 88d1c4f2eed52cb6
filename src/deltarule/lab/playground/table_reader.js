/* Reads a table of three columns: two numbers and a class or a number. Each problem names its line. */

import { MOST_CLASSES } from "./data_sets.js";

export const MOST_ROWS = 2000;
export const MOST_BYTES = 1_000_000;
export const REACH = 2.5; // the largest coordinate after scaling
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i, DECIMAL_COMMA = /^[+-]?\d*,\d+$/;

class TableError extends Error {}

/* Read the text of a table. Returns {points, classes, columns} or {problem}, a sentence.

   The columns are scaled to the plane, each by its smallest and largest number: `columns` has the name and range of
   each. Text in the third column, or at most five whole numbers, are classes. */
export function readTable(text) {
  try {
    return convertRows(splitRows(text));
  } catch (error) {
    if (error instanceof TableError) return { problem: error.message };
    throw error;
  }
}

function splitRows(text) {
  if (text.length > MOST_BYTES)
    throw new TableError(`expected at most ${MOST_BYTES / 1e6} MB of text, got ${(text.length / 1e6).toFixed(1)} MB`);
  const lines = text.replace(/^\uFEFF/, "").split(/\r\n|\r|\n/).map((line, i) => ({ line, number: i + 1 }))
    .filter(({ line }) => line.trim() !== "");
  if (!lines.length) throw new TableError("expected lines such as 1.5, 2.0, a; got no text");
  const separator = findSeparator(lines[0].line);
  const rows = lines.map(({ line, number }) => ({ cells: splitCells(line, separator), number }));
  for (const { cells, number } of rows)
    if (cells.length !== 3) throw new TableError(`line ${number}: expected 3 columns, two numbers and a class or a ` +
      `number, got ${cells.length}`);
  const hasHeading = rows[0].cells.slice(0, 2).every((cell) => toNumber(cell, separator) === null);
  const body = hasHeading ? rows.slice(1) : rows;
  if (body.length < 2) throw new TableError(`expected at least 2 rows of data, got ${body.length}`);
  if (body.length > MOST_ROWS)
    throw new TableError(`line ${body[MOST_ROWS].number}: expected at most ${MOST_ROWS} rows, got ${body.length}`);
  return { body, separator, names: hasHeading ? rows[0].cells : ["x₁", "x₂", "y"] };
}

const findSeparator = (line) => [";", "\t", ","].find((one) => line.includes(one)) ?? " ";

function splitCells(line, separator) {
  const cells = separator === " " ? line.trim().split(/\s+/) : line.split(separator);
  return cells.map((cell) => cell.trim().replace(/^"(.*)"$/, "$1"));
}

/* Read a number, also one with a decimal comma where the comma does not separate columns; null for other text. */
function toNumber(cell, separator) {
  const text = separator !== "," && DECIMAL_COMMA.test(cell) ? cell.replace(",", ".") : cell;
  const value = NUMBER.test(text) ? Number(text) : NaN;
  return Number.isFinite(value) ? value : null;
}

function convertRows({ body, separator, names }) {
  const columns = [0, 1].map((c) => convertColumn(body, c, separator, names[c]));
  const targets = convertTargets(body, separator, names[2]);
  const points = body.map((_, i) => ({ x: columns[0].values[i], y: columns[1].values[i], label: targets.labels[i] }));
  const describe = ({ name, low, high }) => ({ name, low, high });
  return { points, classes: targets.classNames.length, classNames: targets.classNames,
    columns: [...columns, targets].map(describe) };
}

function convertColumn(body, c, separator, name) {
  const numbers = body.map(({ cells, number }) => {
    const value = toNumber(cells[c], separator);
    if (value === null) throw new TableError(`line ${number}, column ${c + 1}: expected a number, got “${cells[c]}”`);
    return value;
  });
  return { name, ...scale(numbers, REACH) };
}

function convertTargets(body, separator, name) {
  const texts = body.map(({ cells }) => cells[2]), numbers = texts.map((text) => toNumber(text, separator));
  const empty = texts.findIndex((text) => text === "");
  if (empty >= 0)
    throw new TableError(`line ${body[empty].number}, column 3: expected a class or a number, got nothing`);
  const different = [...new Set(texts)];
  if (numbers.every((v) => v !== null) && (different.length > MOST_CLASSES || !numbers.every(Number.isInteger))) {
    const { values, low, high } = scale(numbers, 1);
    return { name, labels: values, low, high, classNames: [] };
  }
  if (different.length > MOST_CLASSES) {
    const line = body[texts.indexOf(different[MOST_CLASSES])].number;
    throw new TableError(`line ${line}, column 3: expected at most ${MOST_CLASSES} classes, got a sixth, ` +
      `“${different[MOST_CLASSES]}”`);
  }
  if (different.length < 2) throw new TableError(`column 3: expected at least 2 classes, got only “${different[0]}”`);
  const classNames = different.sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
  return { name, labels: texts.map((text) => classNames.indexOf(text)), low: 0, high: 0, classNames };
}

/* Scale numbers to −reach … reach, with three decimals. */
function scale(numbers, reach) {
  const low = numbers.reduce((a, b) => Math.min(a, b)), high = numbers.reduce((a, b) => Math.max(a, b));
  const middle = low / 2 + high / 2, half = high / 2 - low / 2;
  return { low, high, values: numbers.map((v) => (half ? Math.round((v - middle) / half * reach * 1000) / 1000 : 0)) };
}
