// What belongs in which view, and how many are there? The numbers come from the server, asked when something moved.

import { json } from "./http.js";

const WAIT = 600;
const known = new Map();
let timer = 0;

/** Whether a row (its data attributes) stands in a view; the same rules as the server's. */
export function belongs({ owner, state }, view) {
  const me = document.body.dataset.me;
  if (view === "all") return true;
  if (view === "closed") return state === "closed";
  if (state === "closed") return false;
  if (view === "mine") return owner === me;
  if (view === "team") return owner.startsWith("agent:") && owner !== me;
  if (view === "bot") return owner === "bot";
  return owner === view.replace("queue-", "queue:");
}

/** Notes how a row stands; asks for the numbers when that is new. */
export function moved({ id, owner, state, is_waiting: isWaiting }) {
  const now = `${owner} ${state} ${isWaiting}`;
  if (known.get(id) === now) return;
  known.set(id, now);
  ask();
}

export function ask() {
  clearTimeout(timer);
  timer = setTimeout(async () => {
    try {
      show((await json(`${document.body.dataset.root}counts`)).views);
    } catch {
      // The next move asks again.
    }
  }, WAIT * (0.5 + Math.random()));
}

export function show(views) {
  for (const link of document.querySelectorAll("#views [data-view]")) {
    const { count, waiting } = views[link.dataset.view] || {};
    link.querySelector("[data-count]").textContent = count ?? "";
    link.querySelector("[data-number]").textContent = waiting;
    link.querySelector("[data-waiting]").hidden = !waiting;
  }
  badge(views.mine?.waiting || 0);
}

export function badge(number) {
  const title = document.title.replace(/^\(\d+\) /, "");
  document.title = number ? `(${number}) ${title}` : title;
}

/** The number beside "Mine", read from the page. */
export function badgeFromPage() {
  const place = document.querySelector("#views [data-view=mine] [data-waiting]");
  badge(place?.hidden ? 0 : Number(place?.querySelector("[data-number]").textContent || 0));
}

export function chosen(key) {
  for (const link of document.querySelectorAll("#views [data-view]")) {
    if (link.dataset.view === key) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}
