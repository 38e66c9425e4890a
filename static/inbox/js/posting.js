// What happens when the agent presses Send? Checked, shown at once, and held for some seconds in which it can be undone.

import { lineOf } from "./bubbles.js";
import { looksLikeNote } from "./guard.js";
import * as holding from "./holding.js";
import * as limits from "./limits.js";
import { recall } from "./recalling.js";
import { say } from "./say.js";
import { deliver, postOff, write } from "./sending.js";
import * as warnings from "./warnings.js";

/** `force`: the unseen messages were read; `isMeant`: it goes to the customer though it looks like a note. */
export async function send(composer, { force = false, isMeant = force } = {}) {
  const { form, drafts, mode, session, tray } = composer;
  if (form.querySelector("[data-send]").disabled || composer.isSending) return;
  const { isBehind, seq: seen } = composer.thread.reach;
  const [text, isNote] = [composer.words.value.trim(), mode === "note"];
  if (!text && (isNote || tray.isEmpty)) return;
  // Where this conversation has no open channel, nobody but the agent says which other address it is to be.
  if (!isNote && !session) return void ((form.querySelector(".picker").open = true), composer.tell(say("choose")));
  const refusal = limits.refusal(composer) || (isNote ? "" : tray.refusal);
  if (refusal) return void composer.tell(refusal);
  if (!isNote && !isMeant && looksLikeNote(text, composer.known.note_like)) return void warnings.show(composer, "notelike");
  composer.isSending = true;
  const files = isNote ? [] : await tray.take();
  composer.isSending = false;
  // What could not be uploaded is not left out silently.
  if (!isNote && tray.refusal) {
    for (const file of files) tray.restore(file);
    return void composer.tell(tray.refusal);
  }
  warnings.hide(composer);
  form.querySelector(".picker")?.removeAttribute("open"); // it lies over the words that are about to stand there
  composer.typing.ends();
  composer.words.value = "";
  form.dispatchEvent(new Event("filled"));
  const said = files.length ? files.map((file, place) => ({ text: place ? "" : text, file })) : [{ text }];
  const letters = write(composer, said, { mode, session, seen, force });
  letters[0].fields.draft = await drafts.seal(mode, text);
  // Past words that were not seen the server lets nothing: the agent hears so now, not when it would go out.
  if (isNote || force || isBehind || !composer.known.undo) return void deliver(composer, letters);
  hold(composer, letters);
}

async function hold(composer, letters) {
  const { id, name } = composer.thread;
  const lines = letters.map(lineOf);
  const undo = await holding.hold({
    id,
    name,
    seconds: composer.known.undo,
    send: () => deliver(composer, letters),
    takeBack: () => recall(composer, letters),
    onPageHide: () => postOff(composer, letters),
  });
  for (const line of lines) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "plain undo", textContent: say("undo") });
    button.addEventListener("click", undo);
    line.replaceChildren(`${say("sending_in")} `, button);
  }
}
