import { connect as connectKeys } from "./selection-keys.js";

/** Says what is ticked and how large it is, offers to tick all or a range, and keeps the buttons in view meanwhile. */
export function connect(form) {
  const bar = form.querySelector(".selection");
  const boxes = [...form.querySelectorAll("tbody .tick")];
  if (!bar || !boxes.length) return;
  const words = bar.querySelector("[data-selection-words]");
  const empty = words.textContent;
  const toBin = bar.querySelector("[data-to-bin]");
  const putBack = bar.querySelector("[data-put-back]");
  const all = form.querySelector("[data-select-all]");
  all.hidden = false;
  const allBox = all.querySelector("input");
  let anchor = null;

  function tell() {
    const ticked = boxes.filter((box) => box.checked);
    const fixed = toBin && ticked.some((box) => "fixed" in box.dataset);
    words.textContent = ticked.length ? inWords(ticked) + (fixed ? ". What others sent cannot be moved to the bin." : "") : empty;
    bar.classList.toggle("is-live", ticked.length > 0);
    allBox.checked = ticked.length === boxes.length;
    allBox.indeterminate = ticked.length > 0 && ticked.length < boxes.length;
    if (toBin) toBin.disabled = fixed;
    if (putBack) putBack.lastChild.textContent = ticked.length ? `Put back ${ticked.length}` : "Put back";
  }

  /** All from the box that was ticked last to this one are as this one shall be. */
  function reach(box, checked) {
    const ends = [boxes.indexOf(anchor ?? box), boxes.indexOf(box)].sort((a, b) => a - b);
    for (const one of boxes.slice(ends[0], ends[1] + 1)) one.checked = checked;
    tell();
  }

  function tick(box, checked) {
    box.checked = checked;
    anchor = box;
    tell();
  }

  function tickAll(checked) {
    for (const box of boxes) box.checked = checked;
    tell();
  }

  allBox.addEventListener("change", () => tickAll(allBox.checked));
  for (const box of boxes) {
    box.addEventListener("click", (event) => {
      if (event.shiftKey && anchor) reach(box, box.checked);
      anchor = box;
    });
    box.addEventListener("change", tell);
  }
  connectKeys(form, { boxes, reach, tick, tickAll, startAt: (box) => (anchor ??= box), toBin });
  window.addEventListener("pageshow", tell); // a browser that comes back ticks again what was ticked
  tell();
}

function inWords(ticked) {
  const files = ticked.filter((box) => box.name === "file");
  const folders = ticked.length - files.length;
  const counts = [];
  if (files.length) counts.push(`${files.length} ${files.length === 1 ? "file" : "files"}`);
  if (folders) counts.push(`${folders} ${folders === 1 ? "folder" : "folders"}`);
  const size = files.reduce((sum, box) => sum + Number(box.dataset.size), 0);
  return counts.join(" and ") + (files.length ? `, ${sizeInWords(size)}` : "");
}

export function sizeInWords(bytes) {
  if (bytes === 1) return "1 byte";
  const units = ["bytes", "KB", "MB", "GB", "TB"];
  let unit = 0;
  let number = bytes;
  while (number >= 1000 && unit < units.length - 1) {
    number /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || number >= 100 || Number.isInteger(number) ? 0 : 1;
  return `${number.toFixed(digits)} ${units[unit]}`;
}
