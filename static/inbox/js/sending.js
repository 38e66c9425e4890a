// How does what was written reach the server? Shown at once, sent once and in order; what the line keeps back goes when it is there again.

import { draw, erase, isIn, sending, waiting } from "./bubbles.js";
import { now } from "./clock.js";
import { screen } from "./drafts.js";
import { Refusal, post } from "./http.js";
import { uuid } from "./ids.js";
import { giveBack, recall } from "./recalling.js";
import { say } from "./say.js";
import { toast } from "./toast.js";
import * as unsent from "./unsent.js";

const PATIENCE = 30_000; // a dead line that nobody has noticed answers never
const LATER = new Set([0, 401, 408, 429]); // these say nothing of the words
const busy = new Map(); // conversation -> what is under way there
let live = null;
let openings = 0; // of the line
let shown = null; // the composer that is open

/** What a page before this one could not send goes now, and with the line whenever it is back. */
export function listen(the) {
  ({ live } = the);
  unsent.adopt({ onMore: resume, onTaken: (gone) => gone.forEach(erase) });
  const all = () => unsent.ids().forEach(drain);
  live.addEventListener("open", () => (openings++, all()));
  all();
}

/** This conversation is open now: what waits in it is seen in its log, and is no draft; nor is what waits in another window. */
export function show(composer) {
  shown = composer;
  const { id } = composer.thread;
  const { drafts } = composer.known;
  for (const { mode, fields } of unsent.everywhere(id)) if (drafts[mode]?.revision === fields.draft) delete drafts[mode];
  drawAll(composer);
  if (!busy.has(id)) wait(id);
}

function drawAll({ thread: { id, log } }) {
  for (const letter of unsent.of(id)) {
    if (isIn(letter)) unsent.drop([letter]);
    else draw(letter, log);
  }
}

// A window that is gone has left something here.
function resume(ids) {
  for (const id of ids) {
    const composer = openOne(id);
    if (composer) drawAll(composer);
    drain(id);
  }
}

/** Draws what is to be sent: `said` is [{text, file?: {id, kind, name, file}}]. */
export function write({ thread, form }, said, { mode, session, seen, force }) {
  const batch = uuid();
  return said.map(({ text, file }, place) => {
    const fields = { text, client_id: uuid(), session, seen_seq: seen, force: force || place ? "1" : "", screen, written: Math.round(now()), draft: 0 };
    if (file) fields.file = file.id;
    const { note, draft, upload } = form.dataset;
    const letter = { id: thread.id, name: thread.name, url: mode === "note" ? note : form.getAttribute("action"), draft, upload, mode, fields, batch, file };
    draw(letter, thread.log);
    return letter;
  });
}

/** Sends them, behind what waits already. */
export async function deliver(composer, letters) {
  unsent.add(letters);
  letters.forEach(sending);
  composer.drafts.release(letters[0].mode);
  await drain(letters[0].id);
}

/** The page closes: the browser finishes these requests by itself, and the next page asks what became of them. */
export function postOff(composer, letters) {
  unsent.add(letters);
  composer.drafts.release(letters[0].mode);
  if (unsent.of(letters[0].id).length > letters.length) return; // older ones go first
  for (const { url, fields } of letters) post(url, fields, { keepalive: true }).catch(() => {});
}

function drain(id) {
  if (!busy.has(id) && unsent.of(id).length) busy.set(id, run(id));
  return busy.get(id);
}

async function run(id) {
  let known = openings;
  unsent.of(id).forEach(sending);
  for (let letter; ([letter] = unsent.of(id)), letter; ) {
    try {
      await post(letter.url, letter.fields, { signal: AbortSignal.timeout(PATIENCE) });
      unsent.drop([letter]);
      openOne(id)?.drafts.sent(letter.mode, letter.fields.draft);
    } catch (error) {
      if (isIn(letter)) unsent.drop([letter]);
      else if (known !== openings) known = openings; // that was the old line
      else if (!isFinal(error) || !(await giveBack(letter, error, () => openOne(id)))) break;
    }
  }
  busy.delete(id);
  wait(id);
}

const isFinal = (error) => error instanceof Refusal && error.status < 500 && !LATER.has(error.status);

function openOne(id) {
  return shown && !shown.isLeft && shown.thread.id === id ? shown : null;
}

// The line broke. The same ids are sent again, so a message that did arrive is not doubled.
function wait(id) {
  const letters = unsent.of(id);
  for (const letter of letters) {
    letter.isLate = true;
    waiting(letter, live.isReady, { again: () => drain(id), undo: () => back(letter) });
  }
  if (!letters.length || openOne(id) || !live.isReady) return;
  const [{ url, name }] = letters;
  toast(say("not_yet", { name }), { link: { href: url.replace(/(reply|note)$/, ""), words: say("open") }, seconds: 20 });
}

// Words and files that were sent together come back together.
function back({ id, batch }) {
  const letters = unsent.of(id).filter((letter) => letter.batch === batch);
  const composer = openOne(id);
  if (!composer || busy.has(id) || !letters.length) return;
  unsent.drop(letters);
  recall(composer, letters);
}
