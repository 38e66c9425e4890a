// What of a row is the same one when a newer one takes its place?

// What was found stands in its row, and is where it leads, whatever has been said since.
export function keepFound(row, present) {
  row.querySelector(".row-words").replaceWith(present.querySelector(".row-words"));
  row.querySelector("a").href = present.querySelector("a").href;
}

/** A dialog gives the focus back to the very link that had it, and a range of boxes begins at the very box. */
export function keepParts(row, present) {
  for (const part of ["a", ".row-pick"]) {
    const [kept, fresh] = [present, row].map((one) => one.querySelector(part));
    if (!kept || !fresh) continue;
    for (const { name, value } of fresh.attributes) kept.setAttribute(name, value);
    kept.replaceChildren(...fresh.childNodes);
    fresh.replaceWith(kept);
  }
}
