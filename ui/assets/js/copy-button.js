// Copies `value`, or the text of the element named by `from`.
import { say } from "./say.js";

class CopyButton extends HTMLElement {
  connectedCallback() {
    this.button = this.querySelector("button");
    this.button?.addEventListener("click", () => this.copy());
  }

  text() {
    const from = this.getAttribute("from");
    return from ? document.getElementById(from).textContent : this.getAttribute("value");
  }

  async copy() {
    if (!(await write(this.text()))) return;
    say(this.getAttribute("done"));
    this.button.classList.add("done");
    setTimeout(() => this.button.classList.remove("done"), 1500);
  }
}

// The clipboard API exists on https and localhost only; a selection copies elsewhere.
async function write(text) {
  if (navigator.clipboard) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      return viaSelection(text);
    }
  }
  return viaSelection(text);
}

function viaSelection(text) {
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "visually-hidden";
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  return done;
}
customElements.define("copy-button", CopyButton);
