// Which rows does the list show? Rows come, change and go while it is read; the focus stays where it was.

import { belongs, isUnread } from "./belonging.js";
import { fragment, parse } from "./http.js";
import { keepFound, keepParts } from "./keeping.js";
import { only } from "./marks.js";
import { insert, isBeyond, trim } from "./placing.js";
import { localise } from "./times.js";

const SHOWN_MAX = 200;

export class List {
  constructor(place, live) {
    Object.assign(this, { place, live, seen: new Map() });
    place.addEventListener("focusin", (event) => this.rove(event.target.closest(".row a")));
    place.addEventListener("click", (event) => this.more(event));
    this.renew();
  }

  get rows() {
    return this.place.querySelector("[data-rows]");
  }

  get all() {
    return [...this.rows.querySelectorAll(".row")];
  }

  get links() {
    return [...this.rows.querySelectorAll(".row a")];
  }

  get filter() {
    return JSON.parse(this.rows.dataset.filter || "{}");
  }

  /** After the list was loaded anew. */
  renew() {
    localise(this.place);
    for (const row of this.all) this.weigh(row);
    this.mark(this.openId);
    this.tellShown();
  }

  tellShown() {
    const ids = this.all.map((row) => row.dataset.id).slice(0, SHOWN_MAX);
    only(ids);
    this.live.send({ type: "shown", ids });
  }

  /** A row as it is now: placed, moved, or taken away when it has left this view. */
  take(html, seen) {
    const row = parse(html).querySelector(".row");
    const present = document.getElementById(row.id);
    if (seen) this.note(row.dataset.id, seen);
    this.weigh(row);
    const stands = belongs(row.dataset, this.filter);
    if (stands === false) return this.remove(present);
    if (!present && (stands === undefined || isBeyond(this, row))) return undefined;
    const hadFocus = present?.contains(document.activeElement);
    if ((this.filter.q || this.filter.mentions) && present) keepFound(row, present);
    localise(row);
    if (present) keepParts(row, present);
    insert(this, row, present);
    row.classList.toggle("is-new", !present);
    this.mark(this.openId);
    if (hadFocus) row.querySelector("a").focus();
    if (!present) (trim(this), this.tellShown());
    return undefined;
  }

  gone(id) {
    this.remove(document.getElementById(`r-${id}`));
  }

  remove(row) {
    if (!row) return;
    const hadFocus = row.contains(document.activeElement);
    const others = this.all;
    const at = others.indexOf(row);
    const next = (others[at + 1] || others[at - 1])?.querySelector("a");
    row.remove();
    this.mark(this.openId);
    if (hadFocus) (next || document.getElementById("thread")).focus();
  }

  /** How far the agent has read a conversation: its row says so, here and when it comes again. */
  note(id, seq) {
    this.seen.set(id, Math.max(seq, 0));
    const row = document.getElementById(`r-${id}`);
    if (row) this.weigh(row);
  }

  weigh(row) {
    const { id, seen } = row.dataset;
    if (this.seen.has(id)) row.dataset.seen = this.seen.get(id);
    else if (seen !== undefined) this.seen.set(id, Number(seen));
    row.classList.toggle("is-unread", isUnread(row.dataset));
  }

  /** Shows which conversation is open, and lets Tab reach exactly one row. */
  mark(openId) {
    this.openId = openId;
    const links = this.links;
    for (const link of links) {
      if (link.closest(".row").dataset.id === openId) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
    const reachable = links.find((link) => link === document.activeElement) || links.find((link) => link.hasAttribute("aria-current"));
    this.rove(reachable || links[0]);
    const refused = this.place.querySelector(".list-note[role=alert]");
    this.place.querySelector("[data-empty]").hidden = links.length > 0 || Boolean(refused);
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
    for (const row of rows.querySelectorAll(".row")) if (document.getElementById(row.id)) row.remove();
    const first = rows.querySelector(".row a");
    place.replaceWith(rows);
    this.renew();
    first?.focus();
  }
}
