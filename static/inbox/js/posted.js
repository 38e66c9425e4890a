// What became of a reply that went out as its page was left? It is marked for the tab, and the next page asks.

import { json } from "./http.js";

const ARRIVES = 1000; // by then it was sent or refused, and the server knows

const key = (id) => `inbox-posted-${id}`;

export function mark(id) {
  sessionStorage.setItem(key(id), "yes");
}

export function isMarked(id) {
  return sessionStorage.getItem(key(id)) !== null;
}

/** The server still has it as a draft: here it is none any more, unless it turns out that it was refused. */
export async function settle(drafts, mode, sealed, left) {
  drafts.texts[mode] = left || "";
  drafts.paused.add(mode);
  await new Promise((done) => setTimeout(done, ARRIVES));
  const held = await json(drafts.form.dataset.draft).catch(() => ({ [mode]: { text: sealed } }));
  const isSent = held[mode]?.text !== sealed;
  sessionStorage.removeItem(key(drafts.thread.id));
  drafts.unseal(mode, isSent, sealed);
  if (!isSent) drafts.show(mode);
  else if (held[mode]) drafts.heard({ kind: mode, revision: held[mode].revision });
}
