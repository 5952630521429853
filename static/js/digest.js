/**
 * Takes the SHA-256 of a chosen file in the browser, where it is small, so that the file need not be sent at all. Where
 * the form says what a telling name looks like, only the name of such a file goes with it, and other files are sent.
 */
const MOST_BYTES = 64 * 1024 * 1024;

export function connect(form) {
  const file = form.querySelector('input[type="file"]');
  const words = form.querySelector("[data-digest-words]");
  const field = form.elements.sha256;
  const tellingName = form.dataset.tellingName && new RegExp(form.dataset.tellingName);
  if (!window.crypto?.subtle) return;
  file.addEventListener("change", async () => {
    const [chosen] = file.files;
    if (!chosen) return;
    if (chosen.size > Number(form.dataset.mostBytes)) {
      words.textContent = `${chosen.name} is too large to be compared here. Give its SHA-256 instead.`;
      file.value = "";
      return;
    }
    if (chosen.size > MOST_BYTES) return;
    if (tellingName && !tellingName.test(chosen.name)) return;
    const bytes = new Uint8Array(await window.crypto.subtle.digest("SHA-256", await chosen.arrayBuffer()));
    field.value = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
    if (form.elements.name) form.elements.name.value = chosen.name;
    words.textContent = `${chosen.name}: its SHA-256 was taken here, and the file stays on your device.`;
    file.value = "";
  });
}
