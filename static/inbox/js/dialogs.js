// How do the desk's dialogs work? Drawn by the server when they are opened, sent without leaving the page.

import { now } from "./clock.js";
import { fragment, post } from "./http.js";
import { localise } from "./times.js";
import { toast } from "./toast.js";
import { refused } from "./warnings.js";

let place = null;
let turn = 0;
let leave = null;

/** Lets every `[data-dialog]` link open its form in the page's one dialog. */
export function listen({ thread, lose }) {
  leave = lose;
  place = document.getElementById("ask");
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-dialog]");
    if (link && !event.defaultPrevented && !event.metaKey && !event.ctrlKey && !event.shiftKey) {
      event.preventDefault();
      ask(link);
    } else if (event.target.closest("#ask [data-cancel]") || event.target === place) place.close();
  });
  // A link that opens a dialog is a button: the space bar presses it, too.
  document.addEventListener("keydown", (event) => {
    if (event.key === " " && event.target.matches?.("[data-dialog]")) (event.preventDefault(), event.target.click());
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.isComposing) confirm(event);
  });
  place.addEventListener("submit", (event) => (event.preventDefault(), send(event.target, event.submitter, thread())));
  place.addEventListener("input", changed);
  place.addEventListener("close", () => (turn++, place.replaceChildren()));
  setInterval(countDown, 1000);
}

// Where words are sent by Ctrl+Enter, the words of a dialog are, too: in any of its fields it presses the main button.
function confirm(event) {
  const button = event.target.closest("input, textarea, select")?.closest("dialog form")?.querySelector(".button-accent");
  if (button) (event.preventDefault(), event.repeat || button.click());
}

/** Opens a dialog by its name, where the head offers it; false if it does not. */
export function open(name) {
  const link = document.querySelector(`#thread-head a[data-dialog="${name}"]`);
  if (link) ask(link);
  return Boolean(link);
}

async function ask(link) {
  const mine = ++turn;
  try {
    const nodes = await fragment(link.href, "dialog");
    if (mine !== turn) return;
    place.replaceChildren(nodes);
  } catch (error) {
    toast(error.message);
    return;
  }
  prepare();
  if (!place.open) place.showModal();
  (place.querySelector("[data-find]") || place.querySelector("input:checked, select, .ask input")).focus();
}

function prepare() {
  for (const hidden of place.querySelectorAll("[data-find], [data-cancel]")) hidden.hidden = false;
  const zone = place.querySelector("[data-zone]");
  if (zone) zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone;
  localise(place);
  changed();
}

// Who takes it on needs no note; a chosen day chooses its line; what is typed narrows the list.
function changed(event) {
  const form = place.querySelector("form");
  if (event?.target.matches("[data-find]")) narrow(form, event.target.value);
  if (event?.target.matches("[data-at]")) form.querySelector("[name=until][value=at]").checked = true;
  if (event?.target.matches("[data-chosen]")) form.querySelector("[data-chooses]").checked = true;
  const noted = form.querySelector("[data-noted]");
  if (!noted) return;
  const isPlain = Boolean(form.querySelector("[name=to]:checked[data-plain]"));
  noted.hidden = isPlain;
  noted.querySelector("textarea").required = !isPlain;
}

function narrow(form, text) {
  const wanted = text.trim().toLocaleLowerCase();
  const lines = [...form.querySelectorAll(".ask-line[data-name]")];
  for (const line of lines) line.hidden = !line.dataset.name.toLocaleLowerCase().includes(wanted);
  const shown = lines.filter((line) => !line.hidden);
  for (const group of form.querySelectorAll("fieldset"))
    group.hidden = Boolean(wanted) && ![...group.querySelectorAll(".ask-line[data-name]")].some((line) => !line.hidden);
  form.querySelector("[data-none]").hidden = shown.length > 0;
  if (wanted && shown.length) shown[0].querySelector("input").checked = true;
}

async function send(form, button, thread) {
  button.disabled = true;
  const fields = new FormData(form);
  thread?.sign(fields, form.action);
  try {
    const answer = await post(form.action, fields);
    thread?.forgetUnseen();
    place.close();
    if (answer.said) toast(answer.said);
    if (answer.gone) leave();
    else {
      thread?.renewHead();
      thread?.stream.catchUp();
    }
  } catch (error) {
    const problem = form.querySelector("[data-problem]");
    problem.textContent = await refused(error, thread, fields);
    problem.hidden = false;
    button.disabled = false;
  }
}

function countDown() {
  for (const left of document.querySelectorAll("[data-ends]")) {
    const seconds = Math.max(0, Math.ceil((Number(left.dataset.ends) - now()) / 1000));
    left.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    if (!seconds) left.closest(".wrapping")?.remove();
  }
}
