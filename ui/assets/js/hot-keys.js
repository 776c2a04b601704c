// Single keys on lists: / search, j k move, o open, ? help. WCAG 2.1.4: a preference switches them off.
class HotKeys extends HTMLElement {
  connectedCallback() {
    this.help = this.querySelector("dialog");
    this.onKey = (event) => this.press(event);
    document.addEventListener("keydown", this.onKey);
  }

  disconnectedCallback() {
    document.removeEventListener("keydown", this.onKey);
  }

  press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || writing(event.target) || document.querySelector("dialog[open]")) return;
    const act = { "/": () => this.search(), j: () => this.move(1), k: () => this.move(-1), o: () => this.openRow(), "?": () => this.help.showModal() }[event.key];
    if (act) {
      event.preventDefault();
      act();
    }
  }

  search() {
    (document.querySelector("[data-list-search]") ?? document.querySelector("[data-global-search]"))?.focus();
  }

  rows() {
    return [...document.querySelectorAll("main [data-row]")];
  }

  move(step) {
    const rows = this.rows();
    if (!rows.length) return;
    const now = rows.findIndex((row) => row.classList.contains("chosen"));
    const next = Math.min(Math.max(now + step, 0), rows.length - 1);
    rows[now]?.classList.remove("chosen");
    rows[next].classList.add("chosen");
    rows[next].scrollIntoView({ block: "nearest" });
    (rows[next].querySelector("[data-open]") ?? rows[next]).focus({ preventScroll: true });
  }

  openRow() {
    const chosen = document.querySelector("main [data-row].chosen") ?? document.activeElement?.closest?.("[data-row]");
    chosen?.querySelector("[data-open]")?.click();
  }
}

function writing(target) {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}
customElements.define("hot-keys", HotKeys);
