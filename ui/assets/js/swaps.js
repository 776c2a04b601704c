// After htmx has replaced a part of the page: say what it shows, in the page's live region.
import { say } from "./say.js";

document.addEventListener("htmx:afterSettle", (event) => {
  const trigger = event.detail.requestConfig?.elt;
  if (trigger?.matches?.("[data-live]")) return;
  const spoken = event.detail.elt?.querySelector?.("[data-announce]") ?? document.querySelector("#list [data-announce]");
  if (spoken) say(spoken.textContent.replace(/\s+/g, " ").trim());
});

// An error page answers an htmx request: show it as a page, not inside a list.
document.addEventListener("htmx:responseError", (event) => {
  if (event.detail.requestConfig?.elt?.matches?.("[data-live]")) return;
  const region = document.getElementById("status");
  say(region?.dataset.failed);
  document.getElementById("request-failed")?.removeAttribute("hidden");
});
