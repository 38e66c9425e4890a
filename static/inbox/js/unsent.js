// Which of the agent's words has the server not confirmed? Kept here by conversation, and in the browser for the next page.

import { screen } from "./drafts.js";

const PREFIX = `inbox-unsent-${document.body.dataset.me}-`; // one place for each window of this agent
const MINE = PREFIX + screen;
const { locks } = navigator; // browsers have them where the line is encrypted
locks?.request(MINE, () => new Promise(() => {})); // as long as this window is there, no other takes what stands in its place
let letters = [];
let isOver = false; // logged out: nothing is written down any more

/** A letter: {id, name, url, draft, upload, mode, fields, batch, file?: {id, kind, name, file}}; `id` is the conversation's. */
export function add(more) {
  letters.push(...more);
  keep();
}

export function of(id) {
  return letters.filter((letter) => letter.id === id);
}

export function drop(gone) {
  letters = letters.filter((letter) => !gone.includes(letter));
  keep();
}

/** What waits in any window of this agent. */
export function everywhere(id) {
  const others = places().filter((place) => place !== MINE);
  return [...letters, ...others.flatMap(kept)].filter((letter) => letter.id === id);
}

/**
 * Inherits what the other windows leave behind: of a closed one at once, of an open one when it closes. `onMore` hears
 * the conversations; `onTaken` what is another's by now, or was wiped as the agent logged out elsewhere.
 */
export function adopt({ onMore, onTaken }) {
  for (const place of places().filter((one) => one !== MINE)) {
    const take = () => onMore(inherit(place));
    if (locks) locks.request(place, take);
    else take();
  }
  addEventListener("storage", ({ key, newValue }) => {
    if (key !== MINE || newValue !== null) return;
    const gone = letters;
    letters = [];
    onTaken(gone);
  });
}

function inherit(place) {
  if (isOver) return [];
  const known = new Set(letters.map(({ fields }) => fields.client_id));
  const more = kept(place).filter(({ fields }) => !known.has(fields.client_id));
  letters.push(...more.map((letter) => ({ ...letter, isLate: true, fields: { ...letter.fields, screen } })));
  keep();
  localStorage.removeItem(place);
  return new Set(more.map(({ id }) => id));
}

export function ids() {
  return [...new Set(letters.map(({ id }) => id))];
}

/** The agent has logged out: whoever sits here next finds no words of theirs. */
export function forget() {
  isOver = true;
  places().forEach((place) => localStorage.removeItem(place));
  sessionStorage.clear();
}

const places = () => Object.keys(localStorage).filter((one) => one.startsWith(PREFIX));
const kept = (place) => JSON.parse(localStorage.getItem(place) || "[]");

function keep() {
  if (isOver) return;
  if (!letters.length) return void localStorage.removeItem(MINE);
  try {
    localStorage.setItem(MINE, JSON.stringify(letters.map(plain)));
  } catch {
    // The browser's place is full: this window still has them.
  }
}

// A file is uploaded already: its name and size are all that is needed of it.
function plain({ file, ...letter }) {
  if (!file) return letter;
  const { name, size, type } = file.file;
  return { ...letter, file: { id: file.id, kind: file.kind, name, file: { name, size, type } } };
}
