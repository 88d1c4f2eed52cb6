/* What marimo's frame lacks for screen readers and weak eyes: names of its parts, and contrast in code. */
const EVERY = 1000, PALE = "rgb(238, 68, 0)", DARKER = "#b93300";

/* Find elements, also in the shadow trees of others. */
function* findAll(root, selector) {
  yield* root.querySelectorAll(selector);
  for (const element of root.querySelectorAll("*")) if (element.shadowRoot) yield* findAll(element.shadowRoot, selector);
}

const setName = (element, name) => element.hasAttribute("aria-label") || element.setAttribute("aria-label", name);

function mendFrame() {
  document.getElementById("root")?.setAttribute("role", "main");
  for (const button of document.querySelectorAll("button[aria-haspopup=menu]")) setName(button, "menu of the notebook");
  for (const scroller of findAll(document, ".cm-scroller")) if (scroller.tabIndex) mendCode(scroller);
  for (const field of findAll(document, "[aria-label*='<']"))
    field.setAttribute("aria-label", new DOMParser().parseFromString(field.ariaLabel, "text/html").body.textContent.trim());
}

/* Name the code, let the keyboard scroll it, and darken pale words. */
function mendCode(scroller) {
  scroller.tabIndex = 0;
  for (const code of scroller.querySelectorAll(".cm-content")) setName(code, "code");
  const pale = [...scroller.querySelectorAll(".cm-line span")].find((span) => getComputedStyle(span).color === PALE);
  if (!pale) return;
  const style = document.createElement("style");
  style.textContent = `.${CSS.escape(pale.classList[0])} { color: ${DARKER} !important; }`;
  scroller.getRootNode().append(style);
}

setInterval(mendFrame, EVERY); // marimo adds parts at any time, also in shadow trees, which no observer of the page sees
