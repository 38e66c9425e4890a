// What does the phone show? Bubbles, ticks, buttons and lists, drawn from the provider's own messages.

import { $, clockTime, el } from "sandbox/dom";

const TICKS = { sending: "…", sent: "✓", delivered: "✓✓", read: "✓✓" };
const SPOKEN = { sending: "being sent", sent: "sent", delivered: "delivered", read: "read", failed: "failed" };

export class Phone {
  constructor(onTap, onSeen) {
    this.onTap = onTap;
    this.onSeen = onSeen;
    this.bubbles = new Map();
    this.seen = new Set();
    this.typing = el("p", { class: "bubble bubble-theirs typing", "aria-label": "The business is typing" }, ..."•••");
    $("sheet-close").addEventListener("click", () => $("sheet").close());
  }

  clear() {
    for (const bubble of this.bubbles.values()) bubble.remove();
    this.bubbles.clear();
    this.pending?.remove();
  }

  show({ messages, typing }) {
    const thread = $("thread");
    const wasAtEnd = thread.scrollHeight - thread.scrollTop - thread.clientHeight < 80;
    const known = new Set(messages.map((message) => message.id));
    for (const [id, bubble] of this.bubbles) if (!known.has(id)) this.forget(id, bubble);
    let isNew = false;
    for (const message of messages) isNew = this.place(message) || isNew;
    if (typing) thread.append(this.typing);
    else this.typing.remove();
    if (this.pending) thread.append(this.pending);
    $("thread-empty").hidden = this.bubbles.size > 0 || Boolean(this.pending);
    if ((isNew && wasAtEnd) || this.pending) thread.scrollTop = thread.scrollHeight;
    this.tellSeen(messages);
  }

  // The words just typed, until the server knows them.
  expect(text) {
    this.pending?.remove();
    this.pending = null;
    if (!text) return;
    const at = new Date().toISOString();
    this.pending = this.draw({ id: "", mine: true, text, state: "sending", at, buttons: [], list: null });
    $("thread").append(this.pending);
    $("thread").scrollTop = $("thread").scrollHeight;
  }

  forget(id, bubble) {
    bubble.remove();
    this.bubbles.delete(id);
  }

  place(message) {
    const old = this.bubbles.get(message.id);
    if (old?.dataset.state === message.state) return false;
    const bubble = this.draw(message);
    this.bubbles.set(message.id, bubble);
    if (old) old.replaceWith(bubble);
    else $("thread").append(bubble);
    return !old;
  }

  draw(message) {
    const side = message.mine ? "bubble-mine" : "bubble-theirs";
    const meta = el("span", { class: "bubble-meta" }, clockTime(message.at), " ", this.tick(message));
    const body = el("p", { class: "bubble-text", dir: "auto" }, message.text);
    const parts = [body, meta, ...message.buttons.map((button) => this.button(message, button)), this.list(message)];
    const props = { class: `bubble ${side}`, "data-state": message.state, "data-id": message.id };
    return el("div", props, ...parts);
  }

  tick(message) {
    const spoken = SPOKEN[message.state] ?? message.state;
    if (!message.mine) return el("span", { class: "receipt" }, `· receipt: ${spoken}`);
    const props = { class: message.state === "read" ? "tick tick-read" : "tick", role: "img", "aria-label": spoken };
    return el("span", props, TICKS[message.state] ?? "");
  }

  button(message, { id, title }) {
    const onclick = () => this.onTap(message.id, id, title);
    return el("button", { type: "button", class: "bubble-button", onclick }, title);
  }

  list(message) {
    if (!message.list) return null;
    const onclick = () => this.openSheet(message);
    return el("button", { type: "button", class: "bubble-button", onclick }, `☰ ${message.list.button}`);
  }

  openSheet(message) {
    $("sheet-title").textContent = message.list.button;
    const rows = message.list.rows.map((row) => {
      const onclick = () => {
        $("sheet").close();
        this.onTap(message.id, row.id, row.title);
      };
      const hint = row.description ? el("span", { class: "sheet-hint" }, row.description) : null;
      return el("li", {}, el("button", { type: "button", class: "sheet-row", onclick }, el("span", {}, row.title), hint));
    });
    $("sheet-rows").replaceChildren(...rows);
    $("sheet").showModal();
  }

  tellSeen(messages) {
    const unread = messages.filter(({ id, mine, state }) => !mine && state === "delivered" && !this.seen.has(id));
    if (unread.length === 0 || document.hidden) return;
    for (const { id } of unread) this.seen.add(id);
    this.onSeen();
  }
}
