/** Work that is done in several steps goes on by itself; without this, its button does it. */
export function connect(form) {
  form.requestSubmit();
}
