// How does the agent write? Reply or private note, shown at once, sent once, never lost.

import * as dropping from "./dropping.js";
import * as segments from "./segments.js";
import { send } from "./sending.js";
import { Tray } from "./tray.js";
import { Typing } from "./typing.js";

export class Composer {
  constructor(form, thread) {
    Object.assign(this, { form, thread, typing: new Typing(thread) });
    this.words = form.querySelector("textarea");
    this.unseen = form.querySelector("[data-unseen]");
    this.tray = new Tray(form, { onChange: () => this.mode && this.allow() });
    dropping.listen(form, thread.root, this.tray);
    segments.listen(form);
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
    this.form.querySelector("[data-attach]").disabled = isShut;
    const { owner, label } = document.querySelector(".head-owner")?.dataset || {};
    this.tray.renew(); // another channel may take other files
    const hint = this.form.querySelector("[data-hint]");
    hint.hidden = isNote || isShut || owner === document.body.dataset.me;
    hint.textContent = `Replying takes this conversation over from ${label}.`;
  }

  /** A file needs no words; a note does. */
  allow() {
    this.words.required = this.mode === "note" || this.tray.isEmpty;
    if (!this.tray.refusal) this.tell("");
  }

  /** Says beside the button why nothing is sent. */
  tell(words) {
    Object.assign(this.form.querySelector("[data-blocked]"), { textContent: words, hidden: !words });
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
    this.form.querySelector("[data-picked]").replaceChildren("Reply to ", ...copy.flatMap((part) => [part, " "]));
    if (isByHand) (this.form.querySelector(".picker").open = false), this.form.querySelector(".passed-over")?.remove();
    this.typing.ends();
    this.tray.renew();
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

  async send({ force = false } = {}) {
    if (this.form.querySelector("[data-send]").disabled || this.isSending) return;
    const [mode, session, seen] = [this.mode, this.session, this.thread.stream.seq];
    const text = this.words.value.trim();
    if (!text && (mode === "note" || this.tray.isEmpty)) return;
    if (mode !== "note" && this.tray.refusal) return this.tell(this.tray.refusal);
    this.isSending = true;
    const files = mode === "note" ? [] : await this.tray.take();
    this.isSending = false;
    // What could not be uploaded is not left out silently.
    if (mode !== "note" && this.tray.refusal) {
      for (const file of files) this.tray.restore(file);
      return this.tell(this.tray.refusal);
    }
    this.settle();
    this.typing.ends();
    this.words.value = "";
    this.keep();
    const said = files.length ? files.map((file, place) => ({ text: place ? "" : text, file })) : [{ text }];
    for (const [place, one] of said.entries()) {
      if (await send(this, one, { mode, session, seen, force: force || place > 0 })) continue;
      for (const left of said.slice(place + 1)) this.tray.restore(left.file);
      return;
    }
  }

  /** What was refused is there to be sent again. */
  restore(text, file) {
    this.words.value = [text, this.words.value].filter(Boolean).join("\n");
    this.keep();
    if (file) this.tray.restore(file);
  }
}
