// How well does a text fit what was typed? Letters in their order; the beginnings of words and runs count more.

/** A number, the higher the better; 0 where a letter is missing. */
export function fit(text, typed) {
  const where = plain(text);
  let at = -1;
  let run = 0;
  let total = 1;
  for (const letter of plain(typed).replace(/\s+/g, "")) {
    const next = where.indexOf(letter, at + 1);
    if (next < 0) return 0;
    run = next === at + 1 ? run + 1 : 0;
    const isBeginning = next === 0 || !/[\p{L}\p{N}]/u.test(where[next - 1]);
    total += 1 + run * 2 + (isBeginning ? 4 : 0) - Math.min(2, (next - at - 1) / 20);
    at = next;
  }
  return total + (where.startsWith(plain(typed)) ? 10 : 0) - where.length / 200;
}

function plain(text) {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLocaleLowerCase();
}
