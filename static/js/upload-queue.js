import { Transfer } from "./upload-transfer.js";

const FILES_AT_ONCE = 3;
const PARTS_AT_ONCE = 4;
const SPEED_OVER_MS = 8000;

/** The files on their way: three at once, four parts of them all. ``changed(transfer)`` hears of every step. */
export class Queue {
  constructor(portal, changed) {
    this.portal = portal;
    this.changed = changed;
    this.transfers = [];
    this.slots = new Slots(PARTS_AT_ONCE);
    this.samples = [];
    this.active = 0;
    window.addEventListener("online", () => this.#resumeLost());
    window.addEventListener("beforeunload", (event) => {
      if (this.isBusy) event.preventDefault();
    });
  }

  /** Files are {file, path, name}. One that is here already and has stopped goes on instead. */
  add(files) {
    for (const one of files) {
      const same = this.transfers.find((other) => other.isOpen && isSame(other, one));
      if (same) {
        same.file = one.file; // the one from before may no longer be readable
        if (["stopped", "paused"].includes(same.state)) same.wait();
      } else this.transfers.push(new Transfer(this.portal, one, this.changed));
    }
    this.pump();
  }

  resume(transfer) {
    transfer.wait();
    this.pump();
  }

  get isBusy() {
    return this.transfers.some((one) => ["sending", "waiting"].includes(one.state));
  }

  get received() {
    return this.transfers.filter((one) => one.state === "received");
  }

  get counted() {
    return this.transfers.filter((one) => one.state !== "cancelled");
  }

  pump() {
    for (const one of this.transfers) {
      if (this.active === FILES_AT_ONCE) return;
      if (one.state === "waiting") this.#run(one);
    }
  }

  async #run(transfer) {
    this.active += 1;
    await transfer.run(this.slots);
    this.active -= 1;
    this.pump();
    this.changed(transfer);
  }

  #resumeLost() {
    for (const one of this.transfers) if (one.state === "stopped" && one.isLost) one.wait();
    this.pump();
  }

  /** {sent, size, speed, secondsLeft} of all; speed in bytes a second over the last moments. */
  progress() {
    const counted = this.counted;
    const sent = counted.reduce((sum, one) => sum + (one.state === "received" ? one.size : one.sent), 0);
    const size = counted.reduce((sum, one) => sum + one.size, 0);
    const now = performance.now();
    this.samples.push({ now, sent });
    while (this.samples.length > 2 && now - this.samples[0].now > SPEED_OVER_MS) this.samples.shift();
    const [first] = this.samples;
    const speed = now - first.now > 500 ? Math.max(0, ((sent - first.sent) / (now - first.now)) * 1000) : 0;
    return { sent, size, speed, secondsLeft: speed ? (size - sent) / speed : null };
  }
}

function isSame(one, other) {
  const key = ({ file, path, name }) => [path, name, file.size, file.lastModified].join("\n");
  return key(one) === key(other);
}

/** So many may go at once: ``take()`` waits for its turn and gives a function that ends it. */
class Slots {
  constructor(count) {
    this.count = count;
    this.free = count;
    this.waiting = [];
  }

  take() {
    const release = () => {
      const next = this.waiting.shift();
      if (next) next(release);
      else this.free += 1;
    };
    if (this.free > 0) {
      this.free -= 1;
      return Promise.resolve(release);
    }
    return new Promise((resolve) => this.waiting.push(resolve));
  }
}
