// How is a picture seen in full? Over the page, with arrows for the others, Escape back to where one was.

import { say } from "./say.js";

let box = null;
let shown = [];
let at = 0;

export function listen() {
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-zoom]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    shown = [...(link.closest(".items") || document).querySelectorAll("a[data-zoom]")];
    box ||= make();
    box.showModal();
    show(shown.indexOf(link));
  });
}

function show(index) {
  if (index < 0 || index >= shown.length) return;
  at = index;
  const { href, dataset } = shown[at];
  const image = box.querySelector("img");
  image.src = href;
  image.alt = `Picture: ${dataset.name}`;
  box.querySelector("p").textContent = `${dataset.name} (${at + 1} of ${shown.length})`;
  box.querySelector("a").href = href;
  box.querySelector("[data-back]").disabled = at === 0;
  box.querySelector("[data-on]").disabled = at === shown.length - 1;
}

function make() {
  const dialog = Object.assign(document.createElement("dialog"), { className: "lightbox", ariaLabel: say("picture") });
  const head = document.createElement("header");
  const name = Object.assign(document.createElement("p"), { role: "status" });
  const open = Object.assign(document.createElement("a"), { textContent: say("open"), target: "_blank", rel: "noopener" });
  head.append(name, open, button(say("close"), "", () => dialog.close()));
  const image = document.createElement("img");
  const back = button("‹", say("previous_picture"), () => show(at - 1));
  const on = button("›", say("next_picture"), () => show(at + 1));
  back.dataset.back = on.dataset.on = "";
  dialog.append(head, back, image, on);
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "ArrowLeft") show(at - 1);
    if (event.key === "ArrowRight") show(at + 1);
  });
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("close", () => {
    image.removeAttribute("src");
    shown[at]?.focus();
  });
  document.body.append(dialog);
  return dialog;
}

function button(text, label, act) {
  const made = Object.assign(document.createElement("button"), { type: "button", textContent: text });
  if (label) made.ariaLabel = label;
  made.addEventListener("click", act);
  return made;
}
