/* The list of kept runs of the page Train: names to edit, what can be done with each, and a question before one is
   deleted. */

export function makeRuns(root, send) {
  const section = append(root, "section", { class: "runs", "aria-label": "kept runs" });
  const heading = append(section, "h2", { tabindex: -1 });
  heading.textContent = "Kept runs";
  const none = append(section, "p"), list = append(section, "ul"), say = makeStatus(section), rows = new Map();
  none.textContent = "Each run is kept here with its checkpoints, also after a reload and a restart of the lab.";
  const deleted = new Map(); // the names of runs that the user wants to delete
  const ask = makeQuestion(section, (run) => {
    deleted.set(run.key, run.name);
    send({ do: "delete", key: run.key });
  });

  /* Remove the row of a run, and move the focus from it to its neighbour. */
  function remove(key, { element }) {
    const hadFocus = element.contains(element.getRootNode().activeElement);
    const neighbour = element.nextElementSibling ?? element.previousElementSibling;
    element.remove();
    rows.delete(key);
    if (deleted.has(key)) say(`The run ${deleted.get(key)} is deleted.`);
    deleted.delete(key);
    if (hadFocus) (neighbour?.querySelector("button.delete:enabled") ?? heading).focus();
  }

  return (runs) => {
    none.hidden = runs.length > 0;
    const keys = new Set(runs.map((run) => run.key));
    for (const [key, row] of rows) if (!keys.has(key)) remove(key, row);
    runs.forEach((run, i) => {
      if (!rows.has(run.key)) rows.set(run.key, makeRun(run.key, send, ask));
      const row = rows.get(run.key);
      row.show(run);
      if (list.children[i] !== row.element) list.insertBefore(row.element, list.children[i] ?? null);
    });
  };
}

function makeRun(key, send, ask) {
  const element = document.createElement("li"), swatch = append(element, "i", { class: "swatch" });
  const name = append(element, "input", { type: "text", maxlength: 80, "aria-label": `name of the run ${key}` });
  name.addEventListener("change", () => send({ do: "rename", key, name: name.value }));
  const facts = append(element, "span", { class: "facts" }), buttons = append(element, "span", { class: "run-buttons" });
  const label = append(buttons, "label"), box = append(label, "input", { type: "checkbox" });
  label.append(" chart");
  box.addEventListener("change", () => send({ do: "show", key, on: box.checked }));
  const go = makeButton(buttons, "continue", () => send({ do: "resume", key }));
  const draw = append(buttons, "a", { href: `/draw/?run=${encodeURIComponent(key)}`, target: "_blank" });
  draw.textContent = "draw with this model";
  const save = append(buttons, "a", { href: `/runs/${encodeURIComponent(key)}/model.safetensors`, download: "" });
  save.textContent = "save";
  let shown = {};
  const discard = makeButton(buttons, "delete", () => ask(shown), { class: "delete" });
  function show(run) {
    if (element.shown === JSON.stringify(run)) return;
    element.shown = JSON.stringify(run);
    shown = run;
    if (document.activeElement !== name && name.getRootNode().activeElement !== name) name.value = run.name;
    swatch.style.background = run.colour === null ? "none" : `var(--series-${run.colour})`;
    facts.textContent = run.problem || [run.state, countEpochs(run), run.best, run.rates].filter(Boolean).join(" · ");
    box.checked = run.colour !== null;
    box.disabled = run.state === "this run" || !run.epochs;
    go.hidden = !run.canContinue;
    draw.hidden = !run.canDraw;
    save.hidden = Boolean(run.problem);
    discard.disabled = !run.canDelete;
    discard.title = run.canDelete ? "" : "This run is training: stop it first.";
    for (const one of [go, draw, save, discard]) one.setAttribute("aria-label", `${one.textContent}: ${run.name}`);
  }
  return { element, show };
}

const countEpochs = ({ epochs }) => `${epochs} epoch${epochs === 1 ? "" : "s"}`;

/* Make the question before a run is deleted: `ask(run)` opens it, and `agree(run)` is called if the user agrees. */
function makeQuestion(section, agree) {
  const dialog = append(section, "dialog", { role: "alertdialog", class: "delete-run", "aria-labelledby": "delete-run-title", "aria-describedby": "delete-run-text" });
  const title = append(dialog, "h2", { id: "delete-run-title" }), text = append(dialog, "p", { id: "delete-run-text" });
  const buttons = append(dialog, "div", { class: "run-buttons" });
  let asked = null;
  const keep = makeButton(buttons, "keep it", () => dialog.close());
  makeButton(buttons, "delete it", () => {
    dialog.close();
    agree(asked);
  });
  return (run) => {
    asked = run;
    title.textContent = `Delete ${run.name}?`;
    text.textContent = `Its folder ${run.key} is deleted from the disk: the network, the history of ${countEpochs(run)}, and the checkpoint. You cannot undo this.`;
    dialog.showModal();
    keep.focus();
  };
}
