/** The answers of the question that a condition names are there as soon as it is chosen, as its button would bring them. */
export function connect(part) {
  const select = part.querySelector("select");
  const button = part.querySelector("button");
  const form = part.closest("form");
  button.hidden = true;

  select.addEventListener("change", async () => {
    const sent = new FormData(form);
    sent.append(button.name, button.value);
    try {
      const answer = await fetch(form.action, { method: "POST", body: sent });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const asked = page.querySelector("[data-behaviour=condition] fieldset");
      part.querySelector("fieldset")?.remove();
      if (asked) button.before(asked);
    } catch {
      button.hidden = false;
    }
  });
}
