// Which channel is in hand? Switching keeps the person: the same customer goes on somewhere else.

import { $ } from "sandbox/dom";

export class Frames {
  constructor(frames, key, onSwitch) {
    this.frames = new Map(frames.map((frame) => [frame.key, frame]));
    this.current = this.frames.get(key);
    this.onSwitch = onSwitch;
    for (const button of this.buttons()) {
      button.addEventListener("click", () => this.choose(button.dataset.channel));
    }
    $("person").addEventListener("change", () => this.turn());
  }

  person() {
    return $("person").value;
  }

  can(ability) {
    return this.current.abilities.includes(ability);
  }

  isThere() {
    return Boolean(this.current.people[this.person()]);
  }

  choose(key) {
    this.current = this.frames.get(key);
    this.turn();
  }

  // The phone turns to another channel or person: the head, the switch and the page's address follow.
  turn() {
    this.show();
    const at = new URLSearchParams({ channel: this.current.key, person: this.person() });
    history.replaceState(null, "", `?${at}`);
    this.onSwitch();
  }

  show() {
    const { kind, key, name, about, title, hint } = this.current;
    const address = this.current.people[this.person()];
    $("phone").dataset.skin = kind;
    $("phone-title").textContent = name;
    $("phone-line").textContent = about || title;
    $("thread").setAttribute("aria-label", `${title} conversation`);
    $("thread-empty").textContent = this.isThere() ? hint : `This person is not on ${title}. Choose somebody else.`;
    const { about: told, whatsapp } = $("person").selectedOptions[0].dataset;
    $("person-about").textContent = [told, kind === "whatsapp" && whatsapp].filter(Boolean).join(" ");
    $("person-address").textContent = address ? `On ${title}: ${address}.` : `Not on ${title}.`;
    for (const node of document.querySelectorAll("[data-provider]")) node.textContent = title;
    for (const button of this.buttons()) {
      button.setAttribute("aria-pressed", String(button.dataset.channel === key));
      if (button.dataset.channel === key) button.scrollIntoView({ block: "nearest", inline: "nearest" });
    }
  }

  buttons() {
    return document.querySelectorAll("#switch button");
  }
}
