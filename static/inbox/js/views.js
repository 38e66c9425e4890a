// How many are in each view? The numbers come from the server, asked when something moved, and no oftener than it bears.

import { json } from "./http.js";

const WAIT = 600;
const LEAST = 2000; // between two questions
const LONGEST = 30_000;
const known = new Map();
let timer = 0;
let notBefore = 0;
let isStale = false;

/** Notes how a row stands; asks for the numbers when that is new. */
export function moved({ id, owner, state, is_waiting: isWaiting }) {
  const now = `${owner} ${state} ${isWaiting}`;
  if (known.get(id) === now) return;
  known.set(id, now);
  ask();
}

/** A view was shared, renamed or taken away: the pane is drawn anew with the next numbers. */
export function changed() {
  isStale = true;
  ask();
}

/** Soon; a server that takes its time is asked less often, and a hidden tab asks when it is shown again. */
export function ask() {
  if (timer) return;
  const wait = Math.max(WAIT * (0.5 + Math.random()), notBefore - Date.now());
  timer = setTimeout(look, wait);
}

async function look() {
  timer = 0;
  if (document.hidden) return void document.addEventListener("visibilitychange", ask, { once: true });
  const began = Date.now();
  try {
    show((await json(`${document.body.dataset.root}counts`)).views);
  } catch {
    // The next move asks again.
  }
  const took = Date.now() - began;
  notBefore = Date.now() + Math.min(LONGEST, Math.max(LEAST, 20 * took)) * (0.75 + Math.random() / 2);
}

// A view that somebody has shared, or taken away: the pane is drawn as a new page would have it.
async function redraw() {
  const page = new DOMParser().parseFromString(await (await fetch(document.body.dataset.root)).text(), "text/html");
  const nodes = page.getElementById("views")?.childNodes;
  if (!nodes) return;
  document.getElementById("views").replaceChildren(...nodes);
  chosen(document.querySelector("[data-rows]").dataset.view);
}

export function show(views) {
  const keys = [...document.querySelectorAll("#views [data-view]")].map((link) => link.dataset.view);
  if (isStale || `${keys}` !== `${Object.keys(views)}`) redraw().catch(() => {});
  isStale = false;
  for (const link of document.querySelectorAll("#views [data-view]")) {
    const { count, waiting, unread } = views[link.dataset.view] || {};
    Object.assign(link.querySelector("[data-count]"), { textContent: count ?? "", hidden: Boolean(waiting) && count === waiting });
    link.querySelector("[data-unread]").hidden = !unread;
    link.querySelector("[data-number]").textContent = waiting ?? "";
    link.querySelector("[data-waiting]").hidden = !waiting;
  }
  badge(views.mine?.waiting);
}

/** In the title, as it is shown beside "Mine": `99+` for more than are counted. */
export function badge(number) {
  const [, mark, title] = document.title.match(/^(● )?(?:\(\d+\+?\) )?(.*)$/);
  document.title = `${mark || ""}${number ? `(${number}) ` : ""}${title}`;
}

/** What the window is called, with the number beside "Mine" before it. */
export function entitle(words) {
  document.title = `${words} · Throughline`;
  badgeFromPage();
}

/** The number beside "Mine", read from the page. */
export function badgeFromPage() {
  badge(document.querySelector("#views [data-view=mine] [data-number]")?.textContent);
}

export function chosen(key) {
  for (const link of document.querySelectorAll("#views [data-view]")) {
    if (link.dataset.view === key) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}
