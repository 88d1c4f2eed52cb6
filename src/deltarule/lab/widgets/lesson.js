/* A figure of a lesson: controls, pictures and questions around one pure function.

   `compute(values, data)` turns the values of the controls, and data from the notebook, into the state that the
   pictures show. `makePictures(el, set, data)` builds them and returns `draw(state, values)`; `set(changes)` changes
   values from within a picture, as dragging does. `questions` are {ask, holds(state, values)}: a question counts as
   answered once it has held. All of this happens within the event of the control: nothing is sent to a server.

   Where a network learns, `compute` is a generator: its first state is drawn within the event, and the others in later
   frames, as soon as the controls rest. It yields often, undefined if there is nothing new to draw. */

const STILL = 100, PORTION = 12, BETWEEN = 60; // milliseconds: after an event, of a frame for further states, between drawings

export function makeLesson({ controls, compute, makePictures, questions = [] }) {
  function render({ model, el }) {
    const data = model.get("data") ?? {}, values = { ...readDefaults(controls), ...model.get("values") };
    const root = append(el, "div", { class: "lesson" });
    const bar = append(root, "div"), pictures = append(root, "div", { class: "pictures" });
    const draw = makePictures(pictures, change, data);
    const form = makeControls(bar, controls, values, update, report), check = makeQuestions(root, questions);

    function change(changes) {
      Object.assign(values, changes);
      form.update();
      update();
    }
    const play = makePlayer((state) => {
      draw(state, values);
      check(state, values);
    });
    function update() {
      play(compute(values, data));
    }
    /* The notebook's other cells learn of a value when its control is let go. */
    function report() {
      model.set("values", { ...values });
      model.save_changes();
    }
    model.on("change:data", () => { Object.assign(data, model.get("data")); update(); });
    update();
  }
  return { render, controls, compute: (values, data) => findLast(compute(values, data)), questions };
}

/* Show a state, or the states of a generator, until the next call. With reduced motion, show only the first and last. */
function makePlayer(show) {
  let current = null;
  return (states) => {
    current = states;
    if (!states.next) return show(states);
    show(states.next().value);
    const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;
    let waiting = null, shown = performance.now();
    function go() {
      if (current !== states) return;
      const end = performance.now() + PORTION;
      let next;
      do {
        next = states.next();
        waiting = next.value ?? waiting;
      } while (!next.done && performance.now() < end);
      if (waiting && (next.done || (!isStill && performance.now() > shown + BETWEEN))) {
        show(waiting);
        [waiting, shown] = [null, performance.now()];
      }
      if (!next.done) requestAnimationFrame(go);
    }
    setTimeout(() => requestAnimationFrame(go), STILL);
  };
}

/* The state, or the last one of a generator. */
function findLast(states) {
  if (!states.next) return states;
  let last = null;
  for (const state of states) last = state ?? last;
  return last;
}

/* List questions below the pictures; each gets its mark when it has held once. */
function makeQuestions(el, questions) {
  if (!questions.length) return () => {};
  const list = append(append(el, "div", { class: "questions", role: "group", "aria-label": "questions" }), "ul");
  const items = questions.map(({ ask }) => {
    const item = append(list, "li"), mark = append(item, "span", { class: "mark", role: "img", "aria-label": "open" });
    mark.textContent = "○";
    append(item, "span").textContent = ask;
    return [item, mark];
  });
  list.setAttribute("aria-live", "polite");
  return (state, values) => questions.forEach(({ holds }, i) => {
    const [item, mark] = items[i];
    if (item.classList.contains("answered") || !holds(state, values)) return;
    item.classList.add("answered");
    mark.textContent = "●";
    mark.setAttribute("aria-label", "done");
  });
}

/* Append a paragraph whose text says what a picture shows, and return a function that writes it. */
export function makeStatus(el) {
  const status = append(el, "p", { class: "status", role: "status" });
  return (text) => { if (status.textContent !== text) status.textContent = text; };
}
