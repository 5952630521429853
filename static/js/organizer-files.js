import { sizeInWords } from "./selection.js";

/** Files are chosen and sent where the question stands; the list of files is then as the portal says. */
export function connect(place) {
  const button = place.querySelector("[name=files]");
  const progress = place.querySelector("[data-progress]");
  const words = place.querySelector("[data-words]");
  const again = place.querySelector("[data-again]");
  const form = place.closest("form");
  const most = Number(place.dataset.mostBytes);
  const input = Object.assign(document.createElement("input"), { type: "file", multiple: true });
  let files = [];

  button.addEventListener("click", (event) => {
    event.preventDefault();
    input.click();
  });
  input.addEventListener("change", () => {
    files = [...input.files];
    input.value = ""; // the same may be chosen again
    if (files.length) send();
  });
  again.addEventListener("click", send);

  function send() {
    const size = files.reduce((sum, file) => sum + file.size, 0);
    if (size > most) {
      say(`More than ${sizeInWords(most)}, the most that can be sent at once. Nothing was sent.`);
      return;
    }
    const body = new FormData();
    body.append("csrfmiddlewaretoken", form.querySelector("[name=csrfmiddlewaretoken]").value);
    for (const file of files) body.append("files", file);
    const request = new XMLHttpRequest();
    request.open("POST", place.dataset.files);
    request.upload.addEventListener("progress", (event) => tell(event.loaded / event.total));
    request.addEventListener("loadend", () => end(request));
    again.hidden = true;
    button.disabled = true;
    say(files.length === 1 ? `Sending ${files[0].name}` : `Sending ${files.length} files`);
    tell(0);
    request.send(body);
  }

  function tell(share) {
    progress.querySelector("progress").value = Math.round(share * 100);
    if (share === 1) words.textContent = "Being stored safely";
  }

  function say(text, isUnderWay = true) {
    progress.hidden = false;
    progress.querySelector("progress").hidden = !isUnderWay;
    words.textContent = text;
  }

  /** The answer is the section's page, from which the list is taken, or a page that says what is in the way. */
  function end(request) {
    button.disabled = false;
    const page = new DOMParser().parseFromString(request.responseText, "text/html");
    const list = page.getElementById(place.dataset.list);
    if (request.status === 200 && list) {
      document.getElementById(place.dataset.list).replaceWith(list);
      const said = [...page.querySelectorAll(".notice[role=status]")].map((notice) => notice.textContent.replace("Receipt", "").trim());
      say(said.join(" "), false);
      return;
    }
    again.hidden = false;
    if (!request.status) say("Stopped: the connection was lost. Nothing of it was kept.", false);
    else if (request.responseURL.includes("/account/login/")) say("You were signed out. Sign in again in another tab, then load this page again.", false);
    else say([...page.querySelectorAll("h1, .gate__card p, main p")].slice(0, 2).map((part) => part.textContent.trim()).join(". "), false);
  }
}
