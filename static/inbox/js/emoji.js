// Which emoji? A small set of our own, found by words in two languages, chosen by keys or by hand.

import { say } from "./say.js";

const ACROSS = 8;
const RECENT = "inbox-emojis";
let known = null;

export function listen(form, composer) {
  const button = form.querySelector("[data-emoji]");
  button.addEventListener("click", () => (form.querySelector(".emojis") ? close(form) : open(form, composer)));
}

async function open(form, composer) {
  const picker = document.createElement("div");
  Object.assign(picker, { className: "emojis", role: "dialog", ariaLabel: say("emoji") });
  const search = Object.assign(document.createElement("input"), { type: "search", className: "field", placeholder: say("find_emoji"), role: "combobox", ariaLabel: say("find_emoji") });
  for (const [name, value] of Object.entries({ "aria-controls": "emoji-list", "aria-expanded": "true", "aria-autocomplete": "list", autocomplete: "off" }))
    search.setAttribute(name, value);
  const list = Object.assign(document.createElement("div"), { id: "emoji-list", className: "emoji-list", role: "listbox", ariaLabel: say("emoji") });
  const none = Object.assign(document.createElement("p"), { className: "suggestion-none", role: "status" });
  picker.append(search, list, none);
  form.querySelector("[data-emoji]").after(picker);
  form.querySelector("[data-emoji]").setAttribute("aria-expanded", "true");
  const take = (option) => {
    if (!option) return;
    remember(option.dataset.sign);
    composer.put(option.dataset.sign, composer.words.selectionStart, composer.words.selectionEnd);
    close(form);
  };
  search.addEventListener("input", () => show(search, list, none));
  search.addEventListener("keydown", (event) => keydown(event, search, list, take, () => (close(form), form.querySelector("[data-emoji]").focus())));
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", ({ target }) => take(target.closest("[role=option]")));
  picker.addEventListener("focusout", ({ relatedTarget }) => {
    if (!picker.contains(relatedTarget) && !relatedTarget?.matches("[data-emoji]")) close(form);
  });
  search.focus(); // before they are here: what is typed now must not be taken for single keys
  known ??= (await import("./emojis.js")).EMOJIS;
  if (picker.isConnected) show(search, list, none);
}

function show(search, list, none) {
  if (!known) return;
  const words = search.value.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  const recent = words.length ? [] : recents();
  const fits = known.filter((one) => !recent.includes(one.sign) && words.every((word) => one.words.includes(word)));
  const found = [...known.filter(({ sign }) => recent.includes(sign)), ...fits];
  list.replaceChildren(...found.map(drawn));
  none.textContent = found.length ? "" : say("none");
  choose(search, list.firstElementChild);
}

function drawn({ sign, name }, place) {
  const option = document.createElement("span");
  Object.assign(option, { id: `emoji-${place}`, role: "option", textContent: sign, ariaLabel: name, ariaSelected: "false", title: name });
  option.dataset.sign = sign;
  return option;
}

function choose(search, option) {
  const list = document.getElementById("emoji-list");
  for (const one of list.querySelectorAll("[aria-selected=true]")) one.setAttribute("aria-selected", "false");
  if (!option) return void search.removeAttribute("aria-activedescendant");
  option.setAttribute("aria-selected", "true");
  search.setAttribute("aria-activedescendant", option.id);
  option.scrollIntoView({ block: "nearest" });
}

function keydown(event, search, list, take, leave) {
  const options = [...list.children];
  const at = options.findIndex((one) => one.getAttribute("aria-selected") === "true");
  const isAtEnd = search.selectionStart === search.value.length;
  const steps = { ArrowDown: ACROSS, ArrowUp: -ACROSS, ...(isAtEnd ? { ArrowRight: 1, ArrowLeft: search.value ? 0 : -1 } : {}) };
  if (steps[event.key]) choose(search, options[Math.min(options.length - 1, Math.max(0, at + steps[event.key]))]);
  else if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) take(options[at]);
  else if (event.key === "Escape") leave();
  else return;
  event.preventDefault();
  event.stopPropagation();
}

function close(form) {
  const picker = form.querySelector(".emojis");
  picker?.classList.remove("emojis"); // taking it away takes the focus from it, which closes it
  picker?.remove();
  form.querySelector("[data-emoji]").setAttribute("aria-expanded", "false");
}

function recents() {
  return (localStorage.getItem(RECENT) || "").split(" ").filter(Boolean);
}

function remember(sign) {
  localStorage.setItem(RECENT, [sign, ...recents().filter((one) => one !== sign)].slice(0, ACROSS).join(" "));
}
