// What does the panel about the customer do? Its forms act in place, and it looks again whenever something is different.

import { Refusal, fragment, post } from "./http.js";
import { open } from "./look.js";
import { renew } from "./swap.js";
import { localise } from "./times.js";
import { toast } from "./toast.js";

const SLOW = 60_000; // a hint that was lost costs so long at most

let revealed = {}; // public id -> address, of the customer at hand, as long as the page is open
let facts = {};
let current = () => null;
let turn = 0;

const side = () => document.getElementById("side");
const url = () => `${document.body.dataset.root}c/${current().id}/`;

export function listen({ thread }) {
  current = thread;
  side().addEventListener("submit", submit);
  side().addEventListener("click", (event) => {
    const link = event.target.closest("a[data-look]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open(link.href, look);
  });
  document.addEventListener("visibilitychange", () => document.hidden || look());
  setInterval(() => document.hidden || look(), SLOW);
}

/** Somebody else is shown now: what was revealed of the one before is not remembered. */
export function forget() {
  turn++;
  revealed = {};
  facts = {};
}

/** Asks how things are, and shows it around whatever the agent is doing there. */
export async function look() {
  const thread = current();
  const mine = ++turn;
  if (!thread) return;
  try {
    const nodes = await fragment(url(), "side");
    if (mine !== turn || current() !== thread) return;
    const place = document.getElementById("person");
    renew(place, nodes);
    localise(place);
    name(place.querySelector(".person").dataset.name);
    show();
  } catch {
    // The panel keeps what it shows; the server decides again when a button is used.
  }
}

function name(text) {
  for (const place of document.querySelectorAll("[data-person-name], .head-who h2 bdi")) place.textContent = text;
  document.getElementById("conversation").dataset.name = text;
}

function submit(event) {
  const form = event.target.closest("form[data-person-form], form[data-reveal]");
  if (!form) return;
  event.preventDefault();
  if (form.matches("[data-reveal]")) reveal(form);
  else act(form, event.submitter);
}

async function act(form, submitter) {
  const fields = new FormData(form, submitter);
  const buttons = form.querySelectorAll("button");
  for (const button of buttons) button.disabled = true;
  try {
    const { say, undo } = await post(form.action, fields);
    form.reset();
    toast(say, undo ? { undo: () => takeBack(undo) } : {});
    await look();
  } catch (error) {
    refused(error, form);
  }
  for (const button of buttons) button.disabled = false;
}

function refused(error, form) {
  const place = form.querySelector("[data-refusal]");
  if (place) place.textContent = error.message;
  else toast(error.message);
  // Stale: what is there now is shown; what was typed stays, and saving once more means it.
  if (error instanceof Refusal && error.status === 409) {
    const seen = form.elements.namedItem("seen");
    if (seen && error.body.seen) seen.value = error.body.seen;
    look();
  }
}

async function takeBack(address) {
  try {
    const { say } = await post(address);
    toast(say);
  } catch (error) {
    toast(error.message);
  }
  look();
}

async function reveal(form) {
  try {
    ({ addresses: revealed, facts } = await post(form.action));
    show();
    form.remove();
  } catch (error) {
    toast(error.message);
  }
}

function show() {
  for (const [id, text] of Object.entries(revealed))
    for (const place of side().querySelectorAll(`li[data-address="${CSS.escape(id)}"] .identity-address, bdi[data-address="${CSS.escape(id)}"]`))
      place.textContent = text;
  for (const [word, text] of Object.entries(facts))
    for (const place of side().querySelectorAll(`[data-word="${CSS.escape(word)}"]`)) place.textContent = text;
  if (Object.keys(revealed).length) side().querySelector("form[data-reveal]")?.remove();
}
