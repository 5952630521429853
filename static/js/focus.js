/** The summary of what went wrong is where a reader begins. */
export function connect(element) {
  element.focus();
}
