// What is offered to this agent? Cards in the corner that count down; yes opens the conversation.

import { now } from "./clock.js";
import { fragment, parse, post } from "./http.js";
import { localise } from "./times.js";
import { toast } from "./toast.js";

const place = document.getElementById("offers");
const TICK = 250;
let open = (href) => location.assign(href);
let ends = new Map(); // by the card's id
let timer = 0;
const aside = new Set(); // cards that were made small, by their ids

/** `follow` opens a conversation without leaving the page. */
export function listen({ follow }) {
  open = follow;
  place.addEventListener("submit", (event) => {
    event.preventDefault();
    answer(event.target);
  });
  place.addEventListener("click", ({ target }) => target.closest("[data-aside]") && putAside(target.closest("article")));
  count();
}

/** A frame with the corner as it is now. */
export function take(html) {
  show(parse(html));
}

/** After the line was lost: whatever was offered meanwhile. */
export async function ask() {
  try {
    show(await fragment(`${document.body.dataset.root}offers`, "offers"));
  } catch {
    // The next frame brings it.
  }
}

function show(nodes) {
  const had = new Set([...place.querySelectorAll("article")].map((card) => card.id));
  const focused = document.activeElement?.closest?.("#offers form")?.getAttribute("action");
  place.replaceChildren(nodes);
  const kept = focused && place.querySelector(`form[action="${CSS.escape(focused)}"] button`);
  kept?.focus();
  count();
  const fresh = [...place.querySelectorAll("article")].filter((card) => !had.has(card.id));
  if (fresh.length) document.dispatchEvent(new CustomEvent("offered", { detail: { name: nameOf(fresh[0]) } }));
}

function putAside(card) {
  if (!aside.delete(card.id)) aside.add(card.id);
  fold();
}

function fold() {
  for (const card of place.querySelectorAll("article")) {
    card.classList.toggle("is-aside", aside.has(card.id));
    card.querySelector("[data-aside]").setAttribute("aria-expanded", String(!aside.has(card.id)));
  }
}

function nameOf(card) {
  return card.querySelector(".offer-name").textContent;
}

async function answer(form) {
  const verb = form.dataset.offer;
  for (const button of place.querySelectorAll("button")) button.disabled = true;
  try {
    const said = await post(form.action);
    if (verb === "accept") open(`${location.origin}${document.body.dataset.root}c/${said.conversation}/`);
  } catch (error) {
    toast(error.message);
  }
  await ask();
}

function count() {
  localise(place);
  fold();
  const cards = [...place.querySelectorAll("article")];
  ends = new Map(cards.map((card) => [card.id, ends.get(card.id) ?? now() + Number(card.dataset.seconds) * 1000]));
  clearInterval(timer);
  if (cards.length) timer = setInterval(tick, TICK);
  tick();
}

function tick() {
  for (const card of place.querySelectorAll("article")) {
    const left = Math.max(0, ends.get(card.id) - now()) / 1000;
    card.querySelector("[data-left]").textContent = `${Math.ceil(left)} s`;
    card.querySelector("[data-bar]").style.inlineSize = `${(100 * left) / Number(card.dataset.lasts)}%`;
    card.classList.toggle("is-short", left <= 10);
    if (left === 0) card.remove();
  }
}
