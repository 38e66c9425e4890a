// Which channels and steps of the thread are shown? Chips that hide, kept for the tab.

import { say } from "./say.js";

const NAMES = { whatsapp: "WhatsApp", web: "Web", telegram: "Telegram", discord: "Discord", email: "E-mail", sms: "SMS" };
const KEY = "inbox-hidden";

/** Makes a chip for each channel in the log, and one for the journey's steps. */
export function renew(log, place) {
  const kinds = [...new Set([...log.querySelectorAll("[data-channel]")].map((item) => item.dataset.channel))];
  const wanted = kinds.length > 1 ? kinds : [];
  if (log.querySelector(".journey")) wanted.push("journey");
  if (log.querySelector(".line:not(.journey, .job)")) wanted.push("events");
  if ([...place.children].map((chip) => chip.dataset.kind).join() === wanted.join()) return;
  place.replaceChildren(...wanted.map((kind) => chip(kind, log)));
  hide(log, hidden().filter((kind) => wanted.includes(kind)));
}

function chip(kind, log) {
  const button = document.createElement("button");
  button.type = "button";
  button.dataset.kind = kind;
  button.textContent = { journey: say("journey_steps"), events: say("events") }[kind] || NAMES[kind] || kind;
  button.setAttribute("aria-pressed", String(!hidden().includes(kind)));
  button.addEventListener("click", () => {
    const isShown = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(isShown));
    const others = hidden().filter((other) => other !== kind);
    sessionStorage.setItem(KEY, (isShown ? others : [...others, kind]).join(" "));
    hide(log, hidden());
  });
  return button;
}

function hidden() {
  return (sessionStorage.getItem(KEY) || "").split(" ").filter(Boolean);
}

function hide(log, kinds) {
  log.dataset.hide = kinds.join(" ");
}
