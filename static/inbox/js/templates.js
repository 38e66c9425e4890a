// How does an agent pick a template? In a dialog over the thread; the server's page does the same without scripts.

import { fragment, post } from "./http.js";
import { say } from "./say.js";
import { toast } from "./toast.js";

export function listen({ thread }) {
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-templates]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open(link.href, thread);
  });
}

async function open(url, thread) {
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
  dialog.querySelector("summary")?.focus();
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
  if (thread) fields.set("seen_seq", thread.stream.seq);
  button.disabled = true;
  refusal.textContent = "";
  try {
    await post(form.action, fields);
    dialog.close();
    thread?.stream.catchUp();
  } catch (error) {
    refusal.textContent = error.message;
    button.disabled = false;
  }
}
