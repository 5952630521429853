/** The list of sections says how far one is, after each answer. ``fresh``: a page, or a part of one, that has it. */
export function drawSteps(fresh) {
  const steps = document.querySelector("[data-steps]");
  if (!steps || !fresh.querySelector("[data-steps]") || steps.contains(document.activeElement)) return;
  for (const part of ["[data-count]", "#sections"]) {
    steps.querySelector(part).replaceChildren(...fresh.querySelector(part).children);
  }
}
