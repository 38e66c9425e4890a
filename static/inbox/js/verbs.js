// What do the buttons of a conversation do? Each form calls one verb; a refusal is told in words.

import { flush } from "./holding.js";
import { post } from "./http.js";
import { say } from "./say.js";
import { toast } from "./toast.js";

/** Lets the forms of the head, the retry buttons and the greeting work without leaving the page. */
export function listen({ thread }) {
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form[data-verb]");
    if (!form) return;
    event.preventDefault();
    act(form, thread());
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button?.dataset.retry) retry(button);
    if (button?.dataset.greeting) greet(button, thread());
    if (button?.matches("[data-toggle-side]")) toggleSide();
  });
}

/** Presses what the head offers; false if it does not. */
export function press(verb) {
  const form = document.querySelector(`form[data-verb="${verb}"]`);
  form?.requestSubmit();
  return Boolean(form);
}

/** Does what a form of the head says; whether it was done. */
export async function act(form, thread) {
  await flush(); // a reply that still waits goes first
  const button = form.querySelector("button");
  button.disabled = true;
  const fields = new FormData(form);
  let isDone = true;
  thread?.sign(fields, form.action);
  try {
    await post(form.action, fields);
    thread?.forgetUnseen();
  } catch (error) {
    isDone = false;
    await refused(error, fields, thread);
  }
  button.disabled = false;
  thread?.renewHead();
  thread?.stream.catchUp(); // shows the result even while the socket is away
  return isDone;
}

// What was unseen is shown and marked: pressing once more closes anyway, unless the customer writes yet again.
async function refused(error, fields, thread) {
  if (error.code !== "unseen_messages") return void toast(error.message);
  toast(say("press_again", { why: error.message }));
  await thread?.showUnseen(Number(fields.get("seen_seq")));
}

async function retry(button) {
  button.disabled = true;
  try {
    await post(button.dataset.retry);
  } catch (error) {
    toast(error.message);
    button.disabled = false;
  }
}

function greet(button, thread) {
  const { composer } = thread;
  composer.setMode("reply");
  composer.put([composer.words.value && "\n", button.dataset.greeting].join(""));
}

function toggleSide() {
  const isShown = document.body.classList.toggle("shows-side");
  const opener = document.querySelector(".show-side");
  opener?.setAttribute("aria-expanded", String(isShown));
  (isShown ? document.querySelector(".close-side") : opener)?.focus();
}
