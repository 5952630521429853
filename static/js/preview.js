/** Shows a file beside the list instead of on a page of its own. Escape closes it, the arrow keys go on to the next file. */
export function connect(panel) {
  let opener = null;
  let asked = 0;

  async function show(link) {
    const own = (asked += 1);
    panel.setAttribute("aria-busy", "true");
    let part;
    try {
      const answer = await fetch(link.href, { headers: { "X-Requested-With": "XMLHttpRequest" } });
      if (!answer.ok || answer.redirected) throw new Error(answer.status);
      part = new DOMParser().parseFromString(await answer.text(), "text/html").body;
    } catch {
      window.location.assign(link.href); // the page of its own says what is the matter
      return;
    }
    if (own !== asked) return; // another was asked for meanwhile
    panel.replaceChildren(...part.childNodes);
    mark(link);
    panel.hidden = false;
    panel.setAttribute("aria-busy", "false");
    panel.querySelector("[data-preview-name]").focus({ preventScroll: true });
    panel.scrollIntoView({ block: "nearest" });
  }

  /** The row of what is shown; the focus goes back there. */
  function mark(link) {
    for (const one of document.querySelectorAll("a[data-preview]")) {
      if (one.href === link?.href) opener = one;
      one.closest("tr")?.classList.toggle("is-shown", one.href === link?.href);
    }
  }

  function close() {
    asked += 1;
    mark(null);
    panel.hidden = true;
    panel.replaceChildren();
    opener?.focus();
  }

  document.addEventListener("click", (event) => {
    if (!panel.isConnected) return; // the list was read anew, and another panel has taken its place
    const link = event.target.closest("a[data-preview], a[data-preview-step]");
    const isPlain = !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || event.button);
    if (link && isPlain) {
      event.preventDefault();
      if (link.hasAttribute("data-preview")) opener = link;
      show(link);
    }
    if (event.target.closest("[data-preview-close]")) close();
  });
  document.addEventListener("keydown", (event) => {
    if (!panel.isConnected || panel.hidden || event.defaultPrevented) return;
    if (event.key === "Escape") close();
    const step = { ArrowLeft: "previous", ArrowRight: "next" }[event.key];
    const isWithin = panel.contains(document.activeElement) && !document.activeElement.matches("[role=region]");
    const link = step && isWithin && panel.querySelector(`[data-preview-step=${step}]`);
    if (!link) return;
    event.preventDefault();
    show(link);
  });
}
