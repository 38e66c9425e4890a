// What will a macro do? Every step in a dialog before anything is done; then what became of each.

import { fragment, json, postFor } from "./http.js";
import { flush } from "./holding.js";
import { toast } from "./toast.js";

/** The agent's macros for the open conversation, as the palette lists them. */
export async function offered(thread) {
  if (!thread) return [];
  const { macros } = await json(`${thread.url}macros`);
  return macros.map(({ title, about, href }) => ({ title, about, run: () => open(href, thread) }));
}

export async function open(url, thread) {
  const dialog = document.createElement("dialog");
  dialog.className = "sheet macro-sheet";
  dialog.setAttribute("aria-labelledby", "macro-title");
  try {
    dialog.append(await fragment(url, "macro"));
  } catch (error) {
    return void toast(error.message);
  }
  dialog.addEventListener("close", () => (dialog.remove(), thread.composer.words.focus()));
  dialog.addEventListener("click", (event) => event.target.closest("[data-macro-close]") && dialog.close());
  dialog.addEventListener("submit", (event) => (event.preventDefault(), run(event.target, dialog, thread)));
  document.body.append(dialog);
  dialog.showModal();
  return dialog.querySelector("form button").focus();
}

async function run(form, dialog, thread) {
  const button = form.querySelector("button");
  button.disabled = true;
  await flush(); // a reply that still waits goes first
  const fields = new FormData(form);
  thread.sign(fields, form.action);
  try {
    const nodes = await postFor(form.action, fields, "macro");
    const { isWhole } = nodes.querySelector(".macro").dataset;
    dialog.replaceChildren(nodes);
    if (isWhole) (dialog.close(), toast(isWhole));
    else dialog.querySelector("[data-macro-close]").focus();
  } catch (error) {
    toast(error.message);
    button.disabled = false;
  }
  thread.renewHead();
  thread.stream.catchUp();
}
