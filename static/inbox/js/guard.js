// Does this reply look like a note for the team? It names a colleague, or begins as notes do.

/** `words`: what notes begin with. An address (maya@example.com) names nobody. */
export function looksLikeNote(text, words) {
  const first = text.trim().toLocaleLowerCase();
  if (/(^|\s)@\p{L}/u.test(first)) return true;
  if (words.some((word) => new RegExp(`^[[(]?${word}[\\])]?\\s*[:\\-–]`, "u").test(first))) return true;
  return /\b(internal|internal only|for internal use|solo interno)\b/u.test(first);
}
