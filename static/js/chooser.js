/** While a name is typed, those that fit are offered in a list under it. Without this, the portal looks for the name. */
const WAIT_MS = 150;
let lists = 0;

export function connect(input) {
  const list = document.createElement("ul");
  list.className = "chooser";
  list.id = `chooser-${++lists}`;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Names that fit");
  list.hidden = true;
  input.after(list);
  const attributes = { role: "combobox", "aria-autocomplete": "list", "aria-controls": list.id, "aria-expanded": "false" };
  for (const [name, value] of Object.entries(attributes)) input.setAttribute(name, value);

  let timer, asked = 0, active = -1;

  function close() {
    asked += 1; // an answer that is still on its way is not shown
    clearTimeout(timer);
    active = -1;
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function point(to) {
    const options = list.querySelectorAll("[role=option]");
    if (!options.length) return;
    options[active]?.setAttribute("aria-selected", "false");
    active = (to + options.length) % options.length;
    options[active].setAttribute("aria-selected", "true");
    options[active].scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", options[active].id);
  }

  function take(option) {
    input.value = option.dataset.name;
    close();
  }

  function show({ names, has_more: hasMore }) {
    list.replaceChildren(...names.map(({ name, hint }, number) => optionOf(name, hint, number)));
    if (!names.length) list.append(noteOf("Nothing fits"));
    if (hasMore) list.append(noteOf("There are more: type on"));
    active = -1;
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    input.removeAttribute("aria-activedescendant");
  }

  function optionOf(name, hint, number) {
    const option = document.createElement("li");
    option.id = `${list.id}-${number}`;
    option.className = "chooser__option";
    option.setAttribute("role", "option");
    option.setAttribute("aria-selected", "false");
    option.dataset.name = name;
    option.append(name);
    if (hint) option.append(Object.assign(document.createElement("span"), { className: "chooser__hint", textContent: hint }));
    return option;
  }

  function noteOf(words) {
    const note = document.createElement("li");
    note.className = "chooser__note";
    note.setAttribute("role", "presentation");
    note.textContent = words;
    return note;
  }

  async function ask() {
    const mine = ++asked;
    const answer = await fetch(`${input.dataset.address}?${new URLSearchParams({ q: input.value })}`).catch(() => null);
    if (mine === asked && answer?.ok && document.activeElement === input) show(await answer.json());
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    if (input.value.trim()) timer = setTimeout(ask, WAIT_MS);
    else close();
  });
  input.addEventListener("blur", close);
  list.addEventListener("pointerdown", (event) => event.preventDefault()); // the name keeps the focus
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) take(option);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) ask();
      else point(event.key === "ArrowDown" ? active + 1 : Math.max(active, 0) - 1);
    } else if (!list.hidden && event.key === "Enter" && active >= 0) {
      event.preventDefault();
      take(list.querySelectorAll("[role=option]")[active]);
    } else if (!list.hidden && event.key === "Escape") {
      event.preventDefault();
      close();
    }
  });
}
