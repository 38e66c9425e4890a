// What time is it for this viewer? Times, day separators and countdowns, in the browser's own zone and language.

import { now } from "./clock.js";
import { say } from "./say.js";

const { lang } = document.documentElement;
const LANGUAGE = lang === "en" ? undefined : lang; // English is written in many ways: the browser knows which
const time = new Intl.DateTimeFormat(LANGUAGE, { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat(LANGUAGE, { day: "numeric", month: "short" });
const longDay = new Intl.DateTimeFormat(LANGUAGE, { weekday: "long", day: "numeric", month: "long" });
const full = new Intl.DateTimeFormat(LANGUAGE, {
  day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", timeZoneName: "short",
});
const HOUR = 3_600_000;

/** Writes every time below a node in the viewer's zone. */
export function localise(root) {
  for (const element of root.querySelectorAll("time[data-local]")) {
    const at = new Date(element.dateTime);
    const isToday = at.toDateString() === new Date(now()).toDateString();
    const shapes = { time, full, short: isToday ? time : day };
    element.textContent = shapes[element.dataset.local].format(at);
    element.title = full.format(at);
  }
  countDown(root);
}

/** Puts a separator before the first item of each local day, and takes away those that no longer fit. */
export function separateDays(log) {
  let present = "";
  for (const child of [...log.children]) {
    if (!child.classList.contains("item")) continue;
    const date = new Date(Number(child.dataset.at)).toDateString();
    const before = child.previousElementSibling;
    const hasMark = before?.classList.contains("day");
    if (date !== present && !(hasMark && before.dataset.day === date)) child.before(mark(date));
    if (date === present && hasMark) before.remove();
    present = date;
  }
}

export function countDown(root = document) {
  for (const element of root.querySelectorAll("[data-until]")) {
    const left = new Date(element.dataset.until) - now();
    element.classList.toggle("is-short", left < 2 * HOUR);
    if (left > 0) element.dataset.runs = "1";
    else if (element.dataset.runs) (delete element.dataset.runs, element.dispatchEvent(new Event("inbox:over", { bubbles: true })));
    element.textContent = left > 0 ? say("time_left", { time: span(left) }) : say("window_closed");
  }
}

function span(milliseconds) {
  const minutes = Math.floor(milliseconds / 60_000);
  return minutes >= 60 ? say("hours", { hours: Math.floor(minutes / 60), minutes: minutes % 60 }) : say("minutes", { minutes });
}

function mark(date) {
  const element = document.createElement("p");
  element.className = "day";
  element.dataset.day = date;
  const isToday = date === new Date(now()).toDateString();
  element.textContent = isToday ? say("today") : longDay.format(new Date(date));
  return element;
}

setInterval(countDown, 20_000);
