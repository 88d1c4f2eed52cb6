/* The dialog for the user's own table, pasted or from a file. */

import { MOST_BYTES, readTable } from "./table_reader.js";

/* Connect the dialog; `accept` gets each valid table. */
export function connectTable(accept) {
  const find = (id) => document.getElementById(id), dialog = find("table-dialog"), text = find("table-text");
  const showProblem = (problem) => {
    find("table-problem").textContent = problem;
    find("table-problem").hidden = !problem;
    text.setAttribute("aria-invalid", String(problem !== ""));
  };
  find("open-table").addEventListener("click", () => dialog.showModal());
  find("close-table").addEventListener("click", () => dialog.close());
  find("table-file").addEventListener("change", async (event) => {
    const [file] = event.target.files;
    if (!file) return;
    if (file.size > MOST_BYTES)
      return showProblem(`${file.name}: expected at most 1 MB, got ${(file.size / 1e6).toFixed(1)} MB`);
    text.value = await file.text();
    showProblem("");
  });
  find("use-table").addEventListener("click", () => {
    const table = readTable(text.value);
    showProblem(table.problem ?? "");
    if (table.problem) return;
    dialog.close();
    accept(table);
  });
}
