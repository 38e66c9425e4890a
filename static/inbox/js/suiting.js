// Is it to be a reply or a note? As the agent says; else what can be done here.

const BARRED = "#reply-options > .no-channel:not([data-closed])"; // a colleague speaks here, or it is closed

/** The agent says which it is to be, here and when they come back. */
export function begin(composer, mode) {
  composer.isByHand = true;
  sessionStorage.setItem(composer.drafts.key("mode"), mode);
  composer.setMode(mode);
}

/** Where no reply can go a note is begun, and a reply again once it can; words that were begun stay what they are. */
export function suit(composer) {
  const isBarred = Boolean(composer.form.querySelector(BARRED));
  if (composer.isByHand || composer.words.value || isBarred === composer.isMeanwhile) return;
  if (isBarred && composer.mode === "note") return;
  composer.isMeanwhile = isBarred;
  composer.setMode(isBarred ? "note" : "reply");
}
