// How long may the words be? The server's own numbers, told before anything is sent; it decides again.

import { say } from "./say.js";

const NEAR = 0.9;

/** Keeps the counter below the words up to date. */
export function listen(form, composer) {
  const renew = () => requestAnimationFrame(() => show(composer));
  for (const event of ["input", "change", "click", "filled"]) form.addEventListener(event, renew);
}

/** Why these words cannot be sent, '' if they can. */
export function refusal({ form, words }) {
  const most = Number(form.dataset.longest);
  const over = length(words.value) - most;
  return over > 0 ? say("too_long", { left: over, most }) : "";
}

function show({ form, words }) {
  const place = form.querySelector("[data-counter]");
  const used = length(words.value);
  const text = told(form, used);
  place.hidden = !text;
  place.classList.toggle("is-over", used > Number(form.dataset.longest));
  if (place.textContent !== text) place.textContent = text;
}

function told(form, used) {
  const most = Number(form.dataset.longest);
  const picked = form.dataset.mode === "reply" ? form.querySelector("input[name=session]:checked") : null;
  const takes = Number(picked?.dataset.textMax || 0);
  if (used > most) return say("too_long", { left: used - most, most });
  const channel = picked?.closest(".choice").querySelector(".channel").textContent || "";
  if (takes && used > takes) return say("splits", { channel, most: takes });
  return used > most * NEAR ? say("left", { left: most - used }) : "";
}

// As the server counts: an emoji is one character.
function length(text) {
  return [...text].length;
}
