// How does what is on its way look in the log, until the server's own bubble stands there?

import { paragraph, pending } from "./items.js";
import { say } from "./say.js";

const bubble = ({ fields }) => document.getElementById(`m-${fields.client_id}`);

export function draw(letter, log) {
  const { mode, fields, file } = letter;
  if (!bubble(letter)) pending(log, { id: fields.client_id, text: fields.text, isNote: mode === "note", file: file?.name });
}

export const sending = (letter) => tell(letter, paragraph("delivery", say("sending")));

/** It was not sent, or not yet: `presses` are what its two buttons do. */
export function waiting(letter, isFailed, presses) {
  const line = paragraph(isFailed ? "delivery delivery-failed" : "delivery", say(isFailed ? "not_sent" : "waits"));
  const buttons = [button("again", "button", presses.again), button("undo", "plain undo", presses.undo)];
  line.append(...buttons.flatMap((one) => [" ", one]));
  tell(letter, line);
}

/** Where its bubble says what became of it, if it is shown. */
export function lineOf(letter) {
  return bubble(letter)?.querySelector(".delivery");
}

/** The server's own bubble stands there already. */
export function isIn(letter) {
  return bubble(letter)?.matches(":not(.is-pending)") ?? false;
}

export function erase(letter) {
  if (!isIn(letter)) bubble(letter)?.remove();
}

function tell(letter, line) {
  lineOf(letter)?.replaceWith(line);
}

function button(key, className, press) {
  const made = Object.assign(document.createElement("button"), { type: "button", className, textContent: say(key) });
  made.addEventListener("click", press);
  return made;
}
