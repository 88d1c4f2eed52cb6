/* A table. Its cells are texts, {strong: text}, or {bar: value, most, text}: a bar from the middle to either side. */

export function makeTable(el, headings, label) {
  const table = append(append(el, "div", { class: "table" }), "table");
  append(table, "caption").textContent = label;
  const head = append(append(table, "thead"), "tr"), body = append(table, "tbody");
  headings.forEach((heading) => { append(head, "th", { scope: "col" }).textContent = heading; });

  function write(cell, value) {
    if (value.bar === undefined) {
      append(cell, value.strong === undefined ? "span" : "strong").textContent = value.strong ?? value;
      return;
    }
    const share = Math.min(1, Math.abs(value.bar) / value.most) * 50, bar = append(append(cell, "span", { class: "table-bar" }), "i");
    bar.style.cssText = `width: ${share}%; left: ${value.bar > 0 ? 50 : 50 - share}%; background: var(--series-${value.bar > 0 ? 0 : 1})`;
    append(cell, "span").textContent = value.text;
  }
  return (rows) => body.replaceChildren(...rows.map((row) => {
    const line = document.createElement("tr");
    row.forEach((value) => write(append(line, "td"), value));
    return line;
  }));
}
