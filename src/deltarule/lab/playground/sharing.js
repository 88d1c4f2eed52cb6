/* The address of the page, which holds the settings, and copies of texts for the clipboard. */

const DELAY = 400; // milliseconds after the last change; some browsers allow 100 changes in 30 seconds

export class Address {
  /* `write` gives the text after #; `read` is called when the user changes it. */
  constructor(write, read) {
    Object.assign(this, { write, written: "", timer: 0 });
    addEventListener("hashchange", () => {
      if (location.hash.slice(1) === this.written) return;
      read();
      scrollTo(0, 0);
    });
  }

  updateSoon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.update(), DELAY);
  }

  update() {
    clearTimeout(this.timer);
    this.written = this.write();
    history.replaceState(null, "", location.href.split("#")[0] + (this.written && `#${this.written}`));
  }
}

/* Copy a text, and say in `box` that it is done or what to do instead. */
export async function copyText(text, box, done) {
  try {
    await navigator.clipboard.writeText(text);
    box.textContent = done;
  } catch {
    box.textContent = "The browser did not allow it: copy the address of this page, or select the program.";
  }
}
