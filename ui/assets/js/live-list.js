// A list that is live is fetched again by htmx; a reader who opened a menu or chose a row is not disturbed.
document.addEventListener("htmx:beforeRequest", (event) => {
  const poller = event.target;
  if (!poller.matches?.("[data-live]")) return;
  const busy = document.hidden || document.querySelector("dialog[open], .list details[open], main [data-row].chosen");
  const reading = document.activeElement?.closest?.(".list form, .list table");
  if (busy || reading) event.preventDefault();
});

// Choices that filter at once where scripts run; without scripts the form has a button.
document.addEventListener("change", (event) => {
  const form = event.target.closest?.("form[data-at-once]");
  if (form) form.requestSubmit();
});

// A form that asks with GET leaves its empty fields out of the address.
document.addEventListener("submit", (event) => {
  if (event.target.method !== "get") return;
  event.target.addEventListener("formdata", (made) => {
    for (const [name, value] of [...made.formData.entries()]) if (value === "") made.formData.delete(name);
  }, { once: true });
});
