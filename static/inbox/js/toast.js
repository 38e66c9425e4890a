// How is the agent told something in passing, and how is it taken back?

import { say } from "./say.js";

let timer = 0;

/** Shows the words for some seconds; `undo`, if given, is a button beside them, `link` ({href, words}) leads on. */
export function toast(text, { undo, link, seconds } = {}) {
  const place = document.getElementById("toast");
  place.textContent = text;
  clearTimeout(timer);
  if (link) place.append(" ", Object.assign(document.createElement("a"), { href: link.href, textContent: link.words }));
  if (undo) {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", textContent: say("undo") });
    button.addEventListener("click", () => ((place.textContent = ""), undo()));
    place.append(button);
  }
  timer = setTimeout(() => (place.textContent = ""), seconds ? seconds * 1000 : undo ? 15_000 : 6000);
}

/** Takes the words away, if they are still those. */
export function hush(text) {
  const place = document.getElementById("toast");
  if (place.firstChild?.textContent === text) place.textContent = "";
}
