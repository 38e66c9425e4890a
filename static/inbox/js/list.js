// Which rows does the list show? Rows come, change and go while it is read; the focus stays where it was.

import { fragment, parse } from "./http.js";
import { localise } from "./times.js";
import { belongs } from "./views.js";

const SORTS = { queue: ["queued", 1], closed: ["closed", -1] };
const SHOWN_MAX = 200;

export class List {
  constructor(place, live) {
    Object.assign(this, { place, live });
    place.addEventListener("focusin", (event) => this.rove(event.target.closest(".row a")));
    place.addEventListener("click", (event) => this.more(event));
    this.renew();
  }

  get rows() {
    return this.place.querySelector("[data-rows]");
  }

  get links() {
    return [...this.rows.querySelectorAll(".row a")];
  }

  /** After the list was loaded anew. */
  renew() {
    localise(this.place);
    this.mark(this.openId);
    this.tellShown();
  }

  tellShown() {
    const ids = [...this.rows.querySelectorAll(".row")].map((row) => row.dataset.id).slice(0, SHOWN_MAX);
    this.live.send({ type: "shown", ids });
  }

  /** A row as it is now: placed, moved, or taken away when it has left this view. */
  take(html) {
    const row = parse(html).querySelector(".row");
    const present = document.getElementById(row.id);
    if (!belongs(row.dataset, this.rows.dataset.view)) return this.remove(present);
    if (!present && "filtered" in this.rows.dataset) return undefined;
    const hadFocus = present?.contains(document.activeElement);
    localise(row);
    present?.remove();
    this.insert(row);
    row.classList.toggle("is-new", !present);
    this.mark(this.openId);
    if (hadFocus) row.querySelector("a").focus();
    if (!present) this.tellShown();
    return undefined;
  }

  gone(id) {
    this.remove(document.getElementById(`r-${id}`));
  }

  remove(row) {
    if (!row) return;
    const hadFocus = row.contains(document.activeElement);
    const next = row.nextElementSibling?.querySelector("a") || row.previousElementSibling?.querySelector("a");
    row.remove();
    this.mark(this.openId);
    if (hadFocus) (next || document.getElementById("thread")).focus();
  }

  insert(row) {
    const [field, sign] = SORTS[this.rows.dataset.kind] || ["at", -1];
    const others = [...this.rows.querySelectorAll(".row")];
    const after = others.find((other) => sign * (Number(other.dataset[field]) - Number(row.dataset[field])) > 0);
    this.rows.insertBefore(row, after || this.rows.querySelector("[data-more]"));
  }

  /** Shows which conversation is open, and lets Tab reach exactly one row. */
  mark(openId) {
    this.openId = openId;
    const links = this.links;
    for (const link of links) {
      const isOpen = link.closest(".row").dataset.id === openId;
      if (isOpen) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
    const reachable = links.find((link) => link === document.activeElement) || links.find((link) => link.hasAttribute("aria-current"));
    this.rove(reachable || links[0]);
    this.place.querySelector("[data-empty]").hidden = links.length > 0;
  }

  rove(chosen) {
    if (!chosen) return;
    for (const link of this.links) link.tabIndex = link === chosen ? 0 : -1;
  }

  /** The next (+1) or previous (-1) row, focused. */
  step(direction) {
    const links = this.links;
    const from = links.findIndex((link) => link === document.activeElement || (link.tabIndex === 0 && link.hasAttribute("aria-current")));
    const next = links[Math.min(links.length - 1, Math.max(0, from + direction))];
    next?.focus();
    next?.scrollIntoView({ block: "nearest" });
    return next;
  }

  async more(event) {
    const link = event.target.closest("[data-more] a");
    if (!link) return;
    event.preventDefault();
    const place = link.closest("[data-more]");
    const rows = await fragment(link.href, "more");
    const first = rows.querySelector(".row a");
    place.replaceWith(rows);
    this.renew();
    first?.focus();
  }
}
