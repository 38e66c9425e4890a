// Which of the agent's words has the server not confirmed? Kept here by conversation, and in the browser for the next page.

import { screen } from "./drafts.js";

const PREFIX = `inbox-unsent-${document.body.dataset.me}-`; // one place for each window of this agent
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

/** What another page of this agent has left behind; gives the conversations that have something. */
export function adopt() {
  for (const key of Object.keys(localStorage).filter((one) => one.startsWith(PREFIX))) {
    const known = new Set(letters.map(({ fields }) => fields.client_id));
    for (const letter of JSON.parse(localStorage.getItem(key)))
      if (!known.has(letter.fields.client_id)) letters.push({ ...letter, isLate: true, fields: { ...letter.fields, screen } });
    localStorage.removeItem(key);
  }
  keep();
  return ids();
}

export function ids() {
  return [...new Set(letters.map(({ id }) => id))];
}

/** The agent has logged out: whoever sits here next finds no words of theirs. */
export function forget() {
  isOver = true;
  for (const key of Object.keys(localStorage).filter((one) => one.startsWith(PREFIX))) localStorage.removeItem(key);
  sessionStorage.clear();
}

function keep() {
  if (isOver) return;
  if (!letters.length) return void localStorage.removeItem(PREFIX + screen);
  try {
    localStorage.setItem(PREFIX + screen, JSON.stringify(letters.map(plain)));
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
