/* What marimo's frame lacks for screen readers and weak eyes: names of its parts, and contrast in code. */
const EVERY = 1000;

/* Colours of code that stand out too little from the paper, light and dark, and the ones to take instead. */
const PALE = {
  "rgb(238, 68, 0)": "#b93300", "rgb(224, 108, 117)": "#ea8f96", "rgb(198, 120, 221)": "#d296e6", "rgb(125, 135, 153)": "#a3acbb",
};

/* Find elements, also in the shadow trees of others. */
function* findAll(root, selector) {
  yield* root.querySelectorAll(selector);
  for (const element of root.querySelectorAll("*")) if (element.shadowRoot) yield* findAll(element.shadowRoot, selector);
}

const setName = (element, name) => element.hasAttribute("aria-label") || element.setAttribute("aria-label", name);

function mendFrame() {
  document.getElementById("root")?.setAttribute("role", "main");
  for (const button of document.querySelectorAll("button[aria-haspopup=menu]")) setName(button, "menu of the notebook");
  for (const scroller of findAll(document, ".cm-scroller")) mendCode(scroller);
  for (const field of findAll(document, "[aria-label*='<']"))
    field.setAttribute("aria-label", new DOMParser().parseFromString(field.ariaLabel, "text/html").body.textContent.trim());
}

/* Name the code, let the keyboard scroll it, and give pale words another colour. */
function mendCode(scroller) {
  if (scroller.tabIndex) scroller.tabIndex = 0;
  for (const code of scroller.querySelectorAll(".cm-content")) setName(code, "code");
  for (const span of scroller.querySelectorAll(".cm-line span[class]")) {
    const colour = PALE[getComputedStyle(span).color];
    if (!colour) continue;
    const style = document.createElement("style");
    style.textContent = `.${CSS.escape(span.classList[0])} { color: ${colour} !important; }`;
    scroller.getRootNode().append(style);
  }
}

setInterval(mendFrame, EVERY); // marimo adds parts at any time, also in shadow trees, which no observer of the page sees
