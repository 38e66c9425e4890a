// What is asked and said once for all that is chosen? A note, whether unseen words may pass, and what was refused.

import { json } from "./http.js";
import { toast } from "./toast.js";

const LOOK_AGAIN = 1000;

/** The note for all of them; null when the agent thinks better of it. */
export async function forNote(bar, number, name) {
  const dialog = stand("note", bar, { number, name });
  return (await answered(dialog)) ? dialog.querySelector("textarea").value.trim() : null;
}

/** May those be closed (or parked), too, whose customers have written since? */
export async function forUnseen(bar, number, verb) {
  const dialog = stand("unseen", bar, { number });
  const anyway = dialog.querySelector("[data-anyway]");
  if (verb === "park") anyway.textContent = anyway.dataset.park;
  return answered(dialog);
}

/** Many are done by a worker: looked after until it is through. */
export async function settled(bar, answer, number) {
  if (answer.status === "pending") toast(bar.dataset.going.replace("{number}", number), { seconds: 60 });
  while (answer.status === "pending") {
    await new Promise((done) => setTimeout(done, LOOK_AGAIN));
    answer = await json(`${bar.action}/${answer.id}`);
  }
  return answer;
}

/** Says below the bar what was refused, and why. */
export function refused(bar, title, rows) {
  const place = bar.querySelector("[data-bulk-refused]");
  const lines = rows.map(({ name, why }) => Object.assign(document.createElement("li"), { textContent: name ? `${name}: ${why}` : why, dir: "auto" }));
  const told = document.createElement("ul");
  told.append(...lines);
  place.replaceChildren(title, told);
  place.hidden = !rows.length;
  bar.hidden = !rows.length;
}

function stand(name, bar, facts) {
  const dialog = bar.parentElement.querySelector(`template[data-bulk-${name}]`).content.firstElementChild.cloneNode(true);
  const title = dialog.querySelector("[data-says]");
  title.textContent = title.dataset.says.replace(/\{(\w+)\}/g, (_all, key) => facts[key]);
  document.body.append(dialog);
  return dialog;
}

// The keyboard goes back to where it was: the dialog gives the focus back when it closes.
function answered(dialog) {
  return new Promise((done) => {
    dialog.addEventListener("close", () => (dialog.remove(), done(dialog.returnValue === "yes")));
    dialog.showModal();
  });
}
