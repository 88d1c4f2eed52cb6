/* Watches the connection of a page to the lab, and says what happened when it is lost, and what is kept. */
const EVERY = 1000, PATIENCE = 2;

const KEPT = "Each run that trained is kept as of its last checkpoint: the Train page lists it, and can continue it.";
const TEXTS = {
  gone: ["The lab does not answer.", "It was ended, or this machine slept. " + KEPT,
    "Start it again with deltarule lab, and open the address that it prints."],
  changed: ["The lab was started again.", "This tab has the token of the start before. " + KEPT,
    "Open the address that deltarule lab printed last."],
  ended: ["This page has lost its session.", "The lab still runs. " + KEPT + " Settings that are not in the address of this page are lost.",
    "Reload the page to begin again."],
  renewed: ["This page has a new session.", "Its connection was lost for a while. " + KEPT, "Its settings are those of its address, and else the first ones."],
};

let wasOpen = false, missed = 0, shown = "";

/* Ask the lab why the page is not connected. */
async function findReason() {
  try {
    const answer = await fetch("/alive", { cache: "no-store" });
    return answer.status === 401 ? "changed" : answer.ok ? "ended" : "gone";
  } catch {
    return "gone";
  }
}

function show(reason) {
  document.querySelector(".lab-connection")?.remove();
  shown = reason;
  if (!reason) return;
  const banner = document.createElement("div"), [title, what, next] = TEXTS[reason];
  banner.className = "lab-connection";
  banner.setAttribute("role", "alert");
  const strong = document.createElement("strong");
  strong.textContent = title;
  banner.append(strong, ` ${what} ${next} `);
  const press = { ended: ["reload", () => location.reload()], renewed: ["close", () => show("")] }[reason];
  if (press) {
    const button = document.createElement("button");
    button.textContent = press[0];
    button.addEventListener("click", press[1]);
    banner.append(button);
  }
  document.body.append(banner);
  /* A page without a server has nothing to lose by a reload, so nothing must ask. */
  if (reason !== "renewed") window.dispatchEvent(new CustomEvent("lab-lost"));
}

setInterval(async () => {
  const state = document.querySelector("#App")?.dataset.connectionState;
  if (state === "OPEN") {
    wasOpen = true;
    missed = 0;
    if (shown && shown !== "renewed") show("renewed");
  } else if (wasOpen && state && ++missed >= PATIENCE) {
    const reason = await findReason();
    if (reason !== shown && document.querySelector("#App")?.dataset.connectionState !== "OPEN") show(reason);
  }
}, EVERY);
