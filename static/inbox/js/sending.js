// How does what was written reach the server? Shown at once, sent once, given back or offered again when it fails.

import { Refusal, post } from "./http.js";
import { uuid } from "./ids.js";
import { paragraph, pending } from "./items.js";
import { say } from "./say.js";
import { screen } from "./drafts.js";
import { toast } from "./toast.js";

/** Draws what is to be sent: `said` is [{text, file?: {id, name}}]. */
export function write(composer, said, { mode, session, seen, force }) {
  const { thread, form } = composer;
  const isNote = mode === "note";
  return said.map(({ text, file }, place) => {
    const fields = { text, client_id: uuid(), session, seen_seq: seen, force: force || place ? "1" : "", screen, draft: 0 };
    if (file) fields.file = file.id;
    const bubble = pending(thread.log, { id: fields.client_id, text, isNote, file: file?.name });
    return { url: isNote ? form.dataset.note : form.action, fields, bubble, mode, file };
  });
}

/** Sends them in order; true when the server has all of them. */
export async function deliver(composer, letters) {
  for (const [place, letter] of letters.entries()) {
    try {
      await post(letter.url, letter.fields);
    } catch (error) {
      if (composer.isLeft) return missed(composer, letter, error);
      if (!letter.bubble.isConnected) continue; // the server's own bubble has already taken its place
      for (const left of letters.slice(place + 1)) (left.bubble.remove(), composer.tray.restore(left.file));
      if (error instanceof Refusal && error.status < 500) giveBack(composer, error, letter);
      else offerAgain(composer, letter);
      return false;
    }
    if (!place) composer.drafts.unseal(letter.mode, true);
  }
  return true;
}

/** The page closes: the browser finishes these requests by itself. */
export function postOff(letters) {
  for (const { url, fields } of letters) post(url, fields, { keepalive: true }).catch(() => {});
}

/** Takes back what was not sent: the words and files are in the composer again. */
export function recall(composer, letters) {
  for (const { bubble } of letters) bubble.remove();
  const [{ mode, fields }] = letters;
  const files = letters.map(({ file }) => file).filter(Boolean);
  if (!composer.isLeft) return void composer.restore(mode, fields.text, files);
  composer.drafts.unseal(mode, false, fields.text); // it waits there as a draft
  for (const file of files) composer.tray.restore(file);
}

// The agent is elsewhere by now; the server still has it as a draft.
function missed({ thread, drafts }, { url, mode, fields }, error) {
  drafts.unseal(mode, false, fields.text);
  const link = { href: url.replace(/(reply|note)$/, ""), words: say("open") };
  toast(say("kept", { name: thread.name, why: error.message }), { link, seconds: 20 });
  return false;
}

async function giveBack(composer, error, letter) {
  recall(composer, [letter]);
  if (error.code !== "unseen_messages") return void (toast(error.message), composer.thread.renewHead());
  await composer.thread.showUnseen(letter.fields.seen_seq);
  composer.showUnseen();
}

// The line broke: the same id is sent again, so a message that did arrive is not doubled.
function offerAgain(composer, letter) {
  const line = paragraph("delivery delivery-failed", say("not_sent"));
  const button = document.createElement("button");
  Object.assign(button, { type: "button", className: "button", textContent: say("again") });
  button.addEventListener("click", () => {
    line.replaceWith(paragraph("delivery", say("sending")));
    deliver(composer, [letter]);
  });
  line.append(" ", button);
  letter.bubble.querySelector(".delivery").replaceWith(line);
}
