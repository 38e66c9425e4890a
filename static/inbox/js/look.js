// How does an agent propose that two customers are one? In a dialog: look for the other one, say why.

import { fragment, post, postFor } from "./http.js";
import { say } from "./say.js";
import { toast } from "./toast.js";

/** `then` is called when something was proposed. */
export async function open(url, then) {
  const dialog = document.createElement("dialog");
  dialog.className = "sheet templates-sheet";
  dialog.setAttribute("aria-labelledby", "look-title");
  try {
    await fill(dialog, url);
  } catch {
    return void toast(say("no_answer"));
  }
  dialog.addEventListener("close", () => leave(dialog));
  dialog.addEventListener("submit", (event) => {
    event.preventDefault();
    if (event.target.matches("[data-look-form]")) find(dialog, event.target);
    else propose(dialog, event.target, then);
  });
  document.body.append(dialog);
  dialog.showModal();
  dialog.querySelector("input[type=search]").focus();
  return undefined;
}

async function fill(dialog, url, body) {
  dialog.replaceChildren(await (body ? postFor(url, body, "look") : fragment(url, "look")), closer(dialog));
}

async function find(dialog, form) {
  try {
    await fill(dialog, form.action, new FormData(form));
    (dialog.querySelector("[name=note]") || dialog.querySelector("input[type=search]")).focus();
  } catch {
    toast(say("no_answer"));
  }
}

async function propose(dialog, form, then) {
  const button = form.querySelector("button");
  button.disabled = true;
  try {
    const { say } = await post(form.action, new FormData(form));
    dialog.close();
    toast(say);
    then();
  } catch (error) {
    form.querySelector("[data-refusal]").textContent = error.message;
    button.disabled = false;
  }
}

function closer(dialog) {
  const button = document.createElement("button");
  Object.assign(button, { type: "button", className: "button templates-close", textContent: say("cancel") });
  button.addEventListener("click", () => dialog.close());
  return button;
}

function leave(dialog) {
  dialog.remove();
  (document.querySelector("a[data-look]") || document.getElementById("thread")).focus();
}
