/* The errors of a network: a confusion matrix with cells to select, the images of the selected cell, the worst errors. */

const controls = [{ name: "selected", inPicture: true, value: null }];

/* Select a cell, [label, prediction]; without a selection the one with the most errors. */
function compute({ selected }, { counts, cells, largest, names }) {
  const [row, column] = selected ?? largest, total = counts.flat().reduce((a, b) => a + b, 0);
  const right = counts.reduce((sum, line, i) => sum + line[i], 0);
  return { row, column, count: counts[row][column], images: cells[row * names.length + column], accuracy: 100 * right / total };
}

function makePictures(el, set, { counts, names, pixels, columns, area, worst }) {
  const ink = readBytes(pixels), getImage = (i) => ({ values: ink.subarray(i * area, (i + 1) * area), columns, top: 255 });
  const choose = makeMatrix(append(el, "div"), counts, names, (selected) => set({ selected }));
  const side = append(el, "div", { class: "confusion-images" }), write = makeStatus(side);
  const show = makeGallery(side, "the images of the selected cell");
  append(el, "h2", { class: "wide" }).textContent = "The worst mistakes: the network is most certain of these. Could you read them?";
  makeGallery(append(el, "div", { class: "wide" }), "the worst mistakes")(worst.map(([image, label, prediction, percent]) => ({ ...getImage(image), width: 76,
    label: `an image of ${names[label]}`, caption: `${names[label]}, read as ${names[prediction]} (${percent} %)` })));
  return ({ row, column, count, images, accuracy }) => {
    choose(row, column);
    write(`${accuracy.toFixed(2)} % are classified correctly. The selected cell: ${count} with label ${names[row]}, classified as ${names[column]}${count > images.length ? `; the first ${images.length}:` : "."}`);
    show(images.map((i) => ({ ...getImage(i), width: 56, label: `an image of ${names[row]}` })));
  };
}

/* Make the matrix, a table of buttons; rows are labels, columns predictions. */
function makeMatrix(el, counts, names, select) {
  const table = append(el, "table", { class: "confusion" }), most = Math.max(1, ...counts.flatMap((line, i) => line.filter((_, j) => i !== j)));
  table.createCaption().textContent = "confusion matrix, rows: labels, columns: predictions; select a cell";
  const head = append(append(table, "thead"), "tr"), body = append(table, "tbody");
  append(head, "td");
  names.forEach((name) => { append(head, "th", { scope: "col" }).textContent = name; });
  const buttons = counts.map((line, i) => {
    const row = append(body, "tr");
    append(row, "th", { scope: "row" }).textContent = names[i];
    return line.map((count, j) => {
      const button = append(append(row, "td"), "button", { type: "button", "aria-label": `${names[i]} read as ${names[j]}: ${count}` });
      button.textContent = count || "";
      if (i === j) button.className = "right";
      else if (count) button.style.background = `color-mix(in srgb, var(--series-1) ${12 + 60 * count / most}%, transparent)`;
      button.addEventListener("click", () => select([i, j]));
      return button;
    });
  });
  return (row, column) => buttons.forEach((line, i) => line.forEach((button, j) => button.setAttribute("aria-pressed", String(i === row && j === column))));
}

export default makeLesson({ controls, compute, makePictures });
