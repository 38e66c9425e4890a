// How is a reply taken back? It waits here for some seconds; the server keeps it as a draft until it is sent.
//
// Whatever ends the wait early sends it: the next reply, a verb on the conversation, a page that closes. Should even
// that fail (the machine loses power), nothing is lost: it is still the conversation's draft.

import { say } from "./say.js";
import { hush, toast } from "./toast.js";

let held = null;

/** Waits so many seconds, then calls `send`; `takeBack` if the agent wants it back. */
export async function hold({ id, name, seconds, send, takeBack, onPageHide }) {
  const before = held;
  const words = say("held", { name });
  const end = () => {
    clearTimeout(timer);
    if (held?.timer === timer) held = null;
  };
  const go = async () => {
    end();
    hush(words);
    await send();
  };
  const timer = setTimeout(go, seconds * 1000);
  const undo = () => held?.timer === timer && (end(), takeBack(), toast(say("taken_back")));
  held = { id, timer, go, undo, end, onPageHide };
  await before?.go();
  if (held?.timer === timer) toast(words, { undo, seconds });
  return undo;
}

/** What waits goes out now. */
export async function flush() {
  await held?.go();
}

export function undo() {
  held?.undo();
}

export function waits(id) {
  return held !== null && (id === undefined || held.id === id);
}

addEventListener("pagehide", () => {
  const last = held;
  last?.end();
  last?.onPageHide();
});
