import { sizeInWords } from "./selection.js";

/** Files can be dropped on the form, too large ones are refused at once, and sending shows how far it is. */
export function connect(form) {
  const input = form.querySelector("input[type=file]");
  const button = form.querySelector("button");
  const progress = form.querySelector("[data-progress]");
  const bar = progress.querySelector("progress");
  const words = progress.querySelector("[data-words]");

  function tell(text) {
    progress.hidden = false;
    words.textContent = text;
  }

  function send() {
    const size = [...input.files].reduce((sum, file) => sum + file.size, 0);
    const most = Number(form.dataset.mostBytes);
    if (size > most) {
      tell(`These files have ${sizeInWords(size)}; one upload may have ${sizeInWords(most)}. Choose fewer, or smaller ones.`);
      return;
    }
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.setRequestHeader("X-Requested-With", "XMLHttpRequest");
    request.upload.addEventListener("progress", (event) => {
      const share = event.total ? event.loaded / event.total : 0;
      bar.value = share * 100;
      tell(share < 1 ? `${Math.floor(share * 100)}%, ${sizeInWords(event.loaded)} of ${sizeInWords(event.total)}` : "Being stored safely");
    });
    request.addEventListener("load", () => {
      if (request.status === 201) window.location.assign(request.getResponseHeader("Location"));
      else {
        button.disabled = false;
        const page = new DOMParser().parseFromString(request.responseText, "text/html");
        const parts = [...page.querySelectorAll("h1, .gate__card p")].map((part) => part.textContent.trim());
        tell(parts.join(". ") || "Nothing was kept. Try again.");
      }
    });
    request.addEventListener("error", () => {
      button.disabled = false;
      tell(`Stopped at ${Math.floor(bar.value)}%: the connection was lost. Nothing was kept; send again.`);
    });
    button.disabled = true;
    tell("Sending");
    request.send(new FormData(form));
  }

  form.addEventListener("submit", (event) => {
    if (!input.files.length) return;
    event.preventDefault();
    send();
  });
  form.addEventListener("dragover", (event) => {
    event.preventDefault();
    form.classList.add("is-over");
  });
  for (const name of ["dragleave", "drop"]) form.addEventListener(name, () => form.classList.remove("is-over"));
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    if (!event.dataTransfer.files.length) return;
    input.files = event.dataTransfer.files;
    send();
  });
}
