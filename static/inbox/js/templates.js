// How does an agent pick a template? In a dialog over the thread; the server's page does the same without scripts.

import { fragment, post } from "./http.js";
import { say } from "./say.js";
import { toast } from "./toast.js";
import { refused } from "./warnings.js";

let threads = () => null;

export function listen({ thread }) {
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-templates]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open(link.href, thread);
  });
  threads = thread;
}

/** What can be sent in the open conversation, as the palette lists it; nothing where free words can be sent. */
export async function offered() {
  const link = document.querySelector("#reply-options a[data-templates]");
  const found = link ? (await fragment(link.href, "templates")).querySelectorAll(".template") : [];
  return [...found].map((one) => ({
    title: one.querySelector(".template-name").textContent,
    about: one.querySelector(".template-line").textContent,
    run: () => open(link.href, threads, one.querySelector("[name=template]").value),
  }));
}

async function open(url, thread, wanted = "") {
  const dialog = document.createElement("dialog");
  dialog.className = "sheet templates-sheet";
  dialog.setAttribute("aria-labelledby", "templates-title");
  try {
    dialog.append(await fragment(url, "templates"));
  } catch (error) {
    return void toast(error.message);
  }
  dialog.append(closer(dialog));
  dialog.addEventListener("close", () => leave(dialog));
  dialog.addEventListener("input", (event) => show(event.target));
  dialog.addEventListener("submit", (event) => {
    event.preventDefault();
    send(event.target, dialog, thread());
  });
  document.body.append(dialog);
  dialog.showModal();
  const find = dialog.querySelector("[data-find]");
  if (find) prepare(dialog, find);
  (find?.querySelector("input") || dialog.querySelector("summary"))?.focus();
  if (wanted) begin(dialog.querySelector(`.template:has([name=template][value="${CSS.escape(wanted)}"])`));
}

function begin(template) {
  if (!template) return;
  template.open = true;
  template.scrollIntoView({ block: "nearest" });
  template.querySelector("input.field, form button")?.focus();
}

// A search and a language narrow the list; the arrows go through what is left of it, and back into the field.
function prepare(dialog, find) {
  find.hidden = false;
  find.addEventListener("input", () => narrow(dialog, find));
  dialog.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const stops = [find.querySelector("input"), ...dialog.querySelectorAll(".template:not([hidden]) > summary")];
    const from = stops.indexOf(document.activeElement);
    if (!step || from < 0) return;
    event.preventDefault();
    stops[Math.min(stops.length - 1, Math.max(0, from + step))].focus();
  });
}

function narrow(dialog, find) {
  const wanted = find.querySelector("input").value.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  const language = find.querySelector("select")?.value || "";
  const all = [...dialog.querySelectorAll(".template")];
  for (const one of all) {
    const words = one.dataset.words.toLocaleLowerCase().replaceAll("_", " ") + one.dataset.words.toLocaleLowerCase();
    one.hidden = (language && one.dataset.language !== language) || !wanted.every((word) => words.includes(word));
  }
  for (const way of dialog.querySelectorAll(".templates-way")) way.hidden = !way.querySelector(".template:not([hidden])");
  const number = all.filter((one) => !one.hidden).length;
  const { none, some } = dialog.querySelector(".templates-count").dataset;
  const said = number ? some.replace("{number}", number).replace("{all}", all.length) : none;
  dialog.querySelector(".templates-count").textContent = wanted.length || language ? said : "";
}

function closer(dialog) {
  const button = document.createElement("button");
  Object.assign(button, { type: "button", className: "button templates-close", textContent: say("cancel") });
  button.addEventListener("click", () => dialog.close());
  return button;
}

// The link may have been drawn anew meanwhile: the keyboard goes on where it stands now.
function leave(dialog) {
  dialog.remove();
  (document.querySelector("a[data-templates]") || document.getElementById("words"))?.focus();
}

/** What is typed stands at once where the customer will read it. */
function show(input) {
  const key = input.dataset.fills;
  if (!key) return;
  for (const place of input.form.querySelectorAll(`[data-shows="${CSS.escape(key)}"]`))
    place.textContent = input.value.trim() || place.dataset.empty;
}

async function send(form, dialog, thread) {
  const button = form.querySelector("button");
  const refusal = form.querySelector("[data-refusal]");
  const fields = new FormData(form);
  thread?.sign(fields, form.action);
  button.disabled = true;
  refusal.textContent = "";
  try {
    await post(form.action, fields);
    dialog.close();
    thread?.stream.catchUp();
  } catch (error) {
    refusal.textContent = await refused(error, thread, fields);
    button.disabled = false;
  }
}
