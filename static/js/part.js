/** A part of the page that is fetched after it, from where its link leads; without it the link stays. */
export async function connect(place) {
  const link = place.querySelector("a");
  try {
    const answer = await fetch(link.href, { headers: { "X-Requested-With": "XMLHttpRequest" } });
    if (!answer.ok || answer.redirected) return;
    const part = new DOMParser().parseFromString(await answer.text(), "text/html").body;
    place.replaceChildren(...part.childNodes);
  } catch {
    // the link says the same on a page of its own
  }
}
