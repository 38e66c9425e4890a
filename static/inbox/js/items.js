// Where does a bubble stand in the log? By event time; the same element is replaced, never doubled.

import { now } from "./clock.js";
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
  keepPlace(log, go);
}

// A composer that grows takes its lines from the log; who read the newest goes on reading it. A line that comes or goes
// in the head above would push all that is being read: those words stay where they are.
function keepPlace(log, go) {
  let [height, top] = [NaN, NaN];
  new ResizeObserver(() => {
    const at = log.getBoundingClientRect().top;
    const lost = height - log.clientHeight;
    const left = log.scrollHeight - log.scrollTop - log.clientHeight;
    if (Number.isNaN(height)) go(); // the first time all around it has its final height
    else if (left < 1 || (lost > 0 && left < NEAR + lost)) log.scrollTop = log.scrollHeight;
    else log.scrollTop += at - top;
    [height, top] = [log.clientHeight, at];
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
  else if (present && (isCut(log) || !isPending(present))) present.replaceWith(item);
  else if (isSeen || isCut(log)) return null; // it comes with the earlier ones, or with the newest
  else (present?.remove(), insert(log, item)); // what was being sent stood at the end: now it has its own time
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

/** The end of a cut log in its place; what is being sent stays the last. */
export function putNewest(log, nodes) {
  const own = [...log.querySelectorAll(":scope > .is-pending")].filter(({ id }) => !nodes.getElementById(id));
  log.replaceChildren(nodes, ...own);
  prepareOlder(log);
}

/** The agent's own words, shown before the server has them; the pushed bubble of the same id takes their place. */
export function pending(log, { id, text, isNote, file = "" }) {
  const item = document.createElement("article");
  item.id = `m-${id}`;
  item.className = isNote ? "item note is-pending" : "item said by-agent is-pending";
  item.dataset.at = now();
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

// As the server puts them: by event time, then by number. What is still being sent has neither, and stays the last.
function insert(log, item) {
  const items = [...log.querySelectorAll(":scope > .item")];
  const before = items.findLast((other) => !isPending(other) && isNotAfter(other.dataset, item.dataset));
  if (before) before.after(item);
  else if (items.length) items[0].before(item);
  else log.append(item);
}

function isNotAfter(one, other) {
  return (Number(one.at) - Number(other.at) || Number(one.seq) - Number(other.seq)) <= 0;
}

function isPending(item) {
  return item.classList.contains("is-pending");
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
