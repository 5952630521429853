import { drawSteps } from "./organizer-steps.js";
import { sizeInWords } from "./selection.js";
import { chosen } from "./upload-chosen.js";
import { Queue } from "./upload-queue.js";
import { Portal } from "./upload-requests.js";

/** What is sent here is a file of its own, and answers the question once it is complete. */
class OfQuestion extends Portal {
  constructor(place) {
    super(place);
    this.path = place.dataset.path;
    this.files = place.dataset.files;
  }

  start({ name, file }, signal) {
    return super.start({ name, file, path: this.path, isSeparate: true }, signal);
  }

  complete(address, isSeparate, signal) {
    return this.ask("POST", `${this.files}${address.split("/").at(-2)}/`, { fields: [["separate", "1"]], signal });
  }
}

/** Files are chosen and sent where the question stands, in parts that survive a lost connection. */
export function connect(place) {
  const button = place.querySelector("[name=files]");
  const progress = place.querySelector("[data-progress]");
  const bar = progress.querySelector("progress");
  const words = place.querySelector("[data-words]");
  const again = place.querySelector("[data-again]");
  const most = Number(place.dataset.mostBytes);
  const input = Object.assign(document.createElement("input"), { type: "file", multiple: true });
  const queue = new Queue(new OfQuestion(place), draw);
  let wasBusy = false;

  button.addEventListener("click", (event) => {
    event.preventDefault();
    input.click();
  });
  input.addEventListener("change", () => {
    const files = chosen(input.files);
    input.value = ""; // the same may be chosen again
    const tooLarge = files.filter(({ file }) => file.size > most).map(({ name }) => name);
    if (tooLarge.length) say(`${tooLarge.join(", ")}: larger than ${sizeInWords(most)}, the most that one file may have. Nothing was sent.`);
    else queue.add(files);
  });
  again.addEventListener("click", () => {
    for (const one of stopped()) queue.resume(one);
  });

  function stopped() {
    return queue.transfers.filter((one) => one.state === "stopped");
  }

  function draw() {
    wasBusy ||= queue.isBusy;
    again.hidden = !stopped().length;
    if (queue.isBusy) {
      const { sent, size } = queue.progress();
      bar.value = size ? Math.floor((sent / size) * 100) : 100;
      say(underWay(), true);
    } else if (wasBusy && !queue.active) {
      wasBusy = false;
      end();
    }
  }

  function underWay() {
    const open = queue.transfers.filter((one) => one.isOpen);
    if (open.some((one) => one.troubles)) return "The connection was lost. It goes on by itself once it is back.";
    return open.length === 1 ? `Sending ${open[0].name}` : `Sending ${open.length} files`;
  }

  /** Also read aloud: the same words are not said again. */
  function say(text, isUnderWay = false) {
    progress.hidden = false;
    bar.hidden = !isUnderWay;
    if (words.textContent !== text) words.textContent = text;
  }

  async function end() {
    const said = queue.received.map(({ received }) => `Received ${received.name}. ${received.held}`.trim());
    said.push(...stopped().map((one) => `${one.name}: ${one.words}`));
    queue.transfers = queue.transfers.filter((one) => one.isOpen);
    await showList();
    say(said.join(" "));
  }

  /** As the portal says; where it is with the firm meanwhile, its page does. */
  async function showList() {
    const answer = await fetch(location.pathname).catch(() => null);
    if (!answer?.ok) return;
    if (answer.redirected) location.assign(answer.url);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const list = page.getElementById(place.dataset.list);
    if (!list) return;
    document.getElementById(place.dataset.list).replaceWith(list);
    if (list.children.length) for (const hint of place.closest("[data-question]").querySelectorAll("[data-missing]")) hint.hidden = true;
    drawSteps(page);
  }
}
