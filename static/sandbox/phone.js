// What does the phone show? The thread of one person on one channel, drawn from the provider's own messages.

import { draw } from "sandbox/bubble";
import { $, el } from "sandbox/dom";
import { openSheet } from "sandbox/sheet";

export class Phone {
  // acts: onTap, onSeen, onMenu, onAsk, hasMenu, hrefOf; frames: which channel and person.
  constructor(frames, acts) {
    this.frames = frames;
    this.acts = { ...acts, onList: (message) => this.openList(message) };
    this.bubbles = new Map();
    this.seen = new Set();
    this.typing = el("p", { class: "bubble bubble-theirs typing", role: "img", "aria-label": "The business is typing" });
    this.typing.append(el("span", {}), el("span", {}), el("span", {}));
  }

  clear() {
    for (const { node } of this.bubbles.values()) node.remove();
    this.bubbles.clear();
    this.pending?.remove();
    this.pending = null;
    this.typing.remove();
    $("thread-empty").hidden = false;
  }

  show({ messages, typing }) {
    const thread = $("thread");
    const wasAtEnd = thread.scrollHeight - thread.scrollTop - thread.clientHeight < 80;
    const known = new Set(messages.map((message) => message.id));
    for (const [id, { node }] of this.bubbles) if (!known.has(id)) this.forget(id, node);
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
    this.pending = this.draw({ id: "", mine: true, text, state: "sending", at: new Date().toISOString() });
    $("thread").append(this.pending);
    $("thread").scrollTop = $("thread").scrollHeight;
  }

  forget(id, node) {
    node.remove();
    this.bubbles.delete(id);
  }

  place(message) {
    const shape = JSON.stringify(message);
    const old = this.bubbles.get(message.id);
    if (old?.shape === shape) return false;
    const node = this.draw(message);
    this.bubbles.set(message.id, { node, shape });
    if (old) old.node.replaceWith(node);
    else $("thread").append(node);
    return !old;
  }

  draw(message) {
    const { name, receipts } = this.frames.current;
    const mine = $("person").selectedOptions[0].textContent.split(" (")[0];
    return draw(message, this.acts, { mine, theirs: name }, Object.keys(receipts).length > 0);
  }

  openList(message) {
    const rows = message.list.rows.map(({ id, title, description }) => ({
      title,
      description,
      act: () => this.acts.onTap(message.id, id, title),
    }));
    openSheet(message.list.button, rows);
  }

  tellSeen(messages) {
    const unread = messages.filter(({ id, mine, state }) => !mine && state === "delivered" && !this.seen.has(id));
    if (unread.length === 0 || document.hidden) return;
    for (const { id } of unread) this.seen.add(id);
    this.acts.onSeen();
  }
}
