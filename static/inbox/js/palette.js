// What can be done from anywhere? One field (Ctrl or Cmd and K) for actions, views, conversations and people.

import { fit } from "./fuzzy.js";
import { json } from "./http.js";

const MOST = 12;
const PAUSE = 200;
let dialog = null;
let deeds = {};
let items = [];
let found = []; // what the server knows of the text
let sendable = []; // templates, where only they can be sent
let macros = []; // where a conversation is open
let timer = 0;

const field = () => dialog.querySelector("input");
const place = () => dialog.querySelector("[role=listbox]");

/** `does` are the actions by name; `follow` opens an address. */
export function listen({ does, follow }) {
  dialog = document.getElementById("palette");
  deeds = { ...does, follow };
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return;
    event.preventDefault();
    if (dialog.open) dialog.close();
    else if (!document.querySelector("dialog[open]")) open();
  });
  dialog.addEventListener("input", typed);
  dialog.addEventListener("keydown", move);
  dialog.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) run(items[Number(option.dataset.at)]);
    else if (event.target === dialog) dialog.close();
  });
}

export function open() {
  field().value = "";
  [found, sendable, macros] = [[], [], []];
  dialog.showModal();
  draw();
  ask("templates", (found) => (sendable = found));
  ask("macros", (found) => (macros = found));
}

async function ask(group, keep) {
  try {
    const offered = (await deeds[group]()) || [];
    keep(offered.map((one) => ({ ...one, group: dialog.dataset[group], isAsked: true })));
    if (offered.length && field().value) draw();
  } catch {
    // They can still be picked where they stand.
  }
}

function typed() {
  clearTimeout(timer);
  found = [];
  draw();
  const text = field().value.trim();
  if (text.length < 3) return;
  timer = setTimeout(async () => {
    try {
      const answer = await json(`${dialog.dataset.find}?${new URLSearchParams({ q: text })}`);
      if (text !== field().value.trim()) return;
      found = answer.found.map((one) => ({ title: one.title, about: one.about, group: dialog.dataset.people, run: () => deeds.follow(one.href) }));
      draw();
    } catch {
      // What the page knows is still offered.
    }
  }, PAUSE);
}

// Everything that the page shows can be chosen here, too: nothing is listed twice in the code.
function known() {
  const { actions, views, here } = dialog.dataset;
  const fixed = dialog.querySelector("[data-fixed]").content.querySelectorAll("[data-do]");
  const verbs = document.querySelectorAll("#thread-head form[data-verb] button, #thread-head a[data-dialog], #reply-options a[data-templates], #side [data-palette]");
  const status = document.getElementById("status");
  const lists = document.querySelectorAll("#views a[data-view]");
  const rows = document.querySelectorAll("#list .row a");
  return [
    ...[...verbs].map((one) => ({ title: one.getAttribute("aria-label") || one.textContent.trim(), key: one.dataset.key, group: actions, run: () => one.click() })),
    ...[...fixed].map((one) => ({ title: one.firstChild.textContent, key: one.querySelector("kbd")?.textContent, group: actions, run: () => deeds[one.dataset.do]() })),
    ...[...(status?.options || [])].map((one) => ({ title: one.textContent, group: status.labels[0].textContent, run: () => becomes(status, one.value) })),
    ...sendable,
    ...macros.map((one) => ({ ...one, words: `${one.group} ${one.title}` })),
    ...[...lists].map((one) => ({ title: one.querySelector(".view-title").textContent, group: views, run: () => deeds.follow(one.href) })),
    ...[...rows].map((one) => ({ title: one.querySelector(".row-name").textContent, about: one.querySelector(".row-words").textContent, group: here, run: () => deeds.follow(one.href) })),
  ];
}

function becomes(field, value) {
  field.value = value;
  field.dispatchEvent(new Event("change", { bubbles: true }));
}

function draw() {
  const text = field().value.trim();
  const fitting = known()
    .map((item) => ({ ...item, weight: text ? Math.max(fit(item.title, text), fit(item.words || "", text)) : Number(!item.isAsked) }))
    .filter(({ weight }) => weight > 0);
  if (text) fitting.sort((a, b) => b.weight - a.weight);
  items = [...fitting.slice(0, text ? MOST : MOST + 4), ...found];
  if (text) items.push(everywhere(text));
  place().replaceChildren(...items.map(option));
  dialog.querySelector("[data-none]").hidden = items.length > 0;
  choose(0);
}

function everywhere(text) {
  const address = `${dialog.dataset.all}?${new URLSearchParams({ q: text })}`;
  return { title: dialog.dataset.search.replace("{text}", text), group: "", run: () => deeds.follow(address) };
}

function option(item, at) {
  const line = Object.assign(document.createElement("li"), { id: `palette-${at}`, role: "option" });
  line.dataset.at = at;
  const parts = [["palette-title", item.title], ["palette-about", item.about || ""], ["palette-group", item.key || item.group]];
  for (const [className, textContent] of parts)
    if (textContent) line.append(Object.assign(document.createElement(item.key && className === "palette-group" ? "kbd" : "span"), { className, textContent, dir: "auto" }));
  return line;
}

function choose(at) {
  const options = [...place().children];
  for (const [number, one] of options.entries()) one.setAttribute("aria-selected", String(number === at));
  if (options[at]) field().setAttribute("aria-activedescendant", options[at].id);
  else field().removeAttribute("aria-activedescendant");
  options[at]?.scrollIntoView({ block: "nearest" });
}

function move(event) {
  const at = [...place().children].findIndex((one) => one.getAttribute("aria-selected") === "true");
  const steps = { ArrowDown: (at + 1) % items.length, ArrowUp: (at - 1 + items.length) % items.length };
  if (event.key === "Enter" && items[at]) (event.preventDefault(), run(items[at]));
  else if (event.key in steps) (event.preventDefault(), choose(steps[event.key]));
}

function run(item) {
  dialog.close();
  item.run();
}
