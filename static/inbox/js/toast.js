// How is the agent told something in passing, and how is it taken back?

let timer = 0;

/** Shows the words for some seconds; `undo`, if given, is a button beside them. */
export function toast(text, { undo } = {}) {
  const place = document.getElementById("toast");
  place.textContent = text;
  clearTimeout(timer);
  if (undo) {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", textContent: "Undo" });
    button.addEventListener("click", () => ((place.textContent = ""), undo()));
    place.append(button);
  }
  timer = setTimeout(() => (place.textContent = ""), undo ? 15_000 : 6000);
}
