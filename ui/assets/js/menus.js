// Menus are <details>; here they close on Escape, on a click outside and when focus leaves.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = event.target.closest?.("details.menu[open]") ?? document.querySelector("details.menu[open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});
document.addEventListener("focusout", (event) => {
  const menu = event.target.closest?.("details.menu[open]");
  if (menu && event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false;
});

// Narrow screens: the navigation folds behind a button that exists only where scripts run.
class NavFold extends HTMLElement {
  connectedCallback() {
    const sidebar = this.closest(".sidebar");
    const button = this.querySelector("button");
    if (!sidebar || !button) return;
    const narrow = matchMedia("(width < 800px)");
    const fit = () => {
      this.hidden = !narrow.matches;
      sidebar.classList.toggle("folded", narrow.matches);
      button.setAttribute("aria-expanded", String(!narrow.matches));
    };
    button.addEventListener("click", () => {
      const folded = sidebar.classList.toggle("folded");
      button.setAttribute("aria-expanded", String(!folded));
    });
    narrow.addEventListener("change", fit);
    fit();
  }
}
customElements.define("nav-fold", NavFold);
