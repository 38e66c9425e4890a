// What fits behind a `/` or an `@`? A list below the words, chosen by arrow keys, while the caret stays in the words.

import { fragment } from "./http.js";
import * as macros from "./macros.js";
import { say } from "./say.js";

const WAIT = 120;
const TRIGGERS = [
  { sign: "/", pattern: /(?:^|\s)\/([\p{L}\p{N}_-]{0,40})$/u, url: "readyUrl", modes: ["reply", "note"] },
  { sign: "@", pattern: /(?:^|\s)@([\p{L}\p{N}._-]{0,30}(?: [\p{L}\p{N}._-]{0,30})?)$/u, url: "colleagues", modes: ["note"] },
];

export function listen(form, composer) {
  const list = new Suggestions(form, composer);
  composer.words.addEventListener("input", () => list.look());
  composer.words.addEventListener("click", () => list.look());
  composer.words.addEventListener("keydown", (event) => list.keydown(event));
  composer.words.addEventListener("blur", () => setTimeout(() => list.holds(document.activeElement) || list.close(), 150));
  form.addEventListener("filled", () => list.close());
  form.querySelector("[data-ready-button]").addEventListener("click", () => list.begin());
}

class Suggestions {
  constructor(form, composer) {
    Object.assign(this, { form, composer, words: composer.words, turn: 0 });
    this.place = form.querySelector("[data-suggestions]");
    this.place.addEventListener("mousedown", (event) => event.target.closest("[role=option]") && event.preventDefault());
    this.place.addEventListener("click", (event) => this.take(event.target.closest("[role=option]")));
  }

  get isOpen() {
    return !this.place.hidden;
  }

  get options() {
    return [...this.place.querySelectorAll("[role=option]")];
  }

  holds(element) {
    return element === this.words || this.place.contains(element);
  }

  /** By the button: a sign is written as if it had been typed. */
  begin() {
    const { words } = this;
    const before = words.value.slice(0, words.selectionStart);
    if (!/(^|\s)\/$/.test(before)) this.composer.put(before && !/\s$/.test(before) ? " /" : "/", words.selectionStart);
    else words.focus();
    this.look();
  }

  look() {
    const before = this.words.value.slice(0, this.words.selectionStart);
    for (const { sign, pattern, url, modes } of TRIGGERS) {
      const found = modes.includes(this.composer.mode) && this.words.selectionStart === this.words.selectionEnd && pattern.exec(before);
      if (!found) continue;
      this.from = before.length - found[1].length - sign.length;
      if (this.from === this.refused) return;
      this.refused = null;
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.ask(this.form.dataset[url], found[1]), this.isOpen ? WAIT : 0);
      return;
    }
    this.refused = null;
    this.close();
  }

  async ask(url, typed) {
    const turn = ++this.turn;
    const found = await fragment(`${url}?q=${encodeURIComponent(typed)}`, "suggestions").catch(() => null);
    if (turn !== this.turn || !found || document.activeElement !== this.words) return;
    this.place.replaceChildren(found);
    this.place.hidden = false;
    const box = this.place.querySelector("[role=listbox]");
    box.id = "suggested";
    this.words.setAttribute("aria-controls", box.id);
    this.choose(this.options[0]);
    const count = this.options.length;
    this.form.querySelector("[data-suggested]").textContent = count ? say("found", { count }) : say("none");
  }

  choose(option) {
    for (const one of this.options) one.setAttribute("aria-selected", String(one === option));
    if (!option) return void this.words.removeAttribute("aria-activedescendant");
    this.words.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  }

  keydown(event) {
    if (!this.isOpen || event.ctrlKey || event.metaKey) return;
    const { options } = this;
    const at = options.findIndex((one) => one.getAttribute("aria-selected") === "true");
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: 5, PageUp: -5 };
    if (event.key in steps && options.length) this.choose(options[(at + steps[event.key] + options.length * 5) % options.length]);
    else if ((event.key === "Enter" || event.key === "Tab") && options[at]) this.take(options[at]);
    else if (event.key === "Escape") (this.refused = this.from, this.close());
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  take(option) {
    if (!option) return;
    const to = this.words.selectionStart;
    const { text, name, macro } = option.dataset;
    this.close();
    if (macro) (this.composer.put("", this.from, to), macros.open(macro, this.composer.thread));
    else this.composer.put(name ? `@${name} ` : text, this.from, to);
    this.close();
  }

  close() {
    clearTimeout(this.timer);
    this.turn += 1;
    if (!this.isOpen) return;
    this.place.hidden = true;
    this.place.replaceChildren();
    for (const name of ["aria-activedescendant", "aria-controls"]) this.words.removeAttribute(name);
    this.form.querySelector("[data-suggested]").textContent = "";
  }
}
