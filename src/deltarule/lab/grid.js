/* A confusion matrix: a table of counts with selectable cells. */
function render({ model, el }) {
  const table = document.createElement("table");
  table.className = "grid";
  el.append(table);
  function draw() {
    const counts = model.get("counts"), names = model.get("names"), [row, column] = model.get("selected");
    const most = Math.max(1, ...counts.flatMap((line, i) => line.filter((_, j) => i !== j)));
    table.replaceChildren();
    const caption = table.createCaption();
    caption.textContent = model.get("caption");
    const head = table.insertRow();
    head.append(document.createElement("td"));
    names.forEach((name) => { const th = document.createElement("th"); th.scope = "col"; th.textContent = name; head.append(th); });
    counts.forEach((line, i) => {
      const tr = table.insertRow(), th = document.createElement("th");
      th.scope = "row"; th.textContent = names[i]; tr.append(th);
      line.forEach((count, j) => {
        const button = document.createElement("button");
        button.type = "button";
        button.textContent = count || "";
        button.setAttribute("aria-label", `${names[i]} read as ${names[j]}: ${count}`);
        button.setAttribute("aria-pressed", String(i === row && j === column));
        if (i === j) button.className = "grid-right";
        else if (count) button.style.background = `rgba(213, 94, 0, ${0.12 + 0.6 * count / most})`;
        button.addEventListener("click", () => { model.set("selected", [i, j]); model.save_changes(); });
        tr.insertCell().append(button);
      });
    });
  }
  model.on("change:counts", draw);
  model.on("change:selected", () => {
    const [row, column] = model.get("selected");
    table.querySelectorAll("button").forEach((button, at) => button.setAttribute("aria-pressed",
      String(at === row * model.get("names").length + column)));
  });
  draw();
}
export default { render };
