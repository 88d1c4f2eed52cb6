/* Small images in a page: values as ink on paper, or below and above 0 in two colours, and a frame to drag over them.

     makePixels(el, {label, width, caption, frame: {name, move(row, column)}}) returns
     show({values, columns, top, signed, at: {row, column, rows, columns}, caption})

   `values` are read row by row; `top` is the value of full ink, by default the largest. A frame with a `name` can be
   dragged and moved by arrow keys, and `move` gets its new first row and column. Without a name it only shows a place. */

export function makePixels(el, { label, width, caption = "", frame = null }) {
  const figure = append(el, "figure", { class: "pixels", style: `width: ${width}px` });
  const board = append(figure, "div", { class: "pixels-board" });
  const canvas = append(board, "canvas", { role: "img", "aria-label": label }), text = append(figure, "figcaption");
  const mark = frame && append(board, "div", { class: "pixels-frame", ...(frame.name && { tabindex: 0, role: "slider", "aria-label": frame.name }) });
  let shown = null;

  function show(content) {
    const before = shown;
    shown = { signed: false, caption, at: null, ...content, top: content.top ?? (Math.max(...content.values.map(Math.abs)) || 1) };
    const { columns, values, at } = shown, rows = values.length / columns;
    if (canvas.width !== columns || canvas.height !== rows) Object.assign(canvas, { width: columns, height: rows });
    if (["values", "columns", "top", "signed"].some((name) => before?.[name] !== shown[name])) paintPixels(canvas, shown);
    if (text.textContent !== shown.caption) text.textContent = shown.caption;
    if (!mark) return;
    mark.hidden = !at;
    if (at) placeFrame(at, rows, columns);
  }
  function placeFrame(at, rows, columns) {
    const percent = (part, whole) => `${100 * part / whole}%`;
    Object.assign(mark.style, { left: percent(at.column, columns), top: percent(at.row, rows), width: percent(at.columns, columns), height: percent(at.rows, rows) });
    if (!frame.name) return;
    const last = (rows - at.rows + 1) * (columns - at.columns + 1) - 1;
    for (const [name, value] of Object.entries({ now: at.row * (columns - at.columns + 1) + at.column, min: 0, max: last, text: `row ${at.row + 1}, column ${at.column + 1}` }))
      mark.setAttribute(`aria-value${name}`, value);
  }

  function move(row, column) {
    const { columns, values, at } = shown;
    frame.move(clamp(row, 0, values.length / columns - at.rows), clamp(column, 0, columns - at.columns));
  }
  function follow(event) {
    const box = canvas.getBoundingClientRect(), { columns, at } = shown, size = box.width / columns;
    move(Math.round((event.clientY - box.top) / size - at.rows / 2), Math.round((event.clientX - box.left) / size - at.columns / 2));
  }
  if (frame?.move) {
    board.classList.add("pixels-active");
    board.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      board.setPointerCapture(event.pointerId);
      mark.focus({ preventScroll: true });
      follow(event);
    });
    board.addEventListener("pointermove", (event) => board.hasPointerCapture(event.pointerId) && follow(event));
    mark.addEventListener("keydown", (event) => {
      const way = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
      if (!way) return;
      event.preventDefault();
      move(shown.at.row + way[0], shown.at.column + way[1]);
    });
  }
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => shown && paintPixels(canvas, shown));
  return show;
}

const clamp = (v, low, high) => Math.min(Math.max(v, low), high);

/* Paint values in the colours of the style sheet, which differ in dark mode. */
export function paintPixels(canvas, { values, top, signed }) {
  const style = getComputedStyle(canvas), [ink, above, below] = ["--series-6", "--series-0", "--series-1"].map((name) => readColour(style.getPropertyValue(name)));
  const context = canvas.getContext("2d"), image = context.createImageData(canvas.width, canvas.height);
  values.forEach((v, i) => image.data.set([...(!signed ? ink : v < 0 ? below : above), 255 * clamp(Math.abs(v) / top, 0, 1)], 4 * i));
  context.putImageData(image, 0, 0);
}

/* The red, green and blue of #rgb or #rrggbb. */
function readColour(text) {
  const digits = text.trim().slice(1), size = digits.length / 3;
  return [0, 1, 2].map((i) => parseInt(digits.slice(i * size, (i + 1) * size).repeat(3 - size), 16) || 0);
}
