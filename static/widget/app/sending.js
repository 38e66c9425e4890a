// How does what is typed get out, once and whatever the network does?
import { change, state } from "./state.js";
import * as thread from "./thread.js";

const TYPING_EVERY = 3000;
const SEEN_AFTER = 250;
let link = null;
let typedAt = 0;
let readTimer = 0;
let isHanding = false;

export const use = (found) => (link = found);

// Says something: it is in the outbox until the server has stored it, over reloads and outages.
export function say(frame, text = "", id = "") {
  const whole = { ...frame, id: id || freshId(), ...(state.page && { page: state.page }) };
  change(() => {
    thread.say(state.thread, whole, text);
    Object.assign(state, { welcome: "", resume: null });
    if (!text && !id) state.typing = ""; // a gesture shows nothing of its own: somebody is at it
  });
  if (!link.send(whole)) handOver();
}

export function flush() {
  for (const mine of thread.unsent(state.thread)) if (!link.send(mine.frame)) break;
}

// While there is no socket, one by one over HTTP: the order stays.
export async function handOver() {
  if (state.connection !== "polling" || isHanding) return;
  isHanding = true;
  for (const mine of thread.unsent(state.thread)) {
    try {
      const answer = await link.http("POST", "messages", mine.frame);
      change(() => thread.acknowledge(state.thread, answer.id));
    } catch (error) {
      if (error.status !== 422) break;
      change(() => thread.refuse(state.thread, mine.id, error.detail));
    }
  }
  isHanding = false;
}

export function refused(frame) {
  if (frame.code === "too_fast") setTimeout(flush, 1000 * (frame.retry_after || 2));
  else thread.refuse(state.thread, frame.id, frame.message);
}

export function typed() {
  if (Date.now() - typedAt < TYPING_EVERY) return;
  typedAt = Date.now();
  link.send({ type: "typing" });
}

// Tells how far this browser has come: received, or shown to somebody.
export function seen() {
  clearTimeout(readTimer);
  readTimer = setTimeout(tellSeen, SEEN_AFTER);
}

// Also just before the chat is closed: what stood there was seen.
export function tellSeen() {
  if (!link.isReady || !thread.unread(state.thread)) return;
  const isRead = state.isOpen && !document.hidden;
  for (const [stream, seq] of state.thread.streams) {
    if (seq) link.send({ type: isRead ? "read" : "delivered", stream, seq });
  }
  if (isRead) change(() => thread.markRead(state.thread));
}

// Outside of https `randomUUID` does not exist; the random numbers do.
function freshId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
