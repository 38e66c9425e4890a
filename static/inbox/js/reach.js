// Which of the customer's words were on the agent's screen? Those below it are counted in a button at the thread's foot.

import { fragment } from "./http.js";
import { putNewest } from "./items.js";
import { say } from "./say.js";
import { toast } from "./toast.js";
import { isCut } from "./trimming.js";

const NEAR = 24; // px from the end that hide no words
const SHOWN = 32; // px of a bubble by which it is seen
const FIELDS = "input, textarea, select, [contenteditable], dialog";

export class Reach {
  /** `root.dataset.unseen`: what was unread already where the thread did not open at its end. */
  constructor({ root, log, stream }) {
    Object.assign(this, { log, stream, place: root.querySelector("[data-below]") });
    this.unseen = new Set((root.dataset.unseen || "").split(" ").filter(Boolean).map(Number));
    this.button = Object.assign(document.createElement("button"), { type: "button", className: "button button-accent" });
    this.button.addEventListener("mousedown", (event) => event.preventDefault()); // the caret stays in the words
    this.button.addEventListener("click", () => this.toEnd());
    log.addEventListener("scroll", () => this.look(), { passive: true });
    this.look();
  }

  /** Up to which event nothing of the customer's is unseen. */
  get seq() {
    this.look();
    return Math.min(this.stream.seq, ...[...this.unseen].map((seq) => seq - 1));
  }

  get isBehind() {
    this.look();
    return this.unseen.size > 0;
  }

  /** The customer's words of this number have come, whether they stand in the page or not. */
  arrived(seq) {
    this.unseen.add(seq);
    this.look();
  }

  /** The newest words, also where they are not in the page. */
  async toEnd() {
    try {
      if (isCut(this.log)) putNewest(this.log, await this.newest());
      this.log.scrollTop = this.log.scrollHeight;
      this.look();
    } catch {
      toast(say("no_answer"));
    }
  }

  // What comes in meanwhile finds no place in a cut log: then it is asked for again.
  async newest() {
    const { seq } = this.stream;
    const nodes = await fragment(`${this.log.dataset.olderUrl}?before=${seq + 1}`, "older");
    return seq === this.stream.seq ? nodes : this.newest();
  }

  look() {
    if (!this.unseen.size || !this.log.clientHeight) return; // on a phone the list may stand in its place
    const left = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight;
    if (left < NEAR && !isCut(this.log)) this.unseen.clear();
    for (const seq of this.unseen) if (this.isShown(seq)) this.unseen.delete(seq);
    this.draw();
  }

  isShown(seq) {
    const box = this.log.querySelector(`:scope > .item[data-seq="${seq}"]`)?.getBoundingClientRect();
    return Boolean(box?.height) && box.top + Math.min(box.height, SHOWN) <= this.log.getBoundingClientRect().bottom;
  }

  draw() {
    const { size: count } = this.unseen;
    const words = `${say(count === 1 ? "below_one" : "below", { count })} ↓`;
    if (!count && document.activeElement === this.button) this.log.focus();
    if (!count) this.button.remove();
    else if (this.button.textContent !== words || !this.button.isConnected) (this.button.textContent = words), this.place.append(this.button);
  }
}

// In a long thread End means its newest words, also where they are not in the page.
document.addEventListener("keydown", (event) => {
  const button = document.querySelector("[data-below] button");
  if (event.key !== "End" || !button || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || event.target.closest(FIELDS)) return;
  event.preventDefault();
  button.click();
});
