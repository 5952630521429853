/** The keys of a list with ticks, while a tick or a name of it has the focus. Tab goes on as it always does. */
export function connect(form, { boxes, reach, tick, tickAll, startAt, toBin }) {
  const table = form.querySelector("[data-selection-rows]");
  const hint = form.querySelector("[data-selection-keys]");
  if (hint) hint.hidden = !window.matchMedia("(hover: hover) and (pointer: fine)").matches;

  const goTo = (box) => box.focus();

  function step(box, by, event) {
    const next = boxes[boxes.indexOf(box) + by];
    if (!next) return;
    if (event.shiftKey) {
      startAt(box);
      reach(next, true);
      box.checked = true;
    }
    goTo(next);
  }

  const acts = {
    ArrowDown: (box, event) => step(box, 1, event),
    ArrowUp: (box, event) => step(box, -1, event),
    Home: () => goTo(boxes[0]),
    End: () => goTo(boxes.at(-1)),
    " ": (box) => tick(box, !box.checked),
    Enter: (box) => box.closest("tr").querySelector(".table__lead a")?.click(),
    Escape: () => tickAll(false),
    Delete: (box) => {
      if (!boxes.some((one) => one.checked)) tick(box, true);
      if (toBin && !toBin.disabled) form.requestSubmit(toBin);
    },
  };

  table.addEventListener("keydown", (event) => {
    const on = event.target.closest("tbody .tick, .table__lead a");
    const box = on?.closest("tr").querySelector(".tick");
    if (!box || event.altKey) return;
    if (event.ctrlKey || event.metaKey) {
      if (event.key.toLowerCase() !== "a") return;
      event.preventDefault();
      tickAll(true);
      return;
    }
    const act = acts[event.key];
    if (!act || (on.matches("a") && event.key === "Enter") || (event.key === "Delete" && !toBin)) return;
    event.preventDefault();
    act(box, event);
  });
}
