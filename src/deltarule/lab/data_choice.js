/* The choice of data for the page Train, and the upload of one's own. */
const ACCEPT = ".csv,.tsv,.txt,.data,.npz,.npy,.zip,.gz,.arff,.xlsx,.parquet,.mat,.libsvm,.svm,.idx,*/*";
const MOST = 512;

function render({ model, el }) {
  const root = document.createElement("div");
  root.className = "data-choice";
  root.innerHTML = `
    <label class="data-label">data <select aria-label="data"></select></label>
    <details><summary>upload your own</summary>
      <p>A table (.csv), arrays (.npz), a .zip of pictures with a folder for each class, or IDX files (choose images and
      labels together). At most ${MOST} MB each. They are kept beside the runs.</p>
      <label>files <input type="file" multiple accept="${ACCEPT}"></label>
      <label>target column, for a table <input type="text" placeholder="found by itself"></label>
      <button type="button">upload</button> <progress max="1" value="0" hidden aria-label="upload"></progress>
    </details>
    <div class="data-message" role="status"></div>`;
  el.append(root);
  const find = (name) => root.querySelector(name), select = find("select"), message = find(".data-message");
  const files = find("input[type=file]"), label = find("input[type=text]"), button = find("button"), bar = find("progress");

  const showSources = () => {
    select.replaceChildren(...model.get("sources").map(([name, source]) => new Option(name, source, false, source === model.get("selected"))));
  };
  const say = (kind, lines) => {
    message.className = `data-message ${kind}`;
    message.replaceChildren(...lines.map((line) => Object.assign(document.createElement("p"), { textContent: line })));
    message.setAttribute("role", kind === "problem" ? "alert" : "status");
    button.disabled = kind === "busy";
    bar.hidden = kind !== "busy";
  };
  const showMessage = () => {
    const { kind = "", lines = [] } = model.get("message");
    say(kind, lines);
    if (kind === "busy") bar.removeAttribute("value");
    if (kind === "note") { files.value = ""; find("details").open = false; }
  };
  select.addEventListener("change", () => {
    model.set("selected", select.value);
    model.set("label", "");
    model.save_changes();
  });

  const send = (group, file) => new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", `/uploads/${group}/${encodeURIComponent(file.name)}`);
    request.upload.onprogress = (event) => { bar.value = event.loaded / event.total; };
    request.onload = () => {
      if (request.status === 200) return resolve();
      reject(new Error(request.status === 401 ? "the lab was started again: open the address that it printed" : request.responseText.trim()));
    };
    request.onerror = () => reject(new Error("the upload broke off: the lab does not answer, or it refused a file this large"));
    request.send(file);
  });
  button.addEventListener("click", async () => {
    const chosen = [...files.files], group = model.get("group");
    if (!chosen.length) return say("problem", ["Choose one or more files first."]);
    const large = chosen.find((file) => file.size > MOST * 2 ** 20);
    if (large) return say("problem", [`${large.name} has ${(large.size / 2 ** 20).toFixed(0)} MB: at most ${MOST} MB are possible. Upload fewer examples.`]);
    say("busy", [`Uploading ${chosen.map((file) => file.name).join(", ")} …`]);
    try {
      for (const file of chosen) await send(group, file);
    } catch (error) {
      return say("problem", [`${error.message}`, "Nothing of it is kept; the data chosen before stay chosen."]);
    }
    model.set("request", { group, label: label.value });
    model.save_changes();
  });

  model.on("change:sources", showSources);
  model.on("change:selected", showSources);
  model.on("change:message", showMessage);
  showSources();
  showMessage();
}
export default { render };
