// How far has the agent read? Told to the server while the conversation is really before somebody's eyes.

import { ask } from "./views.js";

const EVERY = 1000;
const told = new Map();
let held = ""; // marked unread by hand: stays so until another conversation was opened

export function listen({ live, list, thread }) {
  setInterval(() => {
    const open = thread();
    if (!open || document.hidden || !document.hasFocus() || !live.isReady) return;
    if (open.id !== held) held = "";
    const { seq } = open.reach;
    if (held || (told.get(open.id) ?? -1) >= seq) return;
    const row = document.getElementById(`r-${open.id}`);
    const wasUnread = row?.classList.contains("is-unread");
    told.set(open.id, seq);
    live.send({ type: "seen", conversation: open.id, seq });
    list.note(open.id, seq);
    if (wasUnread) ask();
  }, EVERY);
}

/** The agent wants to see it as unread, even while it is open. */
export function forget(ids) {
  for (const id of ids) told.delete(id);
  held = ids.find((id) => id === document.getElementById("conversation")?.dataset.id) || "";
}
