// When does an open menu close? With Escape, with a press or the focus elsewhere, and after what was chosen in it.

const OPEN = ["details[data-more]", "details.menu", "details.picker"].map((menu) => `${menu}[open]`).join();
const ENDS = ".more-item, a[data-templates]"; // these lead on: what they were chosen from is in the way

const open = () => [...document.querySelectorAll(OPEN)];

function elsewhere({ target }) {
  for (const menu of open()) if (!menu.contains(target)) menu.open = false;
}

for (const event of ["pointerdown", "focusin"]) document.addEventListener(event, elsewhere, true);
document.addEventListener("click", ({ target }) => target.closest(ENDS) && target.closest(OPEN)?.removeAttribute("open"));
// Before anything else hears of it: the key means the menu, not the words or the selection behind it.
document.addEventListener(
  "keydown",
  (event) => {
    const menus = open();
    if (event.key !== "Escape" || event.isComposing || !menus.length || document.querySelector("dialog[open]")) return;
    event.stopPropagation();
    const held = menus.find((menu) => menu.contains(document.activeElement));
    for (const menu of menus) menu.open = false;
    held?.querySelector("summary").focus();
  },
  true,
);
