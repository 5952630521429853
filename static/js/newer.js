const LEAST_MS = 60_000;

/** The link to the newest says how many there are. Asked only while somebody moves here, at most once a minute: a page
    that lies open keeps no session alive. */
export function connect(link) {
  let asked = Date.now();

  async function ask() {
    if (document.hidden || Date.now() - asked < LEAST_MS) return;
    asked = Date.now();
    try {
      const answer = await fetch(link.dataset.count);
      const words = answer.ok && !answer.redirected ? await answer.text() : "";
      if (words) link.textContent = words;
    } catch {
      // the next move asks again
    }
  }

  for (const move of ["pointermove", "keydown", "focusin", "visibilitychange"]) {
    document.addEventListener(move, ask, { passive: true });
  }
}
