// One polite live region for the whole page.
export function say(text) {
  const region = document.getElementById("status");
  if (region && text) region.textContent = text;
}
