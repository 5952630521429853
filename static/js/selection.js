/** Says how many files are ticked and how large they are, offers to tick all, and keeps the buttons in view meanwhile. */
export function connect(form) {
  const bar = form.querySelector(".selection");
  if (!bar) return;
  const words = bar.querySelector("[data-selection-words]");
  const empty = words.textContent;
  const boxes = [...form.querySelectorAll("input[name=file]")];
  const all = form.querySelector("[data-select-all]");
  all.hidden = false;
  const allBox = all.querySelector("input");

  function tell() {
    const ticked = boxes.filter((box) => box.checked);
    const size = ticked.reduce((sum, box) => sum + Number(box.dataset.size), 0);
    words.textContent = ticked.length ? `${ticked.length} ${ticked.length === 1 ? "file" : "files"}, ${sizeInWords(size)}` : empty;
    bar.classList.toggle("is-live", ticked.length > 0);
    allBox.checked = ticked.length === boxes.length;
    allBox.indeterminate = ticked.length > 0 && ticked.length < boxes.length;
  }

  allBox.addEventListener("change", () => {
    for (const box of boxes) box.checked = allBox.checked;
    tell();
  });
  for (const box of boxes) box.addEventListener("change", tell);
  tell();
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
