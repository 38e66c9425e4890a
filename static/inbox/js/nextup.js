// Who is next? After a conversation was closed, the one that waits longest opens by itself.

import { json } from "./http.js";
import { say } from "./say.js";
import { toast } from "./toast.js";
import { act } from "./verbs.js";

export function listen({ panes, thread }) {
  document.addEventListener("click", ({ target }) => target.closest("[data-close-next]") && closeAndGo(panes, thread()));
}

async function closeAndGo(panes, thread) {
  const form = document.querySelector('form[data-verb="close"]');
  if (form && (await act(form, thread))) await go(panes, thread.id);
}

/** Opens the next waiting conversation; `id` is the one just dealt with. */
export async function go(panes, id = "") {
  try {
    const { url } = await json(`${document.body.dataset.root}next?but=${id}`);
    if (!url) return void toast(say("nobody_waits"));
    await panes.follow(url);
    document.getElementById("words")?.focus();
  } catch (error) {
    toast(error.message);
  }
}
