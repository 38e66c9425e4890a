// How does the agent write? Reply or private note, shown at once, sent once, never lost.

import { Refusal, post } from "./http.js";
import { paragraph, pending } from "./items.js";
import { uuid } from "./ids.js";
import { toast } from "./toast.js";
import { Typing } from "./typing.js";

export class Composer {
  constructor(form, thread) {
    Object.assign(this, { form, thread, typing: new Typing(thread) });
    this.words = form.querySelector("textarea");
    this.unseen = form.querySelector("[data-unseen]");
    this.setMode(sessionStorage.getItem(this.key("mode")) || "reply");
    form.addEventListener("submit", (event) => (event.preventDefault(), this.send()));
    form.addEventListener("keydown", (event) => this.keydown(event));
    form.addEventListener("click", (event) => this.click(event));
    form.addEventListener("change", (event) => event.target.name === "session" && this.pick());
    this.words.addEventListener("input", () => this.typed());
  }

  key(what) {
    return `inbox-${what}-${this.thread.id}`;
  }

  setMode(mode) {
    this.keep();
    this.mode = mode;
    const isNote = mode === "note";
    this.form.dataset.mode = mode;
    sessionStorage.setItem(this.key("mode"), mode);
    for (const button of this.form.querySelectorAll("[data-mode-button]"))
      button.setAttribute("aria-pressed", String(button.dataset.modeButton === mode));
    this.form.querySelector("[data-words-label]").textContent = isNote ? "Private note" : "Reply to the customer";
    this.words.placeholder = isNote ? "Write a note for your team…" : "Write a reply…";
    this.words.value = sessionStorage.getItem(this.key(mode)) || "";
    this.renew();
  }

  /** Sets what depends on the picker: without an open channel only a note can be written. */
  renew() {
    const isNote = this.mode === "note";
    const isShut = !isNote && !this.form.querySelector("input[name=session]:enabled");
    const send = this.form.querySelector("[data-send]");
    send.textContent = isNote ? "Save note" : "Send";
    send.disabled = isShut;
    const { owner, label } = document.querySelector(".head-owner")?.dataset || {};
    const hint = this.form.querySelector("[data-hint]");
    hint.hidden = isNote || isShut || owner === document.body.dataset.me;
    hint.textContent = `Replying takes this conversation over from ${label}.`;
  }

  choose(session) {
    const radio = this.form.querySelector(`input[name=session][value="${CSS.escape(session)}"]:enabled`);
    if (!radio) return;
    radio.checked = true;
    this.pick(false);
  }

  pick(isByHand = true) {
    const chosen = this.form.querySelector("input[name=session]:checked")?.closest(".choice");
    if (!chosen) return;
    const copy = [...chosen.children].slice(1).map((part) => part.cloneNode(true));
    this.form.querySelector("[data-picked]").replaceChildren(...copy.flatMap((part) => [part, " "]));
    if (isByHand) this.form.querySelector(".picker").open = false;
    this.typing.ends();
  }

  keep() {
    if (!this.mode) return;
    if (this.words.value) sessionStorage.setItem(this.key(this.mode), this.words.value);
    else sessionStorage.removeItem(this.key(this.mode));
  }

  typed() {
    this.keep();
    if (this.mode !== "note") this.typing.to(this.session);
  }

  get session() {
    return this.form.querySelector("input[name=session]:checked")?.value || "";
  }

  keydown(event) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) (event.preventDefault(), this.send());
  }

  click(event) {
    const button = event.target.closest("button");
    if (button?.dataset.modeButton) (this.setMode(button.dataset.modeButton), this.words.focus());
    if (button?.matches("[data-anyway]")) this.send({ force: true });
    if (button?.matches("[data-reconsider]")) this.settle();
  }

  settle() {
    this.unseen.hidden = true;
    this.thread.forgetUnseen();
    this.words.focus();
  }

  send({ force = false } = {}) {
    const text = this.words.value.trim();
    if (!text || this.form.querySelector("[data-send]").disabled) return;
    const fields = { text, client_id: uuid(), session: this.session, seen_seq: this.thread.stream.seq, force: force ? "1" : "" };
    this.settle();
    this.typing.ends();
    this.words.value = "";
    this.keep();
    const isNote = this.mode === "note";
    const bubble = pending(this.thread.log, { id: fields.client_id, text, isNote });
    this.deliver(isNote ? this.form.dataset.note : this.form.action, fields, bubble, this.mode);
  }

  async deliver(url, fields, bubble, mode) {
    try {
      await post(url, fields);
    } catch (error) {
      if (!bubble.isConnected) return; // the server's own bubble has already taken its place
      if (error instanceof Refusal && error.status < 500) this.giveBack(error, fields, bubble, mode);
      else this.offerAgain(url, fields, bubble, mode);
    }
  }

  async giveBack(error, fields, bubble, mode) {
    bubble.remove();
    if (this.mode !== mode) this.setMode(mode);
    this.words.value = [fields.text, this.words.value].filter(Boolean).join("\n");
    this.keep();
    if (error.code !== "unseen_messages") return void toast(error.message);
    await this.thread.showUnseen(fields.seen_seq);
    this.unseen.hidden = false;
    this.unseen.querySelector("button").focus();
  }

  // The line broke: the same id is sent again, so a message that did arrive is not doubled.
  offerAgain(url, fields, bubble, mode) {
    const line = paragraph("delivery delivery-failed", "! not sent ");
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "button", textContent: "Try again" });
    button.addEventListener("click", () => {
      line.replaceWith(paragraph("delivery", "○ sending"));
      this.deliver(url, fields, bubble, mode);
    });
    line.append(button);
    bubble.querySelector(".delivery").replaceWith(line);
  }
}
