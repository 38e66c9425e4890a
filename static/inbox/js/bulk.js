// How does an agent choose many rows and do one thing to all of them? Boxes, a bar below the list, and a way back.

import { forNote, forUnseen, refused, settled } from "./bulkasking.js";
import { json, post } from "./http.js";
import { forget } from "./reading.js";
import { toast } from "./toast.js";
import { ask } from "./views.js";

let list = null;
let last = null; // the box that was set last: Shift chooses up to it
const heard = new Map(); // how far each was said when it was chosen

const bar = () => document.getElementById("bulk");
const boxes = () => [...list.place.querySelectorAll(".row-pick")];
const chosen = () => boxes().filter((box) => box.checked);
const words = (key, number) => bar().dataset[key].replace("{number}", number);

export function listen(the) {
  list = the.list;
  list.place.addEventListener("click", (event) => {
    if (event.target.matches(".row-pick")) pick(event.target, event.shiftKey);
    if (event.target.closest("[data-bulk-begin]")) list.place.classList.toggle("is-choosing");
    if (event.target.closest("[data-bulk-all]")) all(true);
    if (event.target.closest("[data-bulk-none]")) all(false);
    const button = event.target.closest("button[data-bulk]");
    if (button) act(button.dataset.bulk, {});
  });
  list.place.addEventListener("change", ({ target }) => target.matches("select[data-bulk]") && target.value && choose(target));
  list.place.addEventListener("submit", (event) => event.target === bar() && event.preventDefault());
  document.addEventListener("keydown", (event) => event.key === "Escape" && !document.querySelector("dialog[open]") && chosen().length && all(false));
  new MutationObserver(show).observe(list.place, { childList: true, subtree: true });
}

/** The row that is focused or open: in or out of the selection. */
export function toggle() {
  const link = list.links.find((one) => one === document.activeElement) || list.links.find((one) => one.hasAttribute("aria-current"));
  const box = link?.closest(".row").querySelector(".row-pick");
  if (!box) return;
  box.checked = !box.checked;
  pick(box, false);
}

/** What is chosen, else what is open, is to be seen as unread. */
export function unread() {
  const ids = chosen().length ? null : [document.getElementById("conversation")?.dataset.id].filter(Boolean);
  if (!ids || ids.length) act("unread", {}, ids);
}

function pick(box, isRange) {
  const known = boxes();
  if (isRange && last && known.includes(last)) {
    const [from, to] = [known.indexOf(last), known.indexOf(box)].sort((a, b) => a - b);
    for (const one of known.slice(from, to + 1)) one.checked = box.checked;
  }
  last = box;
  show();
}

function all(isChosen) {
  if (!isChosen) list.place.classList.remove("is-choosing");
  for (const box of boxes()) box.checked = isChosen;
  show();
}

function show() {
  const number = chosen().length;
  for (const box of boxes()) box.checked ? remember(box) : heard.delete(box.value);
  list.place.classList.toggle("is-picking", number > 0);
  const place = bar();
  if (!place) return;
  const said = number ? words("chosen", number) : "";
  if (place.querySelector("[data-bulk-number]").textContent !== said) place.querySelector("[data-bulk-number]").textContent = said;
  const isTold = !place.querySelector("[data-bulk-refused]").hidden;
  if (number && place.hidden) fill(place);
  place.hidden = !number && !isTold;
}

function remember(box) {
  if (!heard.has(box.value)) heard.set(box.value, box.closest(".row").dataset.heard);
}

// Whom it can go to, and which topics there are: asked for when they are first needed.
async function fill(place) {
  if (place.dataset.filled) return;
  place.dataset.filled = "yes";
  try {
    const { to, tags } = await json(place.dataset.targets);
    for (const one of to) place.querySelector("select[data-bulk=assign]").add(new Option(one.title, one.value));
    for (const one of tags) place.querySelector("select[data-bulk=tag]").add(new Option(one.title, one.value));
  } catch {
    delete place.dataset.filled;
  }
}

async function choose(select) {
  const { value } = select;
  const name = select.selectedOptions[0].text;
  select.value = "";
  const fields = { assign: { to: value }, tag: { tag: value }, park: value === "reply" ? {} : { hours: value } }[select.dataset.bulk];
  if (fields.to && fields.to !== "me" && chosen().length) fields.note = await forNote(bar(), chosen().length, name);
  if (fields.note !== null) act(select.dataset.bulk, fields);
}

async function act(verb, fields, ids = chosen().map((box) => box.value), isSeen = false) {
  if (!ids.length) return;
  const body = new URLSearchParams({ verb, ...fields, ids });
  if (!isSeen && ids.every((id) => heard.has(id))) body.set("seen", ids.map((id) => heard.get(id)));
  try {
    const answer = await settled(bar(), await post(bar().action, body), ids.length);
    all(false);
    tell(verb, ids, answer);
    if (answer.unseen.length && (await forUnseen(bar(), answer.unseen.length, verb))) act(verb, fields, answer.unseen, true);
  } catch (error) {
    toast(error.message);
  }
}

function tell(verb, ids, answer) {
  if (verb === "read" || verb === "unread") mark(verb, ids);
  refused(bar(), words("not", answer.refused_number), answer.refused);
  const undo = answer.undo_seconds ? () => back(answer.id) : undefined;
  if (answer.done) toast(words("did", answer.done), { undo, seconds: answer.undo_seconds || 6 });
  ask();
}

async function back(id) {
  try {
    const begun = await post(`${bar().action}/${id}/undo`);
    const answer = await settled(bar(), begun, begun.done);
    toast(words("back", answer.undone));
    refused(bar(), words("not", answer.refused_number), answer.refused);
  } catch (error) {
    toast(error.message);
  }
  ask();
}

function mark(verb, ids) {
  if (verb === "unread") forget(ids);
  for (const row of list.all.filter((one) => ids.includes(one.dataset.id)))
    list.note(row.dataset.id, verb === "read" ? Number(row.dataset.heard) : Number(row.dataset.heard) - 1);
}
