// How do words come back that were not sent? Into the composer if their conversation is open, else as its draft.

import * as attached from "./attached.js";
import { screen } from "./drafts.js";
import * as holding from "./holding.js";
import { Refusal, json, post } from "./http.js";
import { say } from "./say.js";
import { toast } from "./toast.js";
import * as unsent from "./unsent.js";
import * as warnings from "./warnings.js";

/** Takes back what was not sent: the words and files are in the composer again. */
export function recall(composer, letters) {
  for (const { fields } of letters) document.getElementById(`m-${fields.client_id}`)?.remove();
  const [{ mode }] = letters;
  const files = letters.map(({ file }) => file).filter(Boolean);
  if (!composer.isLeft) return void composer.restore(mode, words(letters), files);
  composer.drafts.unseal(mode, words(letters)); // it waits there as a draft
  for (const file of files) composer.tray.restore(file);
}

/** The server refused it: a person decides, of the newer ones behind it, too. False: that could not be told, it waits. */
export async function giveBack(letter, error, openOne) {
  if (holding.waits(letter.id)) holding.flush(); // into the queue, behind this one
  const letters = unsent.of(letter.id).filter(({ mode }) => mode === letter.mode);
  if (!letters.includes(letter)) return true; // another window has it by now
  const composer = openOne();
  if (!composer) return missed(letters, error);
  unsent.drop(letters);
  const [present, isBegun] = [document.activeElement, composer.words.value !== ""];
  recall(composer, letters);
  if (letter.isLate) present.focus(); // it comes unasked: what is typed now was meant for where it was typed
  if (error.code !== "unseen_messages") toast(error.message), composer.thread.renewHead();
  else composer.thread.showUnseen(letter.fields.seen_seq).then(() => composer.isLeft || warnings.show(composer, "unseen", !letter.isLate && !isBegun));
  return true;
}

// The agent is elsewhere by now: the words are a draft there, before what they have begun since.
async function missed(letters, error) {
  const [{ url, draft, upload, name, mode, fields }] = letters;
  try {
    const held = (await json(draft))[mode]?.text || "";
    const begun = letters.some((one) => one.fields.text === held) ? "" : held;
    await post(draft, { kind: mode, text: [words(letters), begun].filter(Boolean).join("\n"), session: fields.session, screen });
  } catch (failure) {
    if (!(failure instanceof Refusal) || failure.status >= 500) return false;
  }
  unsent.drop(letters);
  const files = letters.map(({ file }) => file).filter(Boolean);
  if (files.length) attached.keep(upload, [...attached.kept(upload), ...files]);
  const link = { href: url.replace(/(reply|note)$/, ""), words: say("open") };
  toast(say("kept", { name, why: error.message }), { link, seconds: 20 });
  return true;
}

function words(letters) {
  return letters.map(({ fields }) => fields.text).filter(Boolean).join("\n");
}
