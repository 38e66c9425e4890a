// How much of a long thread stands in the page? At most some hundred items; what was taken out is fetched again.

import { say } from "./say.js";

const MOST = 400;
const KEPT = 300; // after trimming, so that it is not done for every message

/** Something new has come and the end is being read: the oldest make room. */
export function oldest(log) {
  const spare = beyond(log).toReversed();
  if (!spare.length) return;
  const before = Math.max(...spare.map((item) => Number(item.dataset.seq) || 0)) + 1;
  drop(spare);
  const link = log.querySelector("[data-older] a") || addOlder(log);
  link.href = `${log.dataset.olderUrl}?before=${before}`;
}

/** Earlier ones were fetched: the newest make room, and a button leads back to them. */
export function newest(log) {
  const spare = beyond(log, -1);
  if (!spare.length) return;
  drop(spare);
  if (isCut(log)) return;
  const place = document.createElement("p");
  place.className = "older";
  place.dataset.newest = "";
  place.append(Object.assign(document.createElement("button"), { type: "button", className: "button", textContent: say("newer") }));
  log.append(place);
}

/** Whether the end of the thread is not in the page now: then nothing can be put there. */
export function isCut(log) {
  return Boolean(log.querySelector("[data-newest]"));
}

function beyond(log, end = 1) {
  const items = [...log.querySelectorAll(":scope > .item")];
  if (items.length <= MOST) return [];
  return end > 0 ? items.slice(0, items.length - KEPT) : items.slice(KEPT);
}

// A day of which nothing is left goes too.
function drop(items) {
  for (const item of items) {
    const day = item.previousElementSibling;
    const next = item.nextElementSibling;
    if (day?.classList.contains("day") && !next?.classList.contains("item")) day.remove();
    item.remove();
  }
}

function addOlder(log) {
  const place = document.createElement("p");
  place.className = "older";
  place.dataset.older = "";
  const link = Object.assign(document.createElement("a"), { className: "button", textContent: say("earlier") });
  place.append(link);
  log.prepend(place);
  return link;
}
