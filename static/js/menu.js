/** Escape and a click elsewhere close an open menu, as its summary does. */
export function connect(element) {
  const summary = element.querySelector("summary");
  document.addEventListener("click", (event) => {
    if (!element.contains(event.target)) element.open = false;
  });
  element.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !element.open) return;
    element.open = false;
    summary.focus();
  });
}
