// Where does a bubble stand in the log? By event time; the same element is replaced, never doubled.

import { parse } from "./http.js";
import { say } from "./say.js";
import { localise, separateDays } from "./times.js";
import { isCut, newest, oldest } from "./trimming.js";

const NEAR = 120; // px from the end that count as "reading the newest"

/** `at`: the number of what is looked for; without it the end is. */
export function prepare(log, at) {
  localise(log);
  separateDays(log);
  markMine(log);
  const wanted = at && log.querySelector(`.item[data-seq="${at}"]`);
  wanted?.classList.add("is-found");
  const go = () => (wanted ? wanted.scrollIntoView({ block: "center" }) : (log.scrollTop = log.scrollHeight));
  go();
  keepEnd(log, go);
}

// A composer that grows takes its lines from the log; who read the newest goes on reading it.
function keepEnd(log, go) {
  let height = NaN;
  new ResizeObserver(() => {
    if (Number.isNaN(height)) go(); // the first time all around it has its final height
    const lost = height - log.clientHeight;
    if (lost > 0 && log.scrollHeight - log.scrollTop - log.clientHeight < NEAR + lost) log.scrollTop = log.scrollHeight;
    height = log.clientHeight;
  }).observe(log);
}

/** Shows one item: in the place of the element with its id, or where its time says. */
export function put(log, html, { isDelivery = false, isSeen = false } = {}) {
  const isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < NEAR;
  const item = parse(html).querySelector(".item");
  if (!item) return null;
  const present = document.getElementById(item.id);
  localise(item);
  if (present && isSeen) item.dataset.seq = present.dataset.seq; // a new look of old words
  if (present && isDelivery) swapDelivery(present, item);
  else if (present) present.replaceWith(item);
  else if (isCut(log)) return null; // it comes with the newest
  else insert(log, item);
  if (isAtEnd) oldest(log);
  markMine(log);
  separateDays(log);
  if (isAtEnd) log.scrollTop = log.scrollHeight;
  return item;
}

export function putOlder(log, nodes) {
  const height = log.scrollHeight;
  log.querySelector("[data-older]")?.remove();
  for (const item of nodes.querySelectorAll(".item")) if (document.getElementById(item.id)) item.remove();
  log.prepend(nodes);
  prepareOlder(log);
  log.scrollTop += log.scrollHeight - height;
  newest(log);
}

/** The agent's own words, shown before the server has them; the pushed bubble of the same id takes their place. */
export function pending(log, { id, text, isNote, file = "" }) {
  const item = document.createElement("article");
  item.id = `m-${id}`;
  item.className = isNote ? "item note is-pending" : "item said by-agent is-pending";
  item.dataset.at = Date.now();
  const by = paragraph("by", say(isNote ? "note" : "you"));
  const words = paragraph("words", text);
  words.dir = "auto";
  item.append(by, ...(file ? [paragraph("file", file)] : []), words, paragraph("delivery", say("sending")));
  log.append(item);
  separateDays(log);
  log.scrollTop = log.scrollHeight;
  return item;
}

export function paragraph(name, text) {
  const element = document.createElement("p");
  element.className = name;
  element.textContent = text;
  return element;
}

function prepareOlder(log) {
  localise(log);
  separateDays(log);
  markMine(log);
}

function insert(log, item) {
  const at = Number(item.dataset.at);
  const items = [...log.querySelectorAll(":scope > .item")];
  const before = items.findLast((other) => Number(other.dataset.at) <= at);
  if (before) before.after(item);
  else if (items.length) items[0].before(item);
  else log.append(item);
}

// A receipt changes only the state below the bubble: screen readers need not hear the words again.
function swapDelivery(present, item) {
  const [old, fresh] = [present.querySelector(".delivery"), item.querySelector(".delivery")];
  if (old && fresh) old.replaceWith(fresh);
  else present.replaceWith(item);
}

function markMine(log) {
  for (const who of log.querySelectorAll(`[data-agent="${document.body.dataset.me}"] .who`)) who.textContent = say("you");
}
