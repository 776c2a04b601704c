// Ctrl-K: a dialog over the search registry. htmx fetches the hits; this moves among them.
class CommandPalette extends HTMLElement {
  connectedCallback() {
    this.dialog = this.querySelector("dialog");
    this.input = this.querySelector("input");
    this.results = this.querySelector(".results");
    this.input.addEventListener("keydown", (event) => this.onKey(event));
    this.results.addEventListener("htmx:afterSwap", () => this.choose(0));
    this.dialog.addEventListener("click", (event) => {
      if (event.target === this.dialog) this.dialog.close();
    });
    this.onGlobalKey = (event) => {
      if ((event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "k") {
        event.preventDefault();
        this.open();
      }
    };
    document.addEventListener("keydown", this.onGlobalKey);
  }

  disconnectedCallback() {
    document.removeEventListener("keydown", this.onGlobalKey);
  }

  open() {
    if (this.dialog.open) return;
    this.dialog.showModal();
    this.input.select();
    if (!this.results.querySelector("a")) this.input.dispatchEvent(new Event("palette"));
  }

  links() {
    return [...this.results.querySelectorAll("a")];
  }

  onKey(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      this.choose((this.chosen ?? -1) + step);
    } else if (event.key === "Enter") {
      const link = this.links()[this.chosen ?? 0];
      if (link) {
        event.preventDefault();
        link.click();
      }
    }
  }

  choose(index) {
    const links = this.links();
    if (!links.length) {
      this.chosen = undefined;
      this.input.removeAttribute("aria-activedescendant");
      return;
    }
    this.chosen = (index + links.length) % links.length;
    links.forEach((link, at) => link.setAttribute("aria-selected", String(at === this.chosen)));
    this.input.setAttribute("aria-activedescendant", links[this.chosen].id);
    links[this.chosen].scrollIntoView({ block: "nearest" });
  }
}
customElements.define("command-palette", CommandPalette);
