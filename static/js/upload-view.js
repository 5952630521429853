import { sizeInWords } from "./selection.js";

const MOST_ROWS = 30;
const MOST_LINKS = 10;
const EVERY_MS = 250;
const SHOWN_ENDING = 12;

/** The queue as one sees it: a row for each file, how far all of it is, and in the end what was received. */
export class View {
  constructor(root, queue) {
    this.queue = queue;
    this.list = root.querySelector("[data-queue]");
    this.rows = new Map();
    this.template = root.querySelector("template");
    this.status = root.querySelector("[data-status]");
    this.done = root.querySelector("[data-done]");
    [this.count, this.rest] = root.querySelectorAll(".queue__head > span");
    this.more = root.querySelector("[data-more]");
    this.timer = null;
  }

  /** Drawn a few times a second, whatever happens in between. */
  update() {
    this.timer ??= setTimeout(() => {
      this.timer = null;
      this.#draw();
    }, EVERY_MS);
  }

  /** For screen readers, in few words: not every tick. */
  say(words) {
    this.status.textContent = words;
  }

  #draw() {
    const { transfers, counted, received } = this.queue;
    this.list.hidden = !counted.length;
    for (const one of transfers) this.#drawRow(one);
    this.count.textContent = `${received.length} of ${counted.length} received`;
    this.rest.textContent = this.queue.isBusy ? this.#progress() : "";
    const hidden = counted.filter((one) => one.state === "waiting" && !this.rows.has(one)).length;
    this.more.hidden = !hidden;
    this.more.textContent = `${hidden} more ${hidden === 1 ? "waits" : "wait"} for their turn`;
    if (this.queue.isBusy) this.update();
  }

  #progress() {
    const { sent, size, speed, secondsLeft } = this.queue.progress();
    const share = size ? Math.floor((sent / size) * 100) : 0;
    return [`${share}%`, speed ? `${sizeInWords(Math.round(speed))}/s` : "", timeLeft(secondsLeft)].filter(Boolean).join(" · ");
  }

  #drawRow(transfer) {
    let row = this.rows.get(transfer);
    if (transfer.state === "cancelled") return this.#remove(transfer);
    if (!row) {
      if (transfer.state === "waiting" && this.rows.size >= MOST_ROWS) return;
      if (transfer.state === "received" && transfer.wasShown) return;
      row = this.#newRow(transfer);
    }
    const { state } = transfer;
    for (const part of row.querySelectorAll("[data-when]")) part.hidden = !part.dataset.when.split(" ").includes(state);
    row.querySelector("progress").value = transfer.percent;
    row.querySelector("[data-words]").textContent = words(transfer);
    row.querySelector("[data-stopped]").textContent = transfer.words;
    const both = row.querySelector("[data-act=both]");
    both.hidden = !transfer.upload?.becomes_version || transfer.isSeparate || state === "received";
    if (state === "received" && !transfer.wasShown) this.#drawReceived(row, transfer);
  }

  #newRow(transfer) {
    const row = this.template.content.firstElementChild.cloneNode(true);
    const [head, ending] = row.querySelectorAll(".name__text > span");
    const cut = transfer.name.length > SHOWN_ENDING * 2 ? transfer.name.length - SHOWN_ENDING : transfer.name.length;
    head.textContent = transfer.name.slice(0, cut);
    ending.textContent = transfer.name.slice(cut);
    const whole = transfer.path ? `${transfer.path}/${transfer.name}` : transfer.name;
    row.querySelector(".name__text").title = whole;
    row.querySelector("progress").ariaLabel = whole;
    const acts = {
      pause: () => transfer.pause(),
      resume: () => this.queue.resume(transfer),
      cancel: () => transfer.cancel(),
      both: () => ((transfer.isSeparate = true), this.update()),
    };
    for (const button of row.querySelectorAll("[data-act]")) {
      button.setAttribute("aria-label", `${button.textContent.trim()}: ${transfer.name}`);
      button.addEventListener("click", acts[button.dataset.act]);
    }
    this.list.insertBefore(row, this.more);
    this.rows.set(transfer, row);
    return row;
  }

  #drawReceived(row, transfer) {
    transfer.wasShown = true;
    const { version, duplicates, name, receipt, held } = transfer.received;
    const at = new Date().toLocaleTimeString([], { hour: "numeric", minute: "2-digit" });
    const renamed = name === transfer.name ? "" : ` as ${name}`;
    row.querySelector("[data-received]").textContent = `Received ${at}${version > 1 ? ` as version ${version}` : renamed}`;
    if (held) row.querySelector("[data-received]").append(`. ${held}`);
    if (receipt) row.querySelector("[data-received]").append(" ", link({ name: "Receipt", address: receipt }));
    if (duplicates.length) {
      const twins = row.querySelector("[data-twins]");
      twins.hidden = false;
      twins.append("The same file is already here: ", ...listed(duplicates.map(link)));
    }
    const shown = [...this.rows].filter(([one]) => one.state === "received" && !one.received.duplicates.length);
    if (this.rows.size > MOST_ROWS) this.#remove(shown[0]?.[0]);
  }

  #remove(transfer) {
    this.rows.get(transfer)?.remove();
    this.rows.delete(transfer);
  }

  /** All that could be sent is received: what, with links. */
  summarise() {
    const { received } = this.queue;
    this.#draw();
    if (!received.length) return;
    const names = received.slice(0, MOST_LINKS).map((one) => link(one.received));
    const more = received.length - names.length;
    this.done.querySelector("span").replaceChildren("Received ", ...listed(names), more ? `, and ${more} more.` : ".");
    this.done.hidden = false;
    this.say(received.length === 1 ? `Received ${received[0].received.name}.` : `${received.length} files received.`);
  }
}

function words(transfer) {
  const { state, size, sent, percent, upload, isSeparate } = transfer;
  if (state === "waiting") return `Waiting, ${sizeInWords(size)}`;
  if (state === "paused") return `Paused at ${percent}%`;
  if (transfer.troubles) return `Connection lost at ${percent}%, trying again`;
  if (transfer.words) return transfer.words;
  const resumed = transfer.resumedAt ? `, resumed at ${transfer.resumedAt}%` : "";
  const becomes = upload?.becomes_version && !isSeparate ? `, becomes version ${upload.becomes_version}` : "";
  return `${percent}%, ${sizeInWords(sent)} of ${sizeInWords(size)}${resumed}${becomes}`;
}

function timeLeft(seconds) {
  if (seconds === null) return "";
  if (seconds < 60) return "less than a minute left";
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `about ${minutes} minute${minutes === 1 ? "" : "s"} left`;
  return `about ${Math.round(minutes / 60)} hours left`;
}

function link({ name, address }) {
  if (!address) return name;
  const anchor = document.createElement("a");
  anchor.href = address;
  anchor.textContent = name;
  return anchor;
}

function listed(parts) {
  return parts.flatMap((part, index) => (index ? [", ", part] : [part]));
}
