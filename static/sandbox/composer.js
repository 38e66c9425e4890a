// How does a customer write? The field keeps its focus; what fails is said, and stays in the field.

import { $, post } from "sandbox/dom";

export class Composer {
  constructor(phone, feed, person) {
    this.phone = phone;
    this.feed = feed;
    this.person = person;
    $("composer").addEventListener("submit", (event) => {
      event.preventDefault();
      const text = $("words").value.trim();
      if (text) this.say({ text }, text);
    });
  }

  tap(message, option, title) {
    return this.say({ message, option }, title);
  }

  async say(words, shown) {
    const typed = $("words").value;
    $("words").value = "";
    this.complain("");
    this.phone.expect(shown);
    try {
      await post("/sandbox/say", { person: this.person(), ...words });
      this.phone.expect("");
    } catch (error) {
      this.phone.expect("");
      $("words").value = typed;
      this.complain(error.message);
    }
    await this.feed.hurry();
    if (!matchMedia("(pointer: coarse)").matches) $("words").focus();
  }

  complain(words) {
    $("phone-error").textContent = words;
    $("phone-error").hidden = !words;
  }
}
