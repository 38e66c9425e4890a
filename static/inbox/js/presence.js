// Who is here? The agent's own status, and who else looks or types in the open conversation.

import { post } from "./http.js";
import { toast } from "./toast.js";

const VIEWING_EVERY = 10_000;
const VIEWED_FOR = 25_000;
const TYPED_FOR = 6000;

export function listen({ live, thread }) {
  const form = document.querySelector("form[data-presence]");
  form.addEventListener("change", async () => {
    const status = form.elements.status.value;
    try {
      await post(form.action, { status });
      form.dataset.presence = status;
    } catch (error) {
      form.elements.status.value = form.dataset.presence;
      toast(error.message);
    }
  });
  setInterval(() => {
    const present = thread();
    if (present && !document.hidden) live.send({ type: "viewing", conversation: present.id });
    render(present);
  }, VIEWING_EVERY);
}

const others = new Map();

/** Somebody looks, types or has left; what is not renewed fades. */
export function heard({ conversation, agent, by, name, what }, thread) {
  if (agent === document.body.dataset.me || conversation !== thread?.id) return;
  const key = agent || by;
  const present = others.get(key) || {};
  if (what === "left") others.delete(key);
  else if (what === "still") others.set(key, { ...present, typing: 0 });
  else others.set(key, { ...present, name: name || "The customer", [what]: Date.now(), conversation });
  render(thread);
  if (what === "typing") setTimeout(() => render(thread), TYPED_FOR + 100);
}

function render(thread) {
  const place = document.getElementById("here");
  if (!place || !thread) return;
  const now = Date.now();
  const here = [...others.values()].filter((other) => other.conversation === thread.id);
  const typing = here.filter((other) => now - (other.typing || 0) < TYPED_FOR).map((other) => other.name);
  const viewing = here
    .filter((other) => now - (other.viewing || 0) < VIEWED_FOR && !typing.includes(other.name))
    .map((other) => other.name);
  const words = [];
  if (typing.length) words.push(`${typing.join(", ")} ${typing.length > 1 ? "are" : "is"} typing…`);
  if (viewing.length) words.push(`${viewing.join(", ")} ${viewing.length > 1 ? "are" : "is"} looking at this too`);
  const text = words.join(" · ");
  if (place.textContent !== text) place.textContent = text;
}
