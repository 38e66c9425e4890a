// How does a customer write? The field keeps its focus; what fails is said, and stays in the field.

import { $, post } from "sandbox/dom";

const ABOUT = { edit: "You change what you wrote.", text: "You answer a message." };

export class Composer {
  constructor(phone, feed, frames) {
    this.phone = phone;
    this.feed = feed;
    this.frames = frames;
    this.about = null;
    $("composer").addEventListener("submit", (event) => {
      event.preventDefault();
      const text = this.field().value.trim();
      if (text) this.write(text);
    });
    $("mode-end").addEventListener("click", () => this.begin(null));
  }

  // Which fields there are depends on the channel: an e-mail has a subject and room for more lines.
  dress() {
    const isMail = this.frames.can("subject");
    $("subject").hidden = !isMail;
    $("letter").hidden = !isMail;
    $("words").hidden = isMail;
    const { abilities, actions } = this.frames.current;
    const extra = ["file", "voice", "location", "contact", "open"].some((name) => abilities.includes(name));
    $("more").hidden = !extra && Object.keys(actions).length === 0;
    for (const field of $("composer").elements) field.disabled = !this.frames.isThere();
    this.begin(null);
    this.complain("");
  }

  field() {
    return this.frames.can("subject") ? $("letter") : $("words");
  }

  take() {
    const typed = this.field().value.trim();
    this.field().value = "";
    return typed;
  }

  // The next text changes or answers a message; null: it stands for itself.
  begin(act, message = null) {
    this.about = act ? { act, message: message.id } : null;
    $("mode").hidden = !act;
    $("mode-words").textContent = act ? ABOUT[act] : "";
    if (act === "edit") this.field().value = message.text;
    if (act) this.field().focus();
  }

  write(text) {
    const subject = this.frames.can("subject") ? { subject: $("subject").value.trim() } : {};
    const about = this.about;
    this.begin(null);
    return this.say({ text, ...subject, ...about }, about?.act === "edit" ? "" : text);
  }

  tap(message, option, title) {
    return this.say({ message, option }, title);
  }

  async say(words, shown) {
    const field = this.field();
    const typed = field.value;
    field.value = "";
    this.complain("");
    this.phone.expect(shown);
    try {
      await post("/sandbox/say", { person: this.frames.person(), channel: this.frames.current.key, ...words });
      this.phone.expect("");
    } catch (error) {
      this.phone.expect("");
      field.value = typed;
      this.complain(error.message);
    }
    await this.feed.hurry();
    if (!matchMedia("(pointer: coarse)").matches) field.focus();
  }

  complain(words) {
    $("phone-error").textContent = words;
    $("phone-error").hidden = !words;
  }
}
