// How long until what was promised? Counts down every badge on the page; the server says what is near and what is late.

import { now } from "./clock.js";

const MINUTE = 60_000;
const HOUR = 60;
const EVERY = 10_000;

export function tick(root = document) {
  for (const badge of root.querySelectorAll(".promise[data-due]")) {
    const left = Number(badge.dataset.due) - now();
    const isLate = left < 0 || "broken" in badge.dataset;
    badge.classList.toggle("promise-late", isLate);
    const words = span(isLate ? Math.max(1, -left) : left);
    const text = isLate ? badge.dataset.late.replace("{time}", words) : `${words} ${badge.dataset.left}`;
    const shown = badge.querySelector(".promise-left");
    if (shown.textContent !== text) shown.textContent = text;
  }
}

function span(milliseconds) {
  const minutes = Math.ceil(milliseconds / MINUTE);
  if (minutes < HOUR) return `${minutes} min`;
  const hours = Math.floor(minutes / HOUR);
  return hours < 48 ? `${hours} h ${minutes % HOUR} min` : `${Math.floor(hours / 24)} d`;
}

tick();
setInterval(tick, EVERY);

let isAsked = false;
new MutationObserver(() => {
  if (isAsked) return;
  isAsked = true;
  requestAnimationFrame(() => ((isAsked = false), tick()));
}).observe(document.body, { childList: true, subtree: true });
