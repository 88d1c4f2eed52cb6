/* A drawing in SVG, such as a network: as wide as the page allows, with text of full size on a narrow page.

   `drawing.show(paint)` calls `paint(wide)` now, and again when the page gives it another width. */

export function makeDrawing(el, { label, width = 640, height = 330 }) {
  const figure = append(el, "figure", { class: "drawing" }), svg = append(figure, "svg", { role: "group", "aria-label": label });
  let wide = width, paint = () => {};

  function layOut() {
    set(svg, { viewBox: `0 0 ${wide} ${height}` });
    svg.style.maxWidth = `${wide}px`;
    paint(wide);
  }
  new ResizeObserver(([entry]) => {
    const room = Math.round(Math.min(width, entry.contentRect.width));
    if (room < 120 || room === wide) return;
    wide = room;
    layOut();
  }).observe(figure);
  layOut();

  /* Where an event of the pointer is, in the drawing's coordinates. */
  function locate(event) {
    const box = svg.getBoundingClientRect(), scale = wide / box.width;
    return [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
  }
  return { svg, locate, show: (next) => { paint = next; paint(wide); } };
}

/* Let an element act as a button: by a click, Enter or the space bar. */
export function makePressable(element, press) {
  element.addEventListener("click", press);
  element.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    press();
  });
  return element;
}
