/* The entry point of anywidget: a pad bound to the traits of pad.Pad.

   Each drawing travels in its own request, and requests can overtake each other. `acknowledgement` is the number of
   the drawing that Python received last; if that is not the newest one, the newest is sent again. */
const PATIENCE = 1000; // milliseconds until a drawing is sent again, at first

function render({ model, el }) {
  let timer = 0, wait = 0;

  function send(ink, number) {
    model.set("ink", ink);
    model.set("drawing_number", number);
    model.save_changes();
    check();
  }
  function check() {
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (model.get("acknowledgement") === model.get("drawing_number")) return;
      wait *= 2;
      send(model.get("ink"), model.get("drawing_number"));
    }, wait);
  }

  makePad(el, model.get("width"), model.get("height"), (grey) => {
    wait = PATIENCE;
    send(new DataView(grey.buffer), model.get("drawing_number") + 1);
  }, model.get("whole_strokes"));
  model.on("change:acknowledgement", check);
  return () => { clearTimeout(timer); model.off("change:acknowledgement", check); };
}
export default { render };
