import { connectConditions } from "./organizer-conditions.js";
import { Saver } from "./organizer-saver.js";
import { drawSteps } from "./organizer-steps.js";

/** A section of an organizer: each answer is saved as it is left, and none is lost with the connection. */
export function connect(form) {
  const state = form.querySelector("[data-state]");
  const told = form.querySelector("[data-told]");
  const token = form.querySelector("[name=csrfmiddlewaretoken]");
  let isLeaving = false;
  let isOutdated = false; // another's answer was taken, which the page does not show yet

  const saver = new Saver(form, {
    token: () => token.value,
    takeToken: (value) => value && (token.value = value),
    replied: (reply, pairs) => show(reply, pairs),
    steps: (html) => drawSteps(new DOMParser().parseFromString(html, "text/html")),
    about: (sent) => {
      const wrong = [...form.querySelectorAll(".field--error")].filter((one) => !sent.has(itemOf(one).dataset.question));
      return [["section", form.dataset.section], ["problems", wrong.length]];
    },
    state: (name, words) => {
      const wasLost = state.classList.contains("is-bad");
      state.hidden = !words;
      state.textContent = words;
      state.classList.toggle("is-bad", ["lost", "refused"].includes(name));
      if (state.classList.contains("is-bad") || wasLost) told.textContent = words;
      form.querySelector("[data-last]")?.remove();
      if (name === "saved" && isOutdated && !saver.hasUnsaved) leaveFor(location.pathname);
    },
  });
  const showFollowing = connectConditions(form);

  const itemOf = (element) => element.closest("[data-question]");
  const itemNamed = (name) => form.querySelector(`[data-question="${name}"]`);
  const fieldOf = (item) => (item.matches(".field") ? item : item.querySelector(".field"));
  const isSecret = (item) => "secret" in item.dataset;

  function pairsOf(item) {
    const controls = [...item.querySelectorAll("input, select, textarea")];
    const given = controls.filter((one) => one.name && one.type !== "file" && (one.checked || !["radio", "checkbox"].includes(one.type)));
    return given.map((one) => [one.name, one.value]);
  }

  form.addEventListener("input", (event) => {
    const item = itemOf(event.target);
    if (item) saver.keep(item.dataset.question, pairsOf(item), isSecret(item));
  });
  form.addEventListener("change", (event) => {
    const item = itemOf(event.target);
    if (!item || event.target.type === "file") return;
    if (event.target.validity?.badInput) tell(item, "Finish this, or clear it.");
    else saver.save(item.dataset.question, pairsOf(item));
  });
  form.addEventListener("submit", (event) => {
    if (event.submitter?.name === "keep") saver.drop(event.submitter.value); // the earlier answer stands instead
    isLeaving = !saver.isLost;
    if (saver.isLost) event.preventDefault(); // the browser's own page would say only that it cannot reach the portal
  });
  window.addEventListener("pageshow", () => (isLeaving = false));
  window.addEventListener("beforeunload", (event) => {
    if (!isLeaving && saver.isLost && saver.hasUnsaved) event.preventDefault();
  });

  function tell(item, words) {
    const error = item.querySelector(".field__error");
    const field = fieldOf(item);
    const controls = [...item.querySelectorAll(".input")].filter((one) => one.name === item.dataset.question);
    error.hidden = !words;
    error.querySelector("[data-words]").textContent = words;
    field.classList.toggle("field--error", Boolean(words));
    for (const control of controls.length ? controls : [field]) {
      if (control !== field) control.setAttribute("aria-invalid", String(Boolean(words)));
      const others = (control.getAttribute("aria-describedby") ?? "").split(" ").filter((id) => id && id !== error.id);
      const said = [...others, ...(words ? [error.id] : [])].join(" ");
      if (said) control.setAttribute("aria-describedby", said);
      else control.removeAttribute("aria-describedby");
    }
    if (words) told.textContent = words;
  }

  /** What became of an answer. */
  function show(reply, pairs) {
    const item = itemNamed(reply.name);
    if (!item) {
      saver.drop(reply.name); // of another section, where it is asked again
      return;
    }
    tell(item, reply.error ?? "");
    const chosen = item.querySelector("[data-conflict] input:checked")?.value;
    item.querySelector("[data-conflict]")?.remove();
    if (reply.conflict) {
      item.querySelector(".field__error").insertAdjacentHTML("afterend", reply.conflict);
      fieldOf(item).classList.add("field--error");
      told.textContent = item.querySelector("[data-conflict] p").textContent;
    }
    if (reply.seen === undefined) return;
    for (const hint of item.querySelectorAll("[data-missing], .organizer__earlier")) hint.hidden = true;
    item.querySelector(`[name="${reply.name}.seen"]`).value = reply.seen;
    isOutdated ||= chosen === "theirs";
    if (isSecret(item)) showMasked(item, reply.masked, pairs);
  }

  function leaveFor(address) {
    isLeaving = true;
    location.assign(address);
  }

  /** A number that is saved stands here by its end alone. */
  function showMasked(item, masked, pairs) {
    if (masked === undefined) return;
    const input = [...item.querySelectorAll(".input")].find((one) => one.name === item.dataset.question);
    const clear = item.querySelector("[name$='.clear']");
    if (pairs.some(([name, value]) => name === input.name && value === input.value)) input.value = ""; // else it is newer
    if (clear) clear.checked = false;
    item.querySelector(".organizer__secret")?.remove();
    if (!masked) return;
    const words = document.createElement("p");
    words.className = "organizer__secret";
    words.textContent = `${masked} saved, only its end is shown`;
    (input.closest("details") ?? input).before(words);
  }

  /** What an earlier visit wrote and could not save stands here again, and is sent. */
  function restore() {
    for (const [name, pairs] of saver.kept()) {
      const item = itemNamed(name);
      if (item) fill(item, pairs);
      saver.save(name, pairs);
    }
    showFollowing();
  }

  function fill(item, pairs) {
    const values = (name) => pairs.filter(([key]) => key === name).map(([, value]) => value);
    const name = item.dataset.question;
    const left = values(name);
    for (const control of item.querySelectorAll("input, select, textarea")) {
      if (control.name === name && ["radio", "checkbox"].includes(control.type)) control.checked = left.includes(control.value);
      else if (control.name === name) control.value = left.shift() ?? "";
      else if (control.name === `${name}.because` || control.name === `${name}.seen`) control.value = values(control.name)[0] ?? "";
    }
  }

  form.insertAdjacentHTML("beforeend", '<input type="hidden" name="scripted" value="1">');
  restore();
}
