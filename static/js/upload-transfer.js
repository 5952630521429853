import { Lost, Refused } from "./upload-requests.js";

const WAITS = [1, 2, 4, 8, 15, 30]; // seconds; then it stops, until somebody or the network says go on
const FRESH_MS = 10 * 60 * 1000;
const ASKED_AT_ONCE = 8;
const CHANGED = "This file was changed or moved on this device. Choose it again.";

/** One file on its way. ``state``: waiting, sending, paused, stopped, received or cancelled; ``words`` says more. */
export class Transfer {
  constructor(portal, { file, path, name }, changed) {
    Object.assign(this, { portal, file, path, name, changed });
    this.size = file.size;
    this.isSeparate = false;
    this.state = "waiting";
    this.words = "";
    this.arrived = 0; // bytes of whole parts
    this.loaded = new Map(); // bytes of parts on their way, by number
  }

  get sent() {
    let sum = this.arrived;
    for (const bytes of this.loaded.values()) sum += bytes;
    return Math.min(sum, this.size);
  }

  get percent() {
    return this.size ? Math.floor((this.sent / this.size) * 100) : 0;
  }

  get isOpen() {
    return !["received", "cancelled"].includes(this.state);
  }

  /** Sends until it is received, or something keeps it from it. ``slots`` says how many parts of all files go at once. */
  async run(slots) {
    const control = new AbortController();
    this.control = control;
    this.troubles = 0; // requests that wait to be tried again
    this.slots = slots;
    this.set("sending");
    try {
      for (let turn = 0; ; turn += 1) {
        try {
          this.received = await this.#attempt();
          break;
        } catch (problem) {
          // 409: parts are missing or still being written; 410: it was given up elsewhere. Both begin again by asking.
          if (!(problem instanceof Refused) || ![404, 409, 410].includes(problem.status) || turn === 5) throw problem;
          if (problem.status !== 409) this.upload = null;
          await this.#sleep(WAITS[turn]);
        }
      }
      this.set("received");
    } catch (problem) {
      if (this.control === control) this.#stop(problem); // else it was paused and goes on already
    }
  }

  pause() {
    this.set("paused");
    this.control?.abort();
  }

  wait() {
    this.set("waiting");
  }

  cancel() {
    this.set("cancelled");
    this.control?.abort();
    if (this.upload) this.portal.giveUp(this.upload.address).catch(() => {}); // else it expires by itself
  }

  set(state, words = "") {
    this.state = state;
    this.words = words;
    this.changed(this);
  }

  #stop(problem) {
    this.loaded.clear();
    if (this.state !== "sending") return; // paused or cancelled
    this.isLost = problem instanceof Lost;
    const why = this.isLost ? problem.message || "the connection was lost" : problem.message;
    this.set("stopped", this.isLost || this.sent ? `Stopped at ${this.percent}%: ${why}` : why);
  }

  async #attempt() {
    const { signal } = this.control;
    const known = this.upload?.address; // it may be complete, and only the answer was lost
    this.upload = await this.#again(() => (known ? this.portal.stateOf(known, signal) : this.portal.start(this, signal)));
    if (this.upload.is_complete) return this.#again(() => this.portal.complete(known, this.isSeparate, signal));
    const there = new Set(this.upload.parts);
    this.loaded.clear();
    this.arrived = [...there].reduce((sum, number) => sum + this.#length(number), 0);
    this.resumedAt = there.size && this.size ? this.percent : 0;
    this.changed(this);
    const missing = [];
    const count = Math.ceil(this.size / this.upload.part_bytes);
    for (let number = 1; number <= count; number += 1) if (!there.has(number)) missing.push(number);
    await this.#sendAll(missing);
    this.words = "Being stored safely";
    this.changed(this);
    return this.#again(() => this.portal.complete(this.upload.address, this.isSeparate, signal));
  }

  async #sendAll(missing) {
    this.urls = new Map();
    let failure = null;
    const send = async () => {
      while (missing.length && !failure) {
        const release = await this.slots.take();
        try {
          this.control.signal.throwIfAborted();
          const number = missing.shift();
          if (number !== undefined && !failure) await this.#again(() => this.#sendPart(number, missing));
        } catch (problem) {
          failure ??= problem;
        } finally {
          release();
        }
      }
    };
    await Promise.all(Array.from({ length: Math.min(this.slots.count, missing.length) }, send));
    if (failure) throw failure;
  }

  async #sendPart(number, next) {
    const { address, part_bytes: bytes, where } = this.upload;
    const start = (number - 1) * bytes;
    const isOurs = where === "portal";
    const url = isOurs ? `${address}parts/${number}/` : await this.#urlOf(number, next);
    try {
      const tell = (loaded) => {
        this.loaded.set(number, Math.min(loaded, this.#length(number)));
        this.changed(this);
      };
      await this.portal.put(url, this.file.slice(start, start + bytes), { isOurs, signal: this.control.signal, tell });
      this.arrived += this.#length(number);
    } finally {
      this.loaded.delete(number);
      this.urls.delete(number);
    }
  }

  /** The store's address for a part; those of the next ones are asked for with it. */
  async #urlOf(number, next) {
    const known = this.urls.get(number);
    if (known && Date.now() - known.at < FRESH_MS) return known.url;
    const numbers = [number, ...next.slice(0, ASKED_AT_ONCE - 1)];
    const urls = await this.portal.partUrls(this.upload.address, numbers, this.control.signal);
    for (const [key, url] of Object.entries(urls)) this.urls.set(Number(key), { url, at: Date.now() });
    return urls[number];
  }

  #length(number) {
    return Math.min(this.upload.part_bytes, this.size - (number - 1) * this.upload.part_bytes);
  }

  /** Does it, again after a while where the connection was lost. */
  async #again(act) {
    for (let turn = 0; ; turn += 1) {
      try {
        return await act();
      } catch (problem) {
        if (!(problem instanceof Lost)) throw problem;
        await this.file.slice(0, 1).arrayBuffer().catch(() => {
          throw new Refused(0, CHANGED);
        });
        if (turn === WAITS.length) throw problem;
        this.troubles += 1;
        this.changed(this);
        await this.#sleep(WAITS[turn] * (0.75 + Math.random() / 2)).finally(() => (this.troubles -= 1));
      }
    }
  }

  /** Some seconds, fewer where the network comes back. Ends at once when it is paused or cancelled. */
  #sleep(seconds) {
    const { signal } = this.control;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(resolve, seconds * 1000);
      window.addEventListener("online", resolve, { once: true });
      signal.addEventListener("abort", () => (clearTimeout(timer), reject(signal.reason)), { once: true });
      if (signal.aborted) reject(signal.reason);
    });
  }
}
