/* A chart in SVG with axes. What it shows is a list of marks, plain objects, and each drawing replaces the last one:

     {line: [[x, y], …], colour, width, dash, name}    {area: [[x, y], …], base, colour}
     {points: [[x, y], …], radius, colour, hollow, name}
     {bars: [[from, to, height], …], colour, name}     {text: "…", at: [x, y], anchor}
     {image: canvas, x: [from, to], y: [from, to]}     y[0] is its bottom
     {handle: "its name", at: [x, y], move(x, y), step} a thing to drag, by pointer or by arrow keys; `says` is its value

   A colour is the number of one of the stylesheet's colours, or any colour of CSS. Marks with a `name` are in the
   legend. `axes` are {x: {from, to, label, log}, y: the same}; `chart.show(marks, axes)` may change them. An axis of
   categories has `names` [[place, text], …] instead of ticks. */

const SVG = "http://www.w3.org/2000/svg", TOP = 10, RIGHT = 12, BOTTOM = 42, LEFT = 64, REACH = 26;

export function makeChart(el, { axes, label, width = 440, height = 300 }) {
  const figure = append(el, "figure", { class: "chart" }), svg = append(figure, "svg", { role: "group", "aria-label": label });
  const legend = append(figure, "figcaption", { class: "chart-legend" });
  const clip = `clip-${Math.random().toString(36).slice(2)}`, area = append(append(append(svg, "defs"), "clipPath", { id: clip }), "rect");
  const grid = append(svg, "g", { class: "chart-axes" }), plot = append(svg, "g", { "clip-path": `url(#${clip})` });
  const texts = append(svg, "g", { class: "chart-texts" }), handles = append(svg, "g");
  let x, y, marks = [], wide = width, dragged = null, drawn = new Map();

  function layOut() {
    svg.setAttribute("viewBox", `0 0 ${wide} ${height}`);
    svg.style.maxWidth = `${wide}px`;
    drawn.clear();
    x = makeScale(axes.x, LEFT, wide - RIGHT);
    y = makeScale(axes.y, height - BOTTOM, TOP);
    set(area, { x: LEFT, y: TOP, width: Math.max(1, wide - RIGHT - LEFT), height: height - BOTTOM - TOP });
    grid.replaceChildren();
    const listNames = (axis, count) => axis.names ?? listTicks(axis, count).map((v) => [v, formatNumber(v)]);
    for (const [v, name] of listNames(axes.x, wide / 70)) {
      if (!axes.x.names) append(grid, "line", { x1: x(v), x2: x(v), y1: TOP, y2: height - BOTTOM });
      append(grid, "text", { x: x(v), y: height - BOTTOM + 16, "text-anchor": "middle" }).textContent = name;
    }
    for (const [v, name] of listNames(axes.y, height / 50)) {
      append(grid, "line", { y1: y(v), y2: y(v), x1: LEFT, x2: wide - RIGHT });
      append(grid, "text", { x: LEFT - 6, y: y(v) + 4, "text-anchor": "end" }).textContent = name;
    }
    append(grid, "text", { class: "chart-label", x: (LEFT + wide - RIGHT) / 2, y: height - 6, "text-anchor": "middle" }).textContent = axes.x.label;
    const middle = (TOP + height - BOTTOM) / 2;
    append(grid, "text", { class: "chart-label", transform: `translate(13 ${middle}) rotate(-90)`, "text-anchor": "middle" }).textContent = axes.y.label;
  }

  const at = ([a, b]) => `${x(a).toFixed(1)},${y(b).toFixed(1)}`;
  const kept = (points) => points.filter((point) => point.every((v) => Number.isFinite(v)));

  const draw = {
    line: (mark) => append(plot, "polyline", { points: kept(mark.line).map(at).join(" "), fill: "none", stroke: colourOf(mark), "stroke-width": mark.width ?? 2, "stroke-dasharray": mark.dash ?? "none" }),
    area: (mark) => {
      const ends = mark.area.length ? [mark.area.at(-1), mark.area[0]].map(([a]) => [a, mark.base ?? 0]) : [];
      append(plot, "polygon", { points: kept([...mark.area, ...ends]).map(at).join(" "), fill: colourOf(mark), opacity: mark.opacity ?? 0.2 });
    },
    points: (mark, group) => kept(mark.points).forEach(([a, b]) => append(group, "circle", { cx: x(a), cy: y(b), r: mark.radius ?? 3.5, fill: mark.hollow ? "none" : colourOf(mark), stroke: colourOf(mark) })),
    bars: (mark) => mark.bars.forEach(([from, to, tall]) => {
      const top = Math.min(y(tall), y(0)), left = Math.min(x(from), x(to));
      append(plot, "rect", { x: left, y: top, width: Math.max(1, Math.abs(x(to) - x(from)) - 1), height: Math.abs(y(tall) - y(0)), fill: colourOf(mark), opacity: mark.opacity ?? 0.8 });
    }),
    text: (mark) => set(append(texts, "text", { x: x(mark.at[0]), y: y(mark.at[1]), "text-anchor": mark.anchor ?? "start", fill: mark.colour === undefined ? "currentColor" : colourOf(mark) }), {}).textContent = mark.text,
    image: (mark) => {
      const [left, right] = mark.x.map(x), [low, high] = mark.y.map(y);
      append(plot, "image", { href: mark.image.toDataURL(), x: left, y: high, width: right - left, height: low - high, preserveAspectRatio: "none", class: "chart-image" });
    },
    handle: () => {},
  };

  /* Handles stay the same elements from drawing to drawing, so that the keyboard's focus stays where it is. */
  function placeHandles() {
    const wanted = marks.filter((mark) => mark.handle !== undefined), names = new Set(wanted.map((mark) => mark.handle));
    [...handles.children].forEach((child) => names.has(child.dataset.name) || child.remove());
    for (const mark of wanted) {
      let circle = [...handles.children].find((child) => child.dataset.name === mark.handle);
      if (!circle) {
        circle = append(handles, "circle", { r: 9, tabindex: 0, role: "slider", class: "chart-handle" });
        circle.dataset.name = mark.handle;
      }
      const [a, b] = mark.at;
      set(circle, { cx: x(a), cy: y(b), fill: colourOf(mark), "aria-label": mark.handle, "aria-valuenow": a,
        "aria-valuetext": mark.says ?? `${axes.x.label} ${formatNumber(a)}, ${axes.y.label} ${formatNumber(b)}` });
    }
  }

  function show(list, changed = axes) {
    marks = list;
    if (changed !== axes || !x) { axes = changed; layOut(); }
    plot.replaceChildren();
    texts.replaceChildren();
    const before = drawn;
    drawn = new Map();
    for (const mark of marks) {
      if (!mark.points) draw[Object.keys(draw).find((kind) => mark[kind] !== undefined)](mark);
      else if (before.has(mark)) plot.append(before.get(mark)); // many points that stay as they are stay the same elements
      else draw.points(mark, append(plot, "g"));
      if (mark.points) drawn.set(mark, plot.lastChild);
    }
    placeHandles();
    const named = marks.filter((mark) => mark.name);
    legend.replaceChildren(...named.map((mark) => {
      const entry = document.createElement("span"), swatch = append(entry, "i", { class: mark.dash ? "dashed" : "" });
      swatch.style.color = colourOf(mark);
      entry.append(mark.name);
      return entry;
    }));
    legend.hidden = !named.length;
  }

  const findHandle = (name) => marks.find((mark) => mark.handle === name);
  const clamp = (v, { from, to }) => Math.min(Math.max(v, Math.min(from, to)), Math.max(from, to));
  const move = (mark, a, b) => mark.move(clamp(a, axes.x), clamp(b, axes.y));

  function toPixels(event) {
    const box = svg.getBoundingClientRect(), scale = wide / box.width;
    return [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
  }
  /* The name of the handle near an event, or undefined. */
  function findNear(event) {
    const [px, py] = toPixels(event);
    const near = marks.filter((mark) => mark.handle !== undefined)
      .map((mark) => [Math.hypot(x(mark.at[0]) - px, y(mark.at[1]) - py), mark.handle]).sort(([a], [b]) => a - b)[0];
    return near && near[0] <= REACH ? near[1] : undefined;
  }
  svg.addEventListener("pointerdown", (event) => {
    const near = findNear(event);
    if (near === undefined) return;
    event.preventDefault();
    dragged = near;
    svg.setPointerCapture(event.pointerId);
    [...handles.children].find((child) => child.dataset.name === dragged).focus({ preventScroll: true });
  });
  /* A finger near a handle drags it, and does not scroll the page. */
  svg.addEventListener("touchstart", (event) => { if (findNear(event.touches[0]) !== undefined) event.preventDefault(); }, { passive: false });
  svg.addEventListener("pointermove", (event) => {
    const mark = dragged !== null && findHandle(dragged);
    if (mark) move(mark, ...(([px, py]) => [x.invert(px), y.invert(py)])(toPixels(event)));
  });
  for (const end of ["pointerup", "pointercancel"]) svg.addEventListener(end, () => { dragged = null; });
  handles.addEventListener("keydown", (event) => {
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    const mark = way && findHandle(event.target.dataset.name);
    if (!mark) return;
    event.preventDefault();
    const size = (axis) => Math.abs(axis.to - axis.from) / 50;
    const [dx, dy] = [mark.step?.[0] ?? size(axes.x), mark.step?.[1] ?? size(axes.y)];
    move(mark, mark.at[0] + way[0] * dx, mark.at[1] + way[1] * dy);
  });

  /* A narrow page gets a narrow chart with text of full size, not a small one. */
  new ResizeObserver(([entry]) => {
    const room = Math.round(Math.min(width, entry.contentRect.width));
    if (room < 120 || room === wide) return;
    wide = room;
    layOut();
    show(marks);
  }).observe(figure);
  layOut();
  return { show };
}

/* The colour of a mark as CSS. */
export function colourOf({ colour = 0 }) {
  return typeof colour === "number" ? `var(--series-${colour})` : colour;
}

/* Append a new element, of SVG within SVG, and return it. */
export function append(parent, name, attributes = {}) {
  const svg = name === "svg" || parent.namespaceURI === SVG;
  const child = svg ? document.createElementNS(SVG, name) : document.createElement(name);
  parent.append(set(child, attributes));
  return child;
}

/* Set attributes of an element, and return it. */
export function set(element, attributes) {
  Object.entries(attributes).forEach(([key, value]) => element.setAttribute(key, value));
  return element;
}
