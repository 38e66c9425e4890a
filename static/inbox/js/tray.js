// Which files wait to be sent? Uploaded as soon as they are chosen, each with what the reply's channel will do with it.

import { MEGABYTE, draw, keep, kept, size } from "./attached.js";
import { upload } from "./http.js";
import { say } from "./say.js";

const MOST = 10;
let shown = null; // the tray of the conversation that is open

export class Tray {
  constructor(form, { onChange }) {
    Object.assign(this, { form, entries: [], place: form.dataset.upload, isTaking: false });
    this.onChange = () => (this.keep(), onChange());
    this.list = form.querySelector("[data-tray]");
    const pick = form.querySelector("[data-pick]");
    form.querySelector("[data-attach]").addEventListener("click", () => pick.click());
    pick.addEventListener("change", () => {
      this.add(pick.files);
      pick.value = "";
    });
    this.list.addEventListener("click", (event) => {
      const item = event.target.closest("button") && event.target.closest("li");
      if (item) this.remove(this.entries.find((entry) => entry.item === item));
    });
    shown = this;
    for (const one of kept(this.place)) this.restore(one);
  }

  /** What is here stays here while the agent looks elsewhere; what is being sent is not put back. */
  keep() {
    if (shown === this) keep(this.place, this.isTaking ? [] : this.entries.filter((entry) => entry.id));
  }

  get isEmpty() {
    return !this.entries.length;
  }

  /** Why nothing is sent while a file that was refused is here, '' if there is none. */
  get refusal() {
    const name = this.entries.find((entry) => entry.failed)?.file.name;
    return name ? say("not_along", { name }) : "";
  }

  add(files) {
    for (const file of [...files].slice(0, Math.max(MOST - this.entries.length, 0))) {
      const entry = { file, item: draw(file), stop: new AbortController(), id: "", failed: "" };
      this.entries.push(entry);
      this.list.append(entry.item);
      entry.done = this.begin(entry);
    }
    this.renew();
  }

  async begin(entry) {
    const most = Number(this.form.dataset.uploadMax);
    const bar = entry.item.querySelector("progress");
    try {
      if (entry.file.size > most) throw new Error(say("too_large", { size: most / MEGABYTE }));
      if (!entry.file.size) throw new Error(say("empty_file"));
      const made = await upload(this.form.dataset.upload, entry.file, (part) => (bar.value = part), entry.stop.signal);
      Object.assign(entry, { id: made.id, kind: made.kind, size: made.size });
      if (shown !== this && !this.isTaking) return this.restore(entry);
    } catch (error) {
      entry.failed = error.message;
    }
    bar.hidden = true;
    this.renew();
  }

  /** Says below each file what the chosen channel makes of it. */
  renew() {
    const { mediaMax, sends, kind } = this.form.querySelector("input[name=session]:checked")?.dataset || {};
    const name = this.form.querySelector("[data-picked] .channel")?.textContent || kind;
    for (const entry of this.entries) {
      const told = entry.item.querySelector(".told");
      const warning = mediaMax && entry.id ? limit(entry, Number(mediaMax), sends.split(" "), name) : "";
      told.textContent = entry.failed || warning || size(entry.file.size);
      told.classList.toggle("is-bad", Boolean(entry.failed));
      told.classList.toggle("is-warning", Boolean(warning));
    }
    this.onChange();
  }

  remove(entry) {
    const next = entry.item.nextElementSibling || entry.item.previousElementSibling;
    entry.stop.abort();
    URL.revokeObjectURL(entry.item.querySelector("img")?.src);
    entry.item.remove();
    this.entries = this.entries.filter((other) => other !== entry);
    (next?.querySelector("button") || this.form.querySelector("[data-attach]")).focus();
    this.onChange();
  }

  /** Puts a file back that was taken and not sent; it is uploaded already. */
  restore({ id, file, kind }) {
    if (shown !== this) return this.passOn({ id, file, kind });
    const entry = { file, item: draw(file), stop: new AbortController(), id, kind, size: file.size, failed: "" };
    entry.item.querySelector("progress").hidden = true;
    entry.done = Promise.resolve();
    this.entries.push(entry);
    this.list.append(entry.item);
    this.renew();
  }

  /** The agent is elsewhere by now, or has come back and looks at another tray. */
  passOn(one) {
    if (shown.place === this.place) shown.restore(one);
    else keep(this.place, [...kept(this.place), one]);
  }

  /** Waits for what is on its way and hands over what can be sent; what failed stays, with its reason. */
  async take() {
    this.isTaking = true;
    this.keep();
    await Promise.all(this.entries.map((entry) => entry.done));
    this.isTaking = false;
    const ready = this.entries.filter((entry) => entry.id);
    for (const entry of ready) {
      URL.revokeObjectURL(entry.item.querySelector("img")?.src);
      entry.item.remove();
    }
    this.entries = this.entries.filter((entry) => !entry.id);
    this.onChange();
    return ready.map(({ id, kind, file }) => ({ id, kind, file, name: file.name }));
  }
}

function limit(entry, most, sends, channel) {
  const kind = entry.kind || "file";
  if (entry.size > most) return say("as_link_large", { channel, size: Math.floor(most / MEGABYTE) });
  return sends.includes(kind) ? "" : say(`as_link_${kind}`, { channel });
}
