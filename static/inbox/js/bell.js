// When does the desk ring? A sound, a notice of the system and a mark in the title; never in the tab that is looked at.

import { isUnread } from "./belonging.js";
import { say } from "./say.js";
import { tone } from "./tone.js";

const EYES = "inbox-eyes"; // when a tab of the inbox was last looked at
const EYES_FOR = 2500;
const SAME_FOR = 4000; // the same news in several tabs rings once
const heard = new Map();
const promises = new Map();
const MARK = "● ";
let follow = (href) => location.assign(href);

export function listen({ open }) {
  follow = open;
  setInterval(look, 1000);
  addEventListener("focus", look);
  addEventListener("blur", () => localStorage.removeItem(EYES));
  document.addEventListener("visibilitychange", look);
  document.addEventListener("offered", ({ detail }) => ring("offer", detail.name));
  document.addEventListener("inbox:mention", ({ detail }) => ring("mention", detail.name, detail.conversation));
  for (const row of document.querySelectorAll("#list .row")) remember(row.dataset);
}

/** A row as it is now: new words of a customer of mine, or a promise that nears its end. */
export function row(html, seen) {
  const node = new DOMParser().parseFromString(html, "text/html").querySelector(".row");
  if (seen !== undefined) node.dataset.seen = seen;
  const { id, owner, sla } = node.dataset;
  const isNews = heard.has(id) ? Number(node.dataset.heard) > heard.get(id) : isUnread(node.dataset);
  const wasPromised = promises.get(id) || "";
  remember(node.dataset);
  if (owner !== document.body.dataset.me) return;
  const name = node.querySelector(".row-name").textContent;
  if (isNews && isUnread(node.dataset)) ring("message", name, id);
  else if (sla && sla !== wasPromised) ring(sla === "near" ? "near" : "late", name, id);
}

/** The customer of a conversation still waits for this agent's next word. */
export function reminder({ conversation }) {
  const name = document.querySelector(`#r-${CSS.escape(conversation)} .row-name`)?.textContent;
  ring("reminder", name || say("customer"), conversation);
}

/** What a frame says in words may ring, too: something came back that was passed on. */
export function told({ rings, name, conversation }) {
  if (rings) ring(rings, name, conversation);
}

/** `kind` is message, offer, mention, near, late, reminder or returned. */
export function ring(kind, name, conversation = "") {
  if (isLookedAt() || !isFirst(`${kind} ${conversation || name}`)) return;
  const words = say(`rings_${kind}`, { name });
  document.title = MARK + document.title.replace(MARK, "");
  if (document.body.dataset.sounds === "on") tone(kind);
  if (document.body.dataset.notices === "on") notify(words, kind, conversation);
  document.dispatchEvent(new CustomEvent("inbox:rang", { detail: { kind, words } }));
}

function notify(words, kind, conversation) {
  if (!("Notification" in window) || Notification.permission !== "granted") return;
  // What the customer wrote is not shown: a desktop is seen by others, too.
  const notice = new Notification(words, { tag: `${kind} ${conversation}`, icon: document.querySelector("link[rel=icon]").href });
  notice.addEventListener("click", () => {
    window.focus();
    if (conversation) follow(`${document.body.dataset.root}c/${conversation}/`);
    notice.close();
  });
}

function remember({ id, heard: seq, sla }) {
  heard.set(id, Math.max(Number(seq) || 0, heard.get(id) || 0));
  promises.set(id, sla);
}

function look() {
  if (document.hidden || !document.hasFocus()) return;
  localStorage.setItem(EYES, String(Date.now()));
  if (document.title.startsWith(MARK)) document.title = document.title.replace(MARK, "");
}

// A look at any tab of the desk is a look at the desk.
function isLookedAt() {
  return (!document.hidden && document.hasFocus()) || Date.now() - Number(localStorage.getItem(EYES) || 0) < EYES_FOR;
}

function isFirst(news) {
  const key = "inbox-rang";
  const known = JSON.parse(localStorage.getItem(key) || "{}");
  const now = Date.now();
  if (now - (known[news] || 0) < SAME_FOR) return false;
  const fresh = Object.entries(known).filter(([, at]) => now - at < SAME_FOR);
  localStorage.setItem(key, JSON.stringify({ ...Object.fromEntries(fresh), [news]: now }));
  return true;
}
