/* A drawing pad for mouse, touch, stylus and keys. It reports the drawing as grey pixels, 0 for paper, 255 for ink. */

const PEN = 0.075, ERASER = 0.16, KEYBOARD_STEP = 0.03, PAUSE = 50, REST = 300;

/* Build the pad in `el`. After each change it calls `onChange(pixels)` with `height` rows of `width` pixels; with
   `wholeStrokes` only once the pen has been up for REST milliseconds. */
export function makePad(el, width, height, onChange, wholeStrokes = false) {
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
  const smallContext = small.getContext("2d", { willReadFrequently: true });

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
    scheduleUpdate();
  }

  /* dark mode turns ink and paper round */
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    ink.globalCompositeOperation = "source-in";
    ink.fillStyle = getComputedStyle(canvas).color;
    ink.fillRect(0, 0, canvas.width, canvas.height);
  });

  function getPixels() {
    smallContext.clearRect(0, 0, width, height);
    smallContext.imageSmoothingQuality = "high";
    smallContext.drawImage(canvas, 0, 0, width, height);
    const rgba = smallContext.getImageData(0, 0, width, height).data;
    const grey = new Uint8Array(width * height);
    for (let i = 0; i < grey.length; i++) grey[i] = rgba[4 * i + 3];
    return grey;
  }

  /* report a change at once, then at most every PAUSE milliseconds, and always after the last change */
  function scheduleUpdate() {
    if (wholeStrokes) {
      clearTimeout(timer);
      timer = setTimeout(() => { if (pointer === null && !cursor?.down) onChange(getPixels()); }, REST);
      return;
    }
    if (timer) return void (timer.again = true);
    timer = { again: false };
    onChange(getPixels());
    setTimeout(() => { const { again } = timer; timer = 0; if (again) scheduleUpdate(); }, PAUSE);
  }

  function getPosition(event) {
    const box = canvas.getBoundingClientRect();
    return [(event.clientX - box.left) * canvas.width / box.width, (event.clientY - box.top) * canvas.height / box.height];
  }
  const getPressure = (event) => (event.pointerType === "pen" && event.pressure ? event.pressure : 0.5);

  /* one pointer draws at a time: a second finger does not draw, and a pen replaces the palm of a hand */
  canvas.addEventListener("pointerdown", (event) => {
    const another = pointer !== null && pointer !== event.pointerId;
    if (event.button || (another && event.pointerType !== "pen")) return;
    canvas.setPointerCapture(event.pointerId);
    pointer = event.pointerId;
    last = getPosition(event);
    line(last, last, getPressure(event));
    event.preventDefault();
    canvas.focus({ preventScroll: true });
  });
  canvas.addEventListener("pointermove", (event) => {
    if (event.pointerId !== pointer) return;
    const all = event.getCoalescedEvents?.() ?? [];
    for (const one of all.length ? all : [event]) {
      const to = getPosition(one);
      line(last, to, getPressure(one));
      last = to;
    }
  });
  const up = (event) => {
    if (event.pointerId !== pointer) return;
    pointer = null;
    if (wholeStrokes) scheduleUpdate();
  };
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
      else if (wholeStrokes) scheduleUpdate();
      announcement.textContent = cursor.down ? "pen down" : "pen up";
    } else if (event.key.toLowerCase() === "e") {
      switchTool();
      announcement.textContent = erasing ? "eraser" : "pen";
    } else if (event.key === "Delete" || event.key === "Backspace") {
      clear();
      announcement.textContent = "cleared";
    } else return;
    event.preventDefault();
    showCursor();
  });
  canvas.addEventListener("blur", () => {
    if (cursor?.down && wholeStrokes) scheduleUpdate();
    cursor = null;
    showCursor();
  });

  const mark = document.createElement("div");
  mark.className = "pad-cursor";
  function showCursor() {
    mark.hidden = !cursor;
    if (!cursor) return;
    mark.style.left = `${100 * cursor.at[0] / canvas.width}%`;
    mark.style.top = `${100 * cursor.at[1] / canvas.height}%`;
    mark.classList.toggle("pad-down", cursor.down);
  }

  const announcement = document.createElement("div");
  announcement.className = "pad-announcement";
  announcement.setAttribute("aria-live", "polite");

  function button(text, action) {
    const element = document.createElement("button");
    element.type = "button";
    element.textContent = text;
    element.addEventListener("click", action);
    return element;
  }
  const eraser = button("eraser", switchTool);
  eraser.setAttribute("aria-pressed", "false");
  function switchTool() {
    erasing = !erasing;
    eraser.setAttribute("aria-pressed", String(erasing));
    canvas.classList.toggle("pad-erasing", erasing);
  }
  function clear() {
    ink.clearRect(0, 0, canvas.width, canvas.height);
    scheduleUpdate();
  }

  const board = document.createElement("div");
  board.className = "pad-board";
  board.style.aspectRatio = `${width} / ${height}`;
  board.style.maxWidth = `${280 * width / height}px`;
  board.append(canvas, mark, announcement);
  const tools = document.createElement("div");
  tools.className = "pad-tools";
  tools.append(eraser, button("clear", clear));
  const whole = document.createElement("div");
  whole.className = "pad";
  whole.append(board, tools);
  el.append(whole);
  showCursor();
}
