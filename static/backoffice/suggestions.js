// How is the queue of suggestions worked by keyboard? j and k move, a, r and s press the pair's own buttons.
const pairs = () => [...document.querySelectorAll(".pair")];
let at = -1;

function go(step) {
  const all = pairs();
  if (!all.length) return;
  at = Math.min(Math.max(at + step, 0), all.length - 1);
  all.forEach((pair, number) => pair.toggleAttribute("aria-current", false));
  all[at].setAttribute("aria-current", "true");
  all[at].focus();
}

document.addEventListener("keydown", (event) => {
  const isTyping = event.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]");
  if (isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "j") go(1);
  if (event.key === "k") go(-1);
  if ("ars".includes(event.key) && at >= 0) pairs()[at].querySelector(`[data-key="${event.key}"]`)?.click();
});

if (location.hash === "#next") go(1);

document.addEventListener("focusin", (event) => {
  const pair = event.target.closest(".pair");
  if (!pair) return;
  at = pairs().indexOf(pair);
  pairs().forEach((other) => other.toggleAttribute("aria-current", false));
  pair.setAttribute("aria-current", "true");
});
