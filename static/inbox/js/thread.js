// What happens in the open conversation? Its stream, its log, its head, its composer.

import { renew } from "./chips.js";
import { Composer } from "./composer.js";
import { fragment, post } from "./http.js";
import { prepare, put, putOlder } from "./items.js";
import { Reach } from "./reach.js";
import { Stream } from "./stream.js";
import { localise } from "./times.js";

const REDRAWS = new Set(["delivery", "attachment", "message_edited", "message_removed", "reaction"]);
const MOVES_HEAD = new Set(["owner_changed", "closed", "proof", "note", "task_report", "rated", "rating_commented"]);

export class Thread {
  constructor(root, { live, reload }) {
    this.root = root;
    this.live = live;
    this.id = root.dataset.id;
    this.name = root.dataset.name;
    this.url = `${document.body.dataset.root}c/${this.id}/`;
    this.log = root.querySelector("#items");
    this.chips = root.querySelector("[data-chips]");
    const seq = Number(root.dataset.seq);
    this.stream = new Stream({ id: this.id, seq, url: this.url, apply: (e) => this.apply(e), reload });
    this.composer = new Composer(root.querySelector("#composer"), this);
    localise(root);
    renew(this.log, this.chips); // before the log is scrolled: the chips take their line from it
    prepare(this.log, root.dataset.at);
    this.reach = new Reach(this);
    this.log.addEventListener("click", (event) => this.older(event));
    root.addEventListener("inbox:over", () => this.renewHead()); // a window has closed: what may be sent is another matter
    this.subscribe();
    if (this.composer.known.is_named) this.seen();
  }

  /** The notes that name this agent are before their eyes. */
  seen() {
    post(`${this.url}mentions`).catch(() => {});
  }

  subscribe() {
    this.live.send({ type: "subscribe", conversation: this.id, after: this.stream.seq });
    this.live.send({ type: "viewing", conversation: this.id });
  }

  leave() {
    clearTimeout(this.headTimer);
    this.composer.leave();
    this.live.send({ type: "unsubscribe", conversation: this.id });
  }

  apply(envelope) {
    if (envelope.html) this.show(envelope);
    renew(this.log, this.chips);
    const isCustomer = envelope.data.author === "customer" && !REDRAWS.has(envelope.type);
    const isAnswer = envelope.data.author === "agent" && !REDRAWS.has(envelope.type);
    if (isCustomer && envelope.type === "message") this.reach.arrived(envelope.seq);
    // An inbound message opens a window, an answer keeps a promise, an owner's move changes what may be done.
    if (isCustomer || isAnswer || MOVES_HEAD.has(envelope.type)) this.renewHead();
  }

  show({ html, type }) {
    const item = put(this.log, html, { isDelivery: type === "delivery", isSeen: REDRAWS.has(type) });
    if (item?.dataset.job) hushJob(this.log, item);
  }

  renewHead() {
    clearTimeout(this.headTimer);
    this.headTimer = setTimeout(async () => {
      try {
        const parts = await fragment(this.url, "head");
        for (const part of parts.querySelectorAll("template")) this.swap(part.dataset.part, part.content);
      } catch {
        // The page keeps what it shows; the server decides again when a button is used.
      }
    }, 80);
  }

  swap(id, nodes) {
    const place = document.getElementById(id);
    if (!place || document.getElementById("conversation") !== this.root) return;
    const held = place.contains(document.activeElement) ? document.activeElement : null;
    const opened = new Map([...place.querySelectorAll("details")].map((one) => [one.classList[0], one.open]));
    const chosen = place.querySelector("input[name=session]:checked:not([data-default])")?.value;
    place.replaceChildren(nodes);
    localise(place);
    for (const one of place.querySelectorAll("details")) one.open = opened.get(one.classList[0]) ?? one.open;
    if (chosen) this.composer.choose(chosen);
    this.composer.renew();
    if (held) (again(place, held) || document.getElementById("thread")).focus();
  }

  /** Fetches and marks what the agent had not seen at `seq`. */
  async showUnseen(seq) {
    await this.stream.catchUp();
    await this.reach.toEnd();
    for (const item of this.log.querySelectorAll(".said"))
      item.classList.toggle("is-unseen", Number(item.dataset.seq) > seq);
  }

  forgetUnseen() {
    for (const item of this.log.querySelectorAll(".is-unseen")) item.classList.remove("is-unseen");
  }

  /** Says in what is sent to this conversation how far it was read. */
  sign(fields, action) {
    if (fields.has("seen_seq") && action.includes(this.url)) fields.set("seen_seq", this.reach.seq);
  }

  async older(event) {
    if (event.target.closest("[data-newest] button")) return void this.reach.toEnd().then(() => this.log.focus());
    const link = event.target.closest("[data-older] a");
    if (!link) return;
    event.preventDefault();
    putOlder(this.log, await fragment(link.href, "older"));
    this.log.focus();
  }
}

// Of all the lines of a job only the newest has buttons.
function hushJob(log, newest) {
  for (const line of log.querySelectorAll(`[data-job="${newest.dataset.job}"]`)) {
    if (Number(line.dataset.seq) < Number(newest.dataset.seq)) line.querySelector("[data-job-buttons]")?.remove();
  }
}

function again(place, held) {
  const asked = held.closest("[data-dialog]")?.dataset.dialog;
  if (asked) return place.querySelector(`[data-dialog="${asked}"]`);
  const verb = held.closest("[data-verb]")?.dataset.verb;
  return verb ? place.querySelector(`[data-verb="${verb}"] button`) : place.querySelector(held.localName);
}
