// Who is here? The agent's own status, and who else looks or types in the open conversation.

import { post } from "./http.js";
import { say } from "./say.js";
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
  else others.set(key, { ...present, by, name: name || say("customer"), [what]: Date.now(), conversation });
  render(thread);
  if (what === "typing") setTimeout(() => render(thread), TYPED_FOR + 100);
}

function render(thread) {
  const place = document.getElementById("here");
  if (!place || !thread) return;
  const now = Date.now();
  const here = [...others.values()].filter((other) => other.conversation === thread.id);
  const typing = here.filter((other) => now - (other.typing || 0) < TYPED_FOR);
  const viewing = here.filter((other) => now - (other.viewing || 0) < VIEWED_FOR && !typing.includes(other));
  const names = (found) => found.map(({ name }) => name).join(", ");
  const [writers, readers] = [typing.filter(({ by }) => by === "agent"), viewing.filter(({ by }) => by === "agent")];
  put(place, typing.length > writers.length ? say("writes", { names: names(typing.filter(({ by }) => by !== "agent")) }) : "");
  // Colleagues stand right above the words: where one looks before one answers, and in a line that is always there.
  const told = [writers.length && say("replying", { names: names(writers) }), readers.length && say("here", { names: names(readers) })];
  const head = document.getElementById("others");
  put(head, told.filter(Boolean).join(" · "));
  head.classList.toggle("is-typing", writers.length > 0);
}

function put(place, text) {
  if (place.textContent !== text) Object.assign(place, { textContent: text, title: text }); // the line may be too short for it
}
