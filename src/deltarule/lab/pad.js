/* A pad to draw on: mouse, touch, stylus or keys. Hands on what is drawn as grey pixels, 0 for paper, 255 for ink. */

const PEN = 0.075, ERASER = 0.16, KEYBOARD_STEP = 0.03, PAUSE = 50, PATIENCE = 1000;

/* Builds the pad into `el`. Whatever changes on it, `changed(pixels)` is handed `height` rows of `width` pixels. */
export function makePad(el, width, height, changed) {
  const canvas = document.createElement("canvas");
  const scale = 2;
  canvas.width = width * scale;
  canvas.height = height * scale;
  canvas.className = "pad-canvas";
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "application");
  canvas.setAttribute("aria-label",
    "Drawing pad. Arrow keys move the pen, the space bar puts it down or lifts it, E changes pen and eraser, Delete clears.");
  const ink = canvas.getContext("2d", { willReadFrequently: true });
  ink.lineCap = ink.lineJoin = "round";

  const small = document.createElement("canvas");
  small.width = width;
  small.height = height;
  const smaller = small.getContext("2d", { willReadFrequently: true });

  let erasing = false, last = null, pointer = null, cursor = null, timer = 0;

  function line(from, to, pressure) {
    const thick = (erasing ? ERASER : PEN * (0.6 + 0.8 * pressure)) * canvas.height;
    ink.globalCompositeOperation = erasing ? "destination-out" : "source-over";
    ink.strokeStyle = getComputedStyle(canvas).color;
    ink.lineWidth = thick;
    ink.beginPath();
    ink.moveTo(...from);
    ink.lineTo(to[0] + 0.01, to[1]);
    ink.stroke();
    later();
  }

  function pixels() {
    smaller.clearRect(0, 0, width, height);
    smaller.imageSmoothingQuality = "high";
    smaller.drawImage(canvas, 0, 0, width, height);
    const rgba = smaller.getImageData(0, 0, width, height).data;
    const grey = new Uint8Array(width * height);
    for (let i = 0; i < grey.length; i++) grey[i] = rgba[4 * i + 3];
    return grey;
  }

  /* at once, then at most every PAUSE milliseconds, and always once more after the last change */
  function later() {
    if (timer) return void (timer.again = true);
    timer = { again: false };
    changed(pixels());
    setTimeout(() => { const { again } = timer; timer = 0; if (again) later(); }, PAUSE);
  }

  function place(event) {
    const box = canvas.getBoundingClientRect();
    return [(event.clientX - box.left) * canvas.width / box.width, (event.clientY - box.top) * canvas.height / box.height];
  }
  const force = (event) => (event.pointerType === "pen" && event.pressure ? event.pressure : 0.5);

  /* one pointer draws at a time: no second finger, and no palm, whose place a pen takes */
  canvas.addEventListener("pointerdown", (event) => {
    const another = pointer !== null && pointer !== event.pointerId;
    if (event.button || (another && event.pointerType !== "pen")) return;
    canvas.setPointerCapture(event.pointerId);
    pointer = event.pointerId;
    last = place(event);
    line(last, last, force(event));
    event.preventDefault();
    canvas.focus({ preventScroll: true });
  });
  canvas.addEventListener("pointermove", (event) => {
    if (event.pointerId !== pointer) return;
    const all = event.getCoalescedEvents?.() ?? [];
    for (const one of all.length ? all : [event]) {
      const to = place(one);
      line(last, to, force(one));
      last = to;
    }
  });
  const up = (event) => { if (event.pointerId === pointer) pointer = null; };
  canvas.addEventListener("pointerup", up);
  canvas.addEventListener("pointercancel", up);

  const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key in arrows) {
      const from = cursor ?? { at: [canvas.width / 2, canvas.height / 2], down: false };
      const [dx, dy] = arrows[event.key].map((d) => d * KEYBOARD_STEP * canvas.height);
      const to = [Math.min(Math.max(from.at[0] + dx, 0), canvas.width), Math.min(Math.max(from.at[1] + dy, 0), canvas.height)];
      if (from.down) line(from.at, to, 0.5);
      cursor = { at: to, down: from.down };
    } else if (event.key === " ") {
      cursor = { at: cursor?.at ?? [canvas.width / 2, canvas.height / 2], down: !cursor?.down };
      if (cursor.down) line(cursor.at, cursor.at, 0.5);
      said.textContent = cursor.down ? "pen down" : "pen up";
    } else if (event.key.toLowerCase() === "e") {
      tool();
      said.textContent = erasing ? "eraser" : "pen";
    } else if (event.key === "Delete" || event.key === "Backspace") {
      clear();
      said.textContent = "cleared";
    } else return;
    event.preventDefault();
    show();
  });
  canvas.addEventListener("blur", () => { cursor = null; show(); });

  const mark = document.createElement("div");
  mark.className = "pad-cursor";
  function show() {
    mark.hidden = !cursor;
    if (!cursor) return;
    mark.style.left = `${100 * cursor.at[0] / canvas.width}%`;
    mark.style.top = `${100 * cursor.at[1] / canvas.height}%`;
    mark.classList.toggle("pad-down", cursor.down);
  }

  const said = document.createElement("div");
  said.className = "pad-said";
  said.setAttribute("aria-live", "polite");

  function button(text, does) {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = text;
    made.addEventListener("click", does);
    return made;
  }
  const eraser = button("eraser", tool);
  eraser.setAttribute("aria-pressed", "false");
  function tool() {
    erasing = !erasing;
    eraser.setAttribute("aria-pressed", String(erasing));
    canvas.classList.toggle("pad-erasing", erasing);
  }
  function clear() {
    ink.clearRect(0, 0, canvas.width, canvas.height);
    later();
  }

  const board = document.createElement("div");
  board.className = "pad-board";
  board.style.aspectRatio = `${width} / ${height}`;
  board.style.maxWidth = `${280 * width / height}px`;
  board.append(canvas, mark, said);
  const tools = document.createElement("div");
  tools.className = "pad-tools";
  tools.append(eraser, button("clear", clear));
  const whole = document.createElement("div");
  whole.className = "pad";
  whole.append(board, tools);
  el.append(whole);
  show();
}

/* What anywidget calls: the pad, bound to the traits of pad.Pad.

   Drawings travel in requests of their own, of which one may overtake another. `held` says which drawing
   Python has; where that is not the last, it is sent once more. */
function render({ model, el }) {
  let timer = 0, wait = 0;

  function send(ink, drawing) {
    model.set("ink", ink);
    model.set("drawing", drawing);
    model.save_changes();
    check();
  }
  function check() {
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (model.get("held") === model.get("drawing")) return;
      wait *= 2;
      send(model.get("ink"), model.get("drawing"));
    }, wait);
  }

  makePad(el, model.get("width"), model.get("height"), (grey) => {
    wait = PATIENCE;
    send(new DataView(grey.buffer), model.get("drawing") + 1);
  });
  model.on("change:held", check);
  return () => { clearTimeout(timer); model.off("change:held", check); };
}
export default { render };
