// Is the line there? A banner says when it is lost, with a way to try at once, and for a moment that it is back.

import { say } from "./say.js";

const BACK_FOR = 3000;
const place = document.getElementById("connection");
const [words, button] = [place.querySelector("[data-line]"), place.querySelector("[data-line-now]")];
let timer = 0;

export function listen({ live }) {
  button.addEventListener("click", () => {
    words.textContent = say("line_trying");
    live.hurry();
  });
}

export function opened(wasLost) {
  const hadFocus = document.activeElement === button;
  if (wasLost) show(say("line_back"), { tone: "good" });
  else place.hidden = true;
  timer = setTimeout(() => (place.hidden = true), BACK_FOR);
  if (hadFocus) document.getElementById("thread").focus();
}

/** `isShut`: an administrator has closed the desk, and nothing brings it back. */
export function closed(isShut) {
  if (isShut) show(say("desk_closed"), { tone: "bad" });
  else show(say("line_lost"), { canTry: true });
}

function show(text, { tone = "", canTry = false }) {
  clearTimeout(timer);
  if (words.textContent !== text) words.textContent = text;
  button.hidden = !canTry;
  place.dataset.tone = tone;
  place.hidden = false;
}
