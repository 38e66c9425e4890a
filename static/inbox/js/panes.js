// Which list and which conversation are open? Links load only their pane; the address and the Back button follow.

import * as beside from "./beside.js";
import { Refusal, fragment } from "./http.js";
import { say } from "./say.js";
import { localise } from "./times.js";
import { toast } from "./toast.js";
import { entitle } from "./views.js";

const here = () => location.pathname + location.search;

export class Panes {
  constructor({ list, onThread, onLeave }) {
    Object.assign(this, { list, onThread, onLeave, turn: 0, isLoading: false, at: here(), loaded: Promise.resolve() });
    document.addEventListener("click", (event) => this.click(event));
    document.querySelector("[data-search]").addEventListener("submit", (event) => this.search(event));
    document.addEventListener("submit", (event) => event.target.matches("[data-filter-form]") && this.filter(event));
    addEventListener("popstate", () => this.back());
  }

  click(event) {
    const link = event.target.closest("a[href]");
    if (!link || event.defaultPrevented || event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
    if (!link.matches(".row a, [data-view], [data-back]")) return;
    event.preventDefault();
    this.follow(link.href);
  }

  search(event) {
    event.preventDefault();
    const address = new URL(event.target.action);
    const text = new FormData(event.target).get("q").trim();
    address.pathname = `${document.body.dataset.root}${text ? "all" : "mine"}/`;
    if (text) address.searchParams.set("q", text);
    this.follow(address.href);
  }

  filter(event) {
    event.preventDefault();
    const address = new URL(event.target.action);
    for (const [name, value] of new FormData(event.target)) if (value) address.searchParams.set(name, value);
    this.follow(address.href);
  }

  follow(href, options) {
    this.loaded = this.load(new URL(href, location.href), options);
    return this.loaded;
  }

  async load(address, { push = true } = {}) {
    const isThread = address.pathname.startsWith(`${document.body.dataset.root}c/`);
    const turn = ++this.turn;
    if (isThread) this.hold(address.pathname.split("/").at(-2));
    try {
      const nodes = await fragment(address.href, isThread ? "thread" : "list");
      if (turn !== this.turn) return; // something else was opened meanwhile
      if (isThread) this.showThread(nodes, address);
      else this.showList(nodes);
      if (push) history.pushState({}, "", this.address(address, isThread));
      this.at = here();
    } catch (error) {
      const status = error instanceof Refusal ? error.status : 0;
      const known = { 404: say("not_here"), 410: say("erased") };
      toast(known[status] || say("no_answer"));
      if (turn === this.turn) this.list.mark(document.getElementById("conversation")?.dataset.id);
    } finally {
      if (turn === this.turn) this.release();
    }
  }

  /** Back or forward. A place within this page, as the skip link's, is nothing to load. */
  back() {
    if (here() === this.at) return;
    this.at = here();
    this.follow(location.href, { push: false });
    if (!location.pathname.startsWith(`${document.body.dataset.root}c/`)) return;
    const [other, turn] = [beside.another(location), this.turn];
    if (other) beside.renew(this.list, other, () => turn === this.turn);
  }

  /** The address of what is shown already. */
  rename(href) {
    history.replaceState({}, "", href);
    this.at = here();
  }

  /** What is being left must not be taken for what is coming: until that is here, nothing in it can be pressed. */
  hold(id) {
    const place = document.getElementById("thread");
    this.isLoading = true;
    place.inert = true;
    place.setAttribute("aria-busy", "true");
    this.list.mark(id);
  }

  release() {
    const place = document.getElementById("thread");
    this.isLoading = false;
    place.inert = false;
    place.removeAttribute("aria-busy");
  }

  /** Nothing is open: what was has left this desk. */
  empty() {
    for (const part of ["thread", "side"]) document.getElementById(part).replaceChildren();
    document.getElementById("thread").append(document.getElementById("nothing-open").content.cloneNode(true));
    document.body.dataset.pane = "list";
    this.list.mark("");
    const { view, query } = beside.rows().dataset;
    this.rename(`${document.body.dataset.root}${view}/${query ? `?${query}` : ""}`);
    entitle(beside.rows().ariaLabel);
    document.getElementById("thread").focus();
  }

  address(address, isThread) {
    const { view, query } = beside.rows().dataset;
    if (isThread) address.search = new URLSearchParams([...new URLSearchParams(query), ["view", view]]);
    return address.pathname + address.search;
  }

  showThread(nodes, address) {
    this.onLeave();
    for (const part of nodes.querySelectorAll("template[data-pane-part]"))
      document.getElementById(part.dataset.panePart).replaceChildren(part.content);
    document.body.classList.remove("shows-side");
    localise(document.getElementById("side"));
    const wasList = document.body.dataset.pane === "list";
    document.body.dataset.pane = "thread";
    const root = document.getElementById("conversation");
    entitle(root.dataset.name);
    this.onThread(root, address);
    // On a phone the row that was pressed is no longer shown.
    if (wasList && document.activeElement.offsetParent === null) document.getElementById("thread").focus();
  }

  showList(nodes) {
    const place = document.getElementById("list");
    const wasThread = document.body.dataset.pane === "thread";
    const held = place.contains(document.activeElement);
    place.replaceChildren(nodes);
    document.body.dataset.pane = "list";
    this.list.renew();
    beside.told(this.list);
    entitle(beside.rows().ariaLabel);
    if (held || (wasThread && document.activeElement === document.body)) (this.list.links[0] || place).focus?.();
  }
}
