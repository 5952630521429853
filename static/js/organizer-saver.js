const WAITS = [1, 2, 4, 8, 15, 30]; // seconds between tries; the last one again and again
const KEPT_DAYS = 30;
const MOST_KEEPALIVE = 60_000; // bytes that a browser sends for a page that is being left

/**
 * Sends answers one request after another, and again while the connection is lost. What is not saved yet is kept in the
 * browser, numbers that are secret apart. ``hooks``: state(name, words), replied(reply, pairs), steps(html), about(names) of
 * those that are sent, token(), takeToken(token).
 */
export class Saver {
  constructor(form, hooks) {
    this.address = form.dataset.answers;
    this.key = `organizer ${form.dataset.keptFor}`;
    this.hooks = hooks;
    this.waiting = new Map(); // name → pairs, not sent yet
    this.sent = null; // the same, on their way: sent again as they are until there is a reply
    this.isLost = false;
    this.tries = 0;
    forgetOld();
    window.addEventListener("online", () => this.#now());
    document.addEventListener("visibilitychange", () => document.hidden && this.#now());
  }

  get hasUnsaved() {
    return this.waiting.size > 0 || this.sent !== null;
  }

  /** What an earlier visit could not save: [name, pairs] of each. */
  kept() {
    return Object.entries(this.#read()).map(([name, one]) => [name, one.pairs]);
  }

  keep(name, pairs, isSecret) {
    if (!isSecret) this.#write({ ...this.#read(), [name]: { pairs, at: Date.now() } });
  }

  drop(name) {
    const { [name]: _, ...others } = this.#read();
    this.#write(others);
  }

  save(name, pairs) {
    this.waiting.set(name, pairs);
    if (!this.isBusy) this.#send();
    else if (this.isLost) this.#now();
  }

  async #send() {
    this.isBusy = true;
    while (this.waiting.size || this.sent) {
      if (!this.sent) {
        this.sent = this.waiting;
        this.waiting = new Map();
      }
      if (!this.isLost) this.hooks.state("saving", "Saving…");
      const reply = await this.#ask();
      if (!reply) continue;
      for (const one of reply.answers) {
        const pairs = this.sent.get(one.name);
        if (one.seen !== undefined) this.#settle(one, pairs);
        this.hooks.replied(one, pairs);
      }
      this.sent = null;
      if (reply.steps) this.hooks.steps(reply.steps);
      const isAll = reply.answers.every((one) => one.seen !== undefined);
      if (reply.at) this.hooks.state("saved", isAll ? `Saved ${reply.at}` : "Not all is saved yet. Beside the answer it says why.");
    }
    this.isBusy = false;
  }

  /** It is saved. What was written since then goes on from this answer. */
  #settle({ name, seen }, pairs) {
    const goesOn = (newer) => newer.map(([key, value]) => [key, key === `${name}.seen` ? seen : value]);
    if (this.waiting.has(name)) this.waiting.set(name, goesOn(this.waiting.get(name)));
    const kept = this.#read();
    if (!kept[name]) return;
    if (String(kept[name].pairs) === String(pairs)) this.drop(name);
    else this.#write({ ...kept, [name]: { ...kept[name], pairs: goesOn(kept[name].pairs) } });
  }

  /** The reply, or null where it is asked again. */
  async #ask() {
    const about = [["csrfmiddlewaretoken", this.hooks.token()], ...this.hooks.about(this.sent)];
    const body = new URLSearchParams([...about, ...[...this.sent.values()].flat()]);
    try {
      const keepalive = body.toString().length < MOST_KEEPALIVE;
      const answer = await fetch(this.address, { method: "POST", body, keepalive });
      if (isSignIn(answer.url) || answer.status === 403) {
        await this.#lost("You were signed out. Sign in again in another tab: what you wrote stays here and is sent then.");
        await this.#takeNewToken();
        return null;
      }
      if (answer.status >= 500 || [408, 429].includes(answer.status)) throw new Error("later");
      this.isLost = false;
      this.tries = 0;
      if (answer.ok) return await answer.json();
      this.waiting.clear();
      const said = await answer.json().catch(() => ({ error: "This page is out of date. Load it again." }));
      this.hooks.state("refused", said.error);
      return { answers: [], at: "" };
    } catch {
      await this.#lost("Not saved: no connection. What you wrote is kept on this page, and sent again.");
      return null;
    }
  }

  #lost(words) {
    this.isLost = true;
    this.hooks.state("lost", words);
    const seconds = WAITS[Math.min(this.tries, WAITS.length - 1)];
    this.tries += 1;
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, seconds * 1000);
      this.wake = () => (clearTimeout(timer), resolve());
    });
  }

  #now() {
    this.wake?.();
  }

  /** After another sign-in the page's own token is no longer taken: this page, asked for again, has the new one. */
  async #takeNewToken() {
    const answer = await fetch(location.href).catch(() => null);
    if (!answer?.ok || isSignIn(answer.url)) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    this.hooks.takeToken(page.querySelector("[name=csrfmiddlewaretoken]")?.value);
  }

  #read() {
    try {
      return JSON.parse(localStorage.getItem(this.key)) ?? {};
    } catch {
      return {};
    }
  }

  #write(kept) {
    try {
      if (Object.keys(kept).length) localStorage.setItem(this.key, JSON.stringify(kept));
      else localStorage.removeItem(this.key);
    } catch {
      // the browser keeps nothing here: the page still does
    }
  }
}

/** What was kept for organizers that nobody has come back to. */
function forgetOld() {
  const oldest = Date.now() - KEPT_DAYS * 86_400_000;
  try {
    for (const key of Object.keys(localStorage).filter((one) => one.startsWith("organizer "))) {
      const kept = Object.values(JSON.parse(localStorage.getItem(key)));
      if (kept.every((one) => one.at < oldest)) localStorage.removeItem(key);
    }
  } catch {
    // nothing is kept in this browser
  }
}

function isSignIn(address) {
  return address.includes("/account/login/");
}
