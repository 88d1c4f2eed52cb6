/* A table of numbers, to read or to edit.

     makeNumberGrid(el, {name, rows, columns, step, change}) returns show(numbers)

   With `change`, each number is a field, and `change(numbers)` is called after each edit. */

export function makeNumberGrid(el, { name, rows, columns, caption = name, step = 1, change = null }) {
  const figure = append(el, "figure", { class: "number-grid" });
  const grid = append(figure, "div", { role: "group", "aria-label": name, style: `grid-template-columns: repeat(${columns}, 1fr)` });
  append(figure, "figcaption").textContent = caption;
  const cells = makeRange(0, rows * columns - 1).map((i) => {
    if (!change) return append(grid, "span");
    const place = `${name}, row ${Math.floor(i / columns) + 1}, column ${i % columns + 1}`;
    const input = append(grid, "input", { type: "number", step, "aria-label": place });
    input.addEventListener("input", () => change(cells.map((cell) => Number(cell.value) || 0)));
    return input;
  });
  return (numbers) => cells.forEach((cell, i) => {
    if (!change) cell.textContent = formatNumber(Number(numbers[i].toFixed(2)));
    else if (Number(cell.value) !== numbers[i] && cell.getRootNode().activeElement !== cell || cell.value === "" && cell.getRootNode().activeElement !== cell) cell.value = numbers[i];
  });
}
