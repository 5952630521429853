import { chosen, dropped, photographed } from "./upload-chosen.js";
import { sizeInWords } from "./selection.js";
import { Queue } from "./upload-queue.js";
import { Portal } from "./upload-requests.js";
import { View } from "./upload-view.js";

/** Files and whole folders are chosen, photographed or dropped, and sent in parts that survive a lost connection. */
export function connect(root) {
  const form = root.querySelector("form");
  const input = form.querySelector("input[name=files]");
  const most = Number(form.dataset.mostBytes);
  const isFinger = matchMedia("(pointer: coarse)").matches;
  let wasBusy = false;

  const queue = new Queue(new Portal(form), (transfer) => {
    if (transfer.state === "stopped") view.say(`${transfer.name}: ${transfer.words}`);
    wasBusy ||= transfer.state === "sending";
    if (wasBusy && !queue.isBusy && !queue.active) {
      wasBusy = false;
      view.summarise();
      reload(root);
    }
    view.update();
  });
  const view = new View(root, queue);

  function send(files) {
    const tooLarge = files.filter(({ file }) => file.size > most);
    const problem = root.querySelector("[data-too-large]");
    problem.hidden = !tooLarge.length;
    const words = `${tooLarge.map(({ name }) => name).join(", ")}: larger than ${sizeInWords(most)}, the most that one file may have.`;
    problem.querySelector("span").textContent = words;
    const sent = files.filter(({ file }) => file.size <= most);
    if (!sent.length) return;
    wasBusy = true;
    view.done.hidden = true;
    view.say(sent.length === 1 ? `Sending ${sent[0].name}` : `Sending ${sent.length} files`);
    queue.add(sent);
    view.update();
  }

  function choose(field, read) {
    field.addEventListener("change", () => {
      const files = read(field.files);
      field.value = ""; // the same may be chosen again
      send(files);
    });
  }

  const fields = { files: input, folder: form.querySelector("[data-folder-input]"), photo: form.querySelector("[data-photo-input]") };
  choose(fields.files, chosen);
  choose(fields.folder, chosen);
  choose(fields.photo, photographed);
  for (const button of form.querySelectorAll("[data-choose]")) {
    button.addEventListener("click", () => fields[button.dataset.choose].click());
    const isShown = { files: true, folder: !isFinger && "webkitdirectory" in input, photo: isFinger };
    button.hidden = !isShown[button.dataset.choose];
  }
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    input.click();
  });
  form.querySelector("[data-bare]").hidden = true;
  form.querySelector("[data-scripted]").hidden = false;
  takeDrops(form, send);
}

/** The only form of a page takes what is dropped anywhere on it; of several, each takes its own. */
function takeDrops(form, send) {
  const isOnly = document.querySelectorAll("[data-behaviour=upload]").length === 1;
  const target = isOnly ? document : form;
  const isOfFiles = (event) => event.dataTransfer?.types.includes("Files");
  for (const where of [document, target]) {
    where.addEventListener("dragover", (event) => isOfFiles(event) && event.preventDefault());
  }
  document.addEventListener("drop", (event) => isOfFiles(event) && event.preventDefault()); // else the browser opens it
  target.addEventListener("dragover", (event) => form.classList.toggle("is-over", isOfFiles(event)));
  target.addEventListener("dragleave", (event) => event.relatedTarget || form.classList.remove("is-over"));
  target.addEventListener("drop", async (event) => {
    form.classList.remove("is-over");
    if (isOfFiles(event)) send(await dropped(event.dataTransfer));
  });
}

/** What the page says of files is read anew: its elements with data-reloads, by their id. */
async function reload(root) {
  const stale = [...document.querySelectorAll("[data-reloads]")].filter((element) => !element.contains(root));
  if (!stale.length) return;
  const answer = await fetch(location.href).catch(() => null);
  if (!answer?.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const element of stale) {
    const fresh = page.getElementById(element.id);
    if (!fresh) {
      element.remove();
      continue;
    }
    element.replaceWith(fresh);
    fresh.dispatchEvent(new CustomEvent("portal:shown", { bubbles: true }));
  }
}
