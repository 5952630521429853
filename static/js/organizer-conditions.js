/** Questions that follow from an answer are shown at once. A question that is hidden keeps what stands in it. */
export function connectConditions(form) {
  const items = [...form.querySelectorAll("[data-if]")];

  /** The question that decides: of the same entry of a group, or of none. */
  function decider(item) {
    const key = item.dataset.if;
    const entry = item.closest("fieldset.group");
    return entry?.querySelector(`[data-question^="${key}."]`) ?? form.querySelector(`[data-question="${key}"]`);
  }

  function holds(question, among) {
    if (question.closest("[hidden]")) return false;
    const controls = [...question.querySelectorAll("input:checked, select")];
    return controls.some((control) => control.name === question.dataset.question && among.includes(control.value));
  }

  /** In the order of the page: what decides stands before what follows. */
  function show() {
    for (const item of items) {
      const question = decider(item);
      if (question) item.hidden = !holds(question, JSON.parse(item.dataset.is));
    }
  }

  form.addEventListener("change", show);
  show();
  return show;
}
