/** Says in the page that an export was asked for: the browser shows how far it is, and cancels it. */
export function connect(menu) {
  const note = menu.querySelector("[data-export-note]");
  menu.addEventListener("click", (event) => {
    const link = event.target.closest("[data-export]");
    if (link) note.textContent = `${link.dataset.export} is being made. Your browser shows how far it is; cancel it there.`;
  });
}
