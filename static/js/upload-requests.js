/** What the script asks of the portal, and of the store. A request that got no answer is Lost, one that was refused Refused. */
export class Lost extends Error {}

export class Refused extends Error {
  constructor(status, words) {
    super(words);
    this.status = status;
  }
}

const SIGNED_OUT = "You were signed out. Sign in again and choose the file again: it goes on from where it stopped.";

export class Portal {
  /** ``place`` is a form, or a part of one. */
  constructor(place) {
    this.uploads = place.dataset.uploads;
    this.folder = place.dataset.folder;
    this.document = place.dataset.document ?? "";
    this.field = place.closest("form").querySelector("[name=csrfmiddlewaretoken]");
  }

  get token() {
    return this.field.value;
  }

  /** The upload of this file: begun, or found again where it was left. */
  start({ name, path, file, isSeparate }, signal) {
    const fields = { folder: this.folder, name, path, size: file.size, changed_at: file.lastModified };
    if (this.document) fields.document = this.document;
    if (isSeparate) fields.separate = "1";
    return this.ask("POST", this.uploads, { fields: Object.entries(fields), signal });
  }

  stateOf(address, signal) {
    return this.ask("GET", address, { signal });
  }

  complete(address, isSeparate, signal) {
    return this.ask("POST", `${address}complete/`, { fields: isSeparate ? [["separate", "1"]] : [], signal });
  }

  async partUrls(address, numbers, signal) {
    const fields = numbers.map((number) => ["number", number]);
    return (await this.ask("POST", `${address}parts/`, { fields, signal })).urls;
  }

  giveUp(address) {
    return this.ask("DELETE", address);
  }

  async ask(method, address, { fields, signal } = {}) {
    let answer;
    try {
      const body = fields && new URLSearchParams(fields);
      answer = await fetch(address, { method, body, signal, headers: { "X-CSRFToken": this.token } });
    } catch (problem) {
      throw problem.name === "AbortError" ? problem : new Lost();
    }
    if (isSignIn(answer.url)) throw new Refused(401, SIGNED_OUT);
    const text = await answer.text().catch(() => {
      throw new Lost();
    });
    if (answer.ok) return JSON.parse(text);
    throw refusal(answer.status, text);
  }

  /** The bytes go to the address, with the portal's token where it is the portal's. */
  put(address, bytes, { isOurs, signal, tell }) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open("PUT", address);
      if (isOurs) request.setRequestHeader("X-CSRFToken", this.token);
      const abort = () => request.abort();
      signal.addEventListener("abort", abort);
      request.upload.addEventListener("progress", (event) => tell(event.loaded));
      request.addEventListener("loadend", () => {
        signal.removeEventListener("abort", abort);
        if (request.status >= 200 && request.status < 300 && !isSignIn(request.responseURL)) resolve();
        else if (signal.aborted) reject(new DOMException("", "AbortError"));
        else if (!request.status || !isOurs) reject(new Lost());
        else if (isSignIn(request.responseURL)) reject(new Refused(401, SIGNED_OUT));
        else reject(refusal(request.status, request.responseText));
      });
      request.send(bytes);
    });
  }
}

function isSignIn(address) {
  return address.includes("/account/login/");
}

/** Words of a JSON answer, or of a page. What may be better in a minute counts as lost. */
function refusal(status, text) {
  if ([408, 429, 500, 502, 503, 504].includes(status)) return new Lost(wordsOf(text));
  return new Refused(status, wordsOf(text));
}

function wordsOf(text) {
  try {
    return JSON.parse(text).error;
  } catch {
    const page = new DOMParser().parseFromString(text, "text/html");
    const parts = [...page.querySelectorAll("h1, .gate__card p, main p")].slice(0, 2).map((part) => part.textContent.trim());
    return parts.join(". ") || "The portal refused it.";
  }
}
