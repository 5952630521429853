/** Rows of a list are put in order by dragging them, too: the list's own form is sent with the place where one is dropped. */
export function connect(list) {
  const rows = () => [...list.children];
  let dragged = null;

  for (const row of list.children) {
    row.draggable = true;
    for (const link of row.querySelectorAll("a")) link.draggable = false;
    row.addEventListener("dragstart", (event) => {
      dragged = row;
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", row.id);
      row.classList.add("is-dragged");
    });
    row.addEventListener("dragend", () => {
      row.classList.remove("is-dragged");
      if (dragged) putBack();
      dragged = null;
    });
  }
  const before = rows();

  list.addEventListener("dragover", (event) => {
    if (!dragged) return;
    event.preventDefault();
    const over = event.target.closest(".order__row");
    if (!over || over === dragged || over.parentElement !== list) return;
    const { top, height } = over.getBoundingClientRect();
    over[event.clientY < top + height / 2 ? "before" : "after"](dragged);
  });

  list.addEventListener("drop", (event) => {
    if (!dragged) return;
    event.preventDefault();
    const place = rows().indexOf(dragged);
    if (place === before.indexOf(dragged)) return;
    const form = dragged.querySelector(".order__move");
    const to = document.createElement("input");
    Object.assign(to, { type: "hidden", name: "to", value: place });
    form.append(to);
    dragged = null;
    form.submit();
  });

  function putBack() {
    list.append(...before);
  }
}
