// What has been begun and not sent? Kept on the server as it is typed, for every window; the newest words win.

import { json, post } from "./http.js";
import { uuid } from "./ids.js";
import { say } from "./say.js";

const WAIT = 600;
export const screen = uuid(); // this window, until it is loaded anew

export class Drafts {
  constructor(form, thread, { begun, read, show }) {
    Object.assign(this, { form, thread, read, show, revisions: {}, texts: {}, unsaved: new Set(), paused: new Set() });
    for (const [mode, { text, revision }] of Object.entries(begun)) (this.texts[mode] = text), (this.revisions[mode] = revision);
    this.state = form.querySelector("[data-draft-state]");
    for (const mode of ["reply", "note"]) this.recover(mode);
    this.onHide = ({ type }) => (document.hidden || type === "pagehide") && this.flush({ keepalive: true }, type === "pagehide");
    document.addEventListener("visibilitychange", this.onHide);
    addEventListener("pagehide", this.onHide);
  }

  key(mode) {
    return `inbox-${mode}-${document.body.dataset.me}-${this.thread.id}`; // another agent's in the same tab are not ours
  }

  /** What this window had typed and the server has not heard of; words that were about to be sent come before it. */
  recover(mode) {
    const [left, sealed] = [sessionStorage.getItem(this.key(mode)), sessionStorage.getItem(this.key(`sealed-${mode}`))];
    const stands = sealed && (!this.text(mode) || sealed === this.text(mode));
    sessionStorage.removeItem(this.key(`sealed-${mode}`));
    const wasNotSent = stands && left !== sealed;
    if (left !== null || wasNotSent) this.note(mode, wasNotSent ? [sealed, left].filter(Boolean).join("\n") : left);
  }

  text(mode) {
    return this.texts[mode] || "";
  }

  get first() {
    return this.text("note") && !this.text("reply") ? "note" : "reply";
  }

  /** These are the words now; they are saved when nothing was typed for a moment. */
  note(mode, text) {
    if (text === this.text(mode)) return;
    this.texts[mode] = text;
    sessionStorage.setItem(this.key(mode), text);
    this.unsaved.add(mode);
    this.tell("");
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), WAIT);
  }

  async flush(options = {}, isLast = false) {
    clearTimeout(this.timer);
    if (!isLast) await this.saving;
    for (const mode of [...this.unsaved]) if (isLast || !this.paused.has(mode)) await (this.saving = this.save(mode, options));
  }

  async save(mode, options) {
    this.unsaved.delete(mode);
    const text = this.text(mode);
    const fields = { kind: mode, text, session: this.read().session, screen };
    try {
      this.revisions[mode] = (await post(this.form.dataset.draft, fields, options)).revision;
      if (this.text(mode) === text) sessionStorage.removeItem(this.key(mode));
      this.tell(text ? say("is_kept") : "");
    } catch (error) {
      if (error.status === 404) return;
      this.unsaved.add(mode); // the next key, or the next window, tries again
      this.tell(say("not_kept"));
    }
  }

  /** What is sent now: nothing is saved of this kind until it is known what became of it. Gives its revision. */
  async seal(mode, text) {
    this.note(mode, text);
    await this.flush();
    this.paused.add(mode);
    sessionStorage.setItem(this.key(`sealed-${mode}`), text);
    sessionStorage.removeItem(this.key(mode));
    const revision = this.revisions[mode] || 0;
    this.texts[mode] = "";
    this.unsaved.delete(mode);
    this.tell("");
    return revision;
  }

  /** The sealed words are on their way and kept there: what was typed since is saved again. */
  release(mode) {
    this.paused.delete(mode);
    sessionStorage.removeItem(this.key(`sealed-${mode}`));
    if (this.unsaved.has(mode)) this.timer = setTimeout(() => this.flush(), WAIT);
  }

  /** They are the agent's again, before what was typed since. */
  unseal(mode, text) {
    this.release(mode);
    this.note(mode, [text, this.text(mode)].filter(Boolean).join("\n"));
  }

  /** They were sent, and with them the server forgot this revision. */
  sent(mode, revision) {
    if (revision && revision === this.revisions[mode]) this.revisions[mode] = 0;
  }

  /** Another window has written or sent. */
  async heard({ kind, revision, screen: by }) {
    if (by === screen || this.paused.has(kind) || revision === this.revisions[kind]) return;
    const mine = this.text(kind);
    const held = revision ? (await json(this.form.dataset.draft))[kind] : null;
    clearTimeout(this.timer);
    this.unsaved.delete(kind);
    sessionStorage.removeItem(this.key(kind));
    [this.texts[kind], this.revisions[kind]] = [held?.text || "", held?.revision || 0];
    this.show(kind);
    if (mine.trim() && mine !== this.text(kind)) this.offer(kind, mine);
  }

  /** The line was away: what was sent or wiped meanwhile is no draft any more; words that nobody else has yet stay. */
  async ask() {
    await this.saving;
    const before = ["reply", "note"].map((mode) => [mode, this.revisions[mode], this.text(mode)]);
    const held = await json(this.form.dataset.draft).catch(() => null);
    for (const [mode, revision, text] of held ? before : [])
      if (revision && !held[mode] && text === this.text(mode) && !this.unsaved.has(mode)) this.heard({ kind: mode, revision: 0 });
  }

  offer(kind, mine) {
    this.tell(say("elsewhere"));
    const button = Object.assign(document.createElement("button"), { type: "button", className: "plain", textContent: say("mine") });
    button.addEventListener("click", () => (this.note(kind, mine), this.show(kind)));
    this.state.append(" ", button);
  }

  tell(words) {
    if (this.state.textContent !== words) this.state.textContent = words;
  }

  leave() {
    document.removeEventListener("visibilitychange", this.onHide);
    removeEventListener("pagehide", this.onHide);
    this.flush({}, true);
  }
}
