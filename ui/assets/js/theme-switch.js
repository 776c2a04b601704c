// The form works by itself; this applies the theme at once and keeps the page.
class ThemeSwitch extends HTMLElement {
  connectedCallback() {
    this.querySelector("form")?.addEventListener("submit", (event) => this.apply(event));
  }

  async apply(event) {
    const button = event.submitter;
    if (!button) return;
    event.preventDefault();
    const form = event.target;
    const body = new FormData(form, button);
    const answer = await fetch(form.action, { method: "POST", body, redirect: "manual" });
    if (answer.type !== "opaqueredirect" && !answer.ok) {
      location.reload();
      return;
    }
    document.documentElement.dataset.theme = button.value;
    for (const other of form.querySelectorAll("button[value]")) other.setAttribute("aria-pressed", String(other === button));
  }
}
customElements.define("theme-switch", ThemeSwitch);
