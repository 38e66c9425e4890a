// What is in the conversation, in which order? Envelopes and what was typed here become one list; pure.

export const empty = () => ({ seen: new Map(), streams: new Map(), outbox: [] });

// An envelope is taken once, in order: "old" was known, "gap" asks for what is missing, "new" was added.
export function take(thread, envelope) {
  const last = thread.streams.get(envelope.stream) ?? 0;
  if (envelope.seq <= last) return "old";
  if (envelope.seq > last + 1) return "gap";
  thread.streams.set(envelope.stream, envelope.seq);
  add(thread, envelope);
  return "new";
}

// Adds without asking for the order: the history that a visit begins with.
export function add(thread, { type, at, data, stream, seq }) {
  if (type !== "message") {
    thread.seen.set(`${stream}:${seq}`, { ...data, fact: type, at, seq, key: `${stream}:${seq}` });
    return;
  }
  thread.outbox = thread.outbox.filter((mine) => mine.id !== data.client_id);
  const key = data.client_id || data.id;
  thread.seen.set(key, { ...data, key, at, stream, seq, mine: data.author === "customer" });
}

export function say(thread, frame, text) {
  thread.outbox.push({ id: frame.id, frame, text, at: new Date().toISOString(), state: "waiting" });
}

export function acknowledge(thread, id) {
  const mine = thread.outbox.find((one) => one.id === id);
  if (mine) mine.state = "sent";
  thread.outbox = thread.outbox.filter((one) => one.text || one.state === "waiting"); // a gesture has nothing to show
}

export function refuse(thread, id, reason) {
  const mine = thread.outbox.find((one) => one.id === id);
  if (mine) Object.assign(mine, { state: "refused", reason });
}

export const unsent = (thread) => thread.outbox.filter((mine) => mine.state === "waiting");

// Everything to draw, oldest first; a choice is open while nothing was said after it by this customer.
export function list(thread) {
  const shown = [...thread.seen.values()].sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : a.seq - b.seq));
  const mine = thread.outbox
    .filter((one) => one.text)
    .map((one) => ({
      key: one.id,
      mine: true,
      at: one.at,
      content: { type: "text", text: one.text },
      state: one.state,
      reason: one.reason,
    }));
  const all = [...shown, ...mine];
  const lastMine = all.findLastIndex((one) => one.mine);
  const answered = thread.outbox.some((one) => one.state !== "refused");
  return all.map((one, index) => {
    if (one.content?.type !== "choice") return one;
    const reply = all.slice(index + 1).find((later) => later.mine);
    return { ...one, open: index > lastMine && !answered, chosen: reply?.content.text };
  });
}

// The agent who speaks with this customer now, by name; "" while it is the bot or a queue.
export function agentIn(entries) {
  const last = entries.findLast((one) => one.fact === "owner_changed" || one.author === "agent" || one.author === "bot");
  return last?.owner === "agent" || last?.author === "agent" ? last.name : "";
}

export const unread = (thread) =>
  [...thread.seen.values()].filter((one) => !one.mine && !one.fact && one.state !== "read").length;

export function markRead(thread) {
  for (const one of thread.seen.values()) if (!one.mine) one.state = "read";
}
