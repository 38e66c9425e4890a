// How does the agent write? Reply or private note, shown at once, sent once, never lost.

import { Drafts } from "./drafts.js";
import * as dropping from "./dropping.js";
import * as emoji from "./emoji.js";
import * as holding from "./holding.js";
import * as limits from "./limits.js";
import { send } from "./posting.js";
import { say } from "./say.js";
import * as segments from "./segments.js";
import * as outgoing from "./sending.js";
import * as suggestions from "./suggestions.js";
import { begin, suit } from "./suiting.js";
import { Tray } from "./tray.js";
import { Typing } from "./typing.js";
import * as warnings from "./warnings.js";

export class Composer {
  constructor(form, thread) {
    Object.assign(this, { form, thread, typing: new Typing(thread), isLeft: false, isMeanwhile: false });
    this.words = form.querySelector("textarea");
    this.known = JSON.parse(form.querySelector("#composer-state").textContent);
    this.tray = new Tray(form, { onChange: () => this.mode && this.allow() });
    dropping.listen(form, thread.root, this.tray);
    if (holding.waits(thread.id)) holding.flush(); // one came back while a reply waits: it goes
    outgoing.show(this);
    this.drafts = new Drafts(form, thread, { begun: this.known.drafts, read: () => this, show: (mode) => mode === this.mode && this.fill() });
    for (const part of [segments, limits, suggestions, warnings, emoji]) part.listen(form, this);
    this.setMode("watching" in thread.root.dataset ? "note" : sessionStorage.getItem(this.drafts.key("mode")) || this.drafts.first);
    if (this.known.drafts[this.mode]?.session) this.choose(this.known.drafts[this.mode].session);
    form.addEventListener("submit", (event) => (event.preventDefault(), this.send()));
    form.addEventListener("keydown", (event) => this.keydown(event));
    form.addEventListener("click", ({ target }) => this.click(target.closest("[data-mode-button]")));
    form.addEventListener("change", (event) => event.target.name === "session" && this.pick());
    this.words.addEventListener("input", () => this.typed());
  }

  setMode(mode) {
    this.mode = mode;
    const isNote = mode === "note";
    this.form.dataset.mode = mode;
    for (const button of this.form.querySelectorAll("[data-mode-button]"))
      button.setAttribute("aria-pressed", String(button.dataset.modeButton === mode));
    this.form.querySelector("[data-words-label]").textContent = say(isNote ? "note" : "reply");
    this.words.placeholder = say(isNote ? "write_note" : "write_reply");
    warnings.hide(this);
    this.fill();
    this.renew();
  }

  /** Shows the words of this kind. */
  fill() {
    this.words.value = this.drafts.text(this.mode);
    this.words.setSelectionRange(this.words.value.length, this.words.value.length); // one goes on where one stopped
    this.form.dispatchEvent(new Event("filled"));
  }

  /** Sets what depends on the picker: without an open channel only a note can be written. */
  renew() {
    const isNote = this.mode === "note";
    const isShut = !isNote && !this.form.querySelector("input[name=session]:enabled");
    const send = this.form.querySelector("[data-send]");
    send.textContent = say(isNote ? "save_note" : "send");
    send.disabled = isShut;
    this.form.querySelector("[data-attach]").disabled = isShut || isNote;
    const { owner, label } = document.querySelector(".head-owner")?.dataset || {};
    this.tray.renew(); // another channel may take other files
    const hint = this.form.querySelector("[data-hint]");
    hint.hidden = isNote || isShut || owner === document.body.dataset.me;
    hint.textContent = hint.title = say("takes_over", { name: label });
    suit(this);
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
    this.form.querySelector("[data-picked]").replaceChildren(`${say("reply_to")} `, ...copy.flatMap((part) => [part, " "]));
    if (isByHand) (this.form.querySelector(".picker").open = false), this.form.querySelector(".passed-over")?.remove();
    this.typing.ends();
    this.tell("");
    this.tray.renew();
  }

  typed() {
    this.drafts.note(this.mode, this.words.value);
    if (this.mode !== "note") this.typing.to(this.session);
  }

  /** Words from elsewhere (a greeting, ready words) in the place of `from` to `to`; the caret stands behind them. */
  put(text, from = this.words.value.length, to = from) {
    this.words.setRangeText(text, from, to, "end");
    this.words.focus();
    this.words.dispatchEvent(new Event("input", { bubbles: true }));
  }

  get session() {
    return this.form.querySelector("input[name=session]:checked")?.value || "";
  }

  keydown(event) {
    const isMeta = event.ctrlKey || event.metaKey;
    if (event.key === "Enter" && isMeta) (event.preventDefault(), this.send());
    if (event.key === "z" && isMeta && !this.words.value && holding.waits(this.thread.id)) (event.preventDefault(), holding.undo());
  }

  click(button) {
    if (button) (begin(this, button.dataset.modeButton), this.words.focus());
  }

  send(options) {
    return send(this, options);
  }

  /** What was taken back or refused is there to be sent again. */
  restore(mode, text, files) {
    if (this.mode !== mode) this.setMode(mode);
    this.drafts.unseal(mode, text);
    this.fill();
    for (const file of files) this.tray.restore(file);
    this.words.focus();
  }

  leave() {
    this.isLeft = true;
    this.drafts.leave();
  }
}
