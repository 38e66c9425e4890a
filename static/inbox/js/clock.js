// What time is it at the server? A reader's own clock may be hours off; the page and every beat say by how much.

let lacks = 0; // milliseconds: what this machine's clock is short of the server's

/** The server's moment in milliseconds since 1970: what a promise, a window, an offer or an age is measured with. */
export function now() {
  return Date.now() + lacks;
}

/** What the server has just said. It was on its way for a moment: we are never ahead of the server. */
export function heard(at) {
  if (at) lacks = at - Date.now();
}

heard(Number(document.documentElement.dataset.now));
