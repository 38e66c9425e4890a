// What do rows show to this agent alone? Where they have begun to write, and which colleagues are in there.

import { json } from "./http.js";
import { say } from "./say.js";
import { toast } from "./toast.js";

const drafts = new Set();
const here = new Map(); // conversation -> [{agent, name, typing}]
let list = null;

export function listen() {
  list = document.getElementById("list");
  // Rows are made for everybody; each one that comes is marked here.
  new MutationObserver((changes) => {
    for (const { addedNodes } of changes)
      for (const node of addedNodes) if (node.nodeType === 1) for (const row of rowsOf(node)) mark(row);
  }).observe(list, { childList: true, subtree: true });
}

/** After the socket has opened, or when something about them has changed. */
export async function ask() {
  try {
    const found = await json(`${document.body.dataset.root}marks`);
    drafts.clear();
    for (const id of found.drafts) drafts.add(id);
    named(found.mentions);
    for (const row of rowsOf(list)) mark(row);
  } catch {
    // The next opening asks again.
  }
}

/** A draft was begun, or is no more; `is` of one kind says nothing of the other, so that is asked. */
export function drafted({ conversation, revision }) {
  if (!revision) return void ask();
  drafts.add(conversation);
  remark(conversation);
}

/** Which colleagues look at or write in a conversation of the list. */
export function visited({ conversation, agents }) {
  const others = agents.filter(({ agent }) => agent !== document.body.dataset.me);
  if (others.length) here.set(conversation, others);
  else here.delete(conversation);
  remark(conversation);
}

/** A colleague has named this agent in a note; `inbox:mention` is for whoever wants to ring a bell. */
export function mentioned({ conversation, name }, thread) {
  document.dispatchEvent(new CustomEvent("inbox:mention", { detail: { conversation, name } }));
  if (conversation === thread?.id && !document.hidden) return void thread.seen();
  toast(say("mentioned", { name }), { link: { href: `${document.body.dataset.root}c/${conversation}/`, words: say("open") }, seconds: 12 });
  ask();
}

/** A conversation left this desk: it went into another one of the same person. */
export function joined({ into, name }) {
  const link = into && { href: `${document.body.dataset.root}c/${into}/`, words: say("open") };
  toast(name ? say("joined_other", { name }) : say("joined_own"), { link, seconds: 12 });
}

/** The list shows these rows only: who comes to or leaves the others is told to nobody here. */
export function only(ids) {
  const kept = new Set(ids);
  for (const id of here.keys()) if (!kept.has(id)) here.delete(id);
}

function remark(id) {
  const row = document.getElementById(`r-${id}`);
  if (row) mark(row);
}

function rowsOf(node) {
  return node.matches(".row") ? [node] : node.querySelectorAll(".row");
}

function mark(row) {
  const place = row.querySelector(".row-foot");
  if (!place) return;
  for (const old of place.querySelectorAll(".row-draft, .row-here")) old.remove();
  const { id } = row.dataset;
  if (drafts.has(id)) place.append(badge("row-draft", say("draft")));
  const others = here.get(id) || [];
  const writers = others.filter(({ typing }) => typing);
  const names = (writers.length ? writers : others).map(({ name }) => name).join(", ");
  if (!names) return;
  const shown = badge(`row-here${writers.length ? " is-typing" : ""}`, (writers[0] || others[0]).name.split(" ").map((word) => word[0]).join("").slice(0, 2));
  shown.title = say(writers.length ? "replying" : "here", { names });
  shown.setAttribute("aria-hidden", "true");
  const words = badge("row-here visually-hidden", shown.title);
  place.append(shown, words);
}

function badge(name, text) {
  return Object.assign(document.createElement("span"), { className: name, textContent: text });
}

function named(number) {
  const link = document.querySelector("#views [data-view=mentions]");
  if (!link) return;
  link.querySelector("[data-number]").textContent = number;
  link.querySelector("[data-waiting]").hidden = !number;
}
