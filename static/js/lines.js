/** Another line is added to the list at once, without asking the portal for the page again. */
export function connect(lines) {
  const button = lines.querySelector("button[name=more]");
  const template = lines.querySelector("template");
  const total = lines.querySelector("input[name$=TOTAL_FORMS]");
  const most = Number(lines.querySelector("input[name$=MAX_NUM_FORMS]").value);

  button.addEventListener("click", (event) => {
    event.preventDefault();
    const number = Number(total.value);
    if (number >= most) return;
    template.insertAdjacentHTML("beforebegin", template.innerHTML.replaceAll("__prefix__", number));
    total.value = number + 1;
    template.previousElementSibling.querySelector("input").focus();
    button.hidden = number + 1 >= most;
  });
}
