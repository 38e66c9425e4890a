// How does what was written reach the server? Shown at once, sent once, given back or offered again when it fails.

import { Refusal, post } from "./http.js";
import { uuid } from "./ids.js";
import { paragraph, pending } from "./items.js";
import { toast } from "./toast.js";

/** Sends one message: `said` is {text, file?: {id, name}}. True when the server has it. */
export function send(composer, said, { mode, session, seen, force }) {
  const { thread, form } = composer;
  const isNote = mode === "note";
  const fields = { text: said.text, client_id: uuid(), session, seen_seq: seen, force: force ? "1" : "" };
  if (said.file) fields.file = said.file.id;
  const bubble = pending(thread.log, { id: fields.client_id, text: said.text, isNote, file: said.file?.name });
  return deliver(composer, { url: isNote ? form.dataset.note : form.action, fields, bubble, mode, file: said.file });
}

async function deliver(composer, letter) {
  try {
    await post(letter.url, letter.fields);
    return true;
  } catch (error) {
    if (!letter.bubble.isConnected) return true; // the server's own bubble has already taken its place
    if (error instanceof Refusal && error.status < 500) giveBack(composer, error, letter);
    else offerAgain(composer, letter);
    return false;
  }
}

async function giveBack(composer, error, { fields, bubble, mode, file }) {
  bubble.remove();
  if (composer.mode !== mode) composer.setMode(mode);
  composer.restore(fields.text, file);
  if (error.code !== "unseen_messages") return void toast(error.message);
  await composer.thread.showUnseen(fields.seen_seq);
  composer.unseen.hidden = false;
  composer.unseen.querySelector("button").focus();
}

// The line broke: the same id is sent again, so a message that did arrive is not doubled.
function offerAgain(composer, letter) {
  const line = paragraph("delivery delivery-failed", "! not sent ");
  const button = document.createElement("button");
  Object.assign(button, { type: "button", className: "button", textContent: "Try again" });
  button.addEventListener("click", () => {
    line.replaceWith(paragraph("delivery", "○ sending"));
    deliver(composer, letter);
  });
  line.append(button);
  letter.bubble.querySelector(".delivery").replaceWith(line);
}
