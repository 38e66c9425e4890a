// What stops a reply that is about to be sent? What the customer wrote meanwhile, or words that look like a note.

/** Wires the buttons of both boxes. */
export function listen(form, composer) {
  form.addEventListener("click", ({ target }) => {
    const button = target.closest("button");
    if (button?.matches("[data-anyway]")) composer.send({ force: true });
    if (button?.matches("[data-as-reply]")) composer.send({ isMeant: true });
    if (button?.matches("[data-as-note]")) asNote(composer);
    if (button?.matches("[data-reconsider]")) (hide(composer), composer.words.focus());
  });
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !event.target.closest(".unseen")) return;
    event.stopPropagation();
    hide(composer);
    composer.words.focus();
  });
}

/** `kind`: unseen or notelike. The first way out has the focus, unless somebody writes just then. */
export function show(composer, kind, isFocused = true) {
  const box = composer.form.querySelector(`[data-${kind}]`);
  if (kind === "unseen") quote(composer, box.querySelector("[data-unseen-words]"));
  box.hidden = false;
  if (isFocused) box.querySelector("button").focus();
}

export function hide(composer) {
  for (const box of composer.form.querySelectorAll(".unseen")) box.hidden = true;
  composer.thread.forgetUnseen();
}

// The unseen messages stand here too, for the place in the log may be out of sight.
function quote({ thread }, list) {
  list.replaceChildren(...unseen(thread).map((textContent) => Object.assign(document.createElement("li"), { dir: "auto", textContent })));
}

function unseen({ log }) {
  const items = [...log.querySelectorAll(".is-unseen.by-customer")].slice(-4);
  return items.map((item) => item.querySelector(".words, .file, .picture img")?.textContent || item.querySelector("img")?.alt || "…");
}

/** What a dialog says of a refusal; words that were not seen stand in it, for it lies over the log. */
export async function refused(error, thread, fields) {
  if (error.code !== "unseen_messages" || !thread) return error.message;
  await thread.showUnseen(Number(fields.get("seen_seq")));
  return [error.message, ...unseen(thread).map((words) => `“${words}”`)].join(" ");
}

// Only these words are a note: what comes next is a reply again.
async function asNote(composer) {
  const text = composer.words.value;
  composer.drafts.note("reply", "");
  composer.setMode("note");
  composer.put(text, 0, composer.words.value.length);
  hide(composer);
  await composer.send();
  if (!composer.words.value) composer.setMode("reply");
}
