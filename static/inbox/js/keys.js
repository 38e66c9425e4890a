// Which single keys do what? They can be switched off, and never fire while somebody writes.

import * as bulk from "./bulk.js";
import * as dialogs from "./dialogs.js";
import { post } from "./http.js";
import { offered as macrosOf } from "./macros.js";
import * as palette from "./palette.js";
import { begin } from "./suiting.js";
import { offered } from "./templates.js";
import { press } from "./verbs.js";

export function listen({ list, panes, thread }) {
  const sheet = document.getElementById("sheet");
  let timer = 0;
  let next = null; // the row that a step has chosen, not loaded yet
  let turn = Promise.resolve(); // of what was pressed for a pane that is still coming
  let isWriting = false; // what is typed behind `r` or `n` are words
  const go = () => {
    clearTimeout(timer);
    const chosen = next;
    next = null;
    if (chosen) panes.follow(chosen.href);
  };
  const step = (direction) => {
    const link = list.step(direction);
    clearTimeout(timer);
    // On a phone the list is the page: there a key only moves.
    next = link && matchMedia("(min-width: 44rem)").matches ? { href: link.href, id: link.closest(".row").dataset.id } : null;
    if (next) timer = setTimeout(() => turn.then(go), 150);
  };
  // The row is meant that was chosen when the key was pressed, not the one that is still shown or one that was chosen since.
  const there = (action) => {
    clearTimeout(timer);
    const [chosen, id] = [next, next?.id || list.openId || ""];
    next = null;
    const mine = turn.then(async () => {
      if (chosen) panes.follow(chosen.href);
      if (panes.isLoading) await panes.loaded;
      return (thread()?.id || "") === id ? action() : undefined;
    });
    turn = mine.catch(() => {});
    return mine;
  };
  const write = (mode) => {
    isWriting = true;
    const writing = () => thread() && (begin(thread().composer, mode), thread().composer.words.focus());
    return there(writing).finally(() => (isWriting = false));
  };
  const actions = {
    j: () => step(1),
    k: () => step(-1),
    r: () => write("reply"),
    n: () => write("note"),
    e: () => press("close") || press("reopen"),
    E: () => document.querySelector("[data-close-next]")?.click(),
    a: () => dialogs.open("assign"),
    z: () => dialogs.open("park") || press("unpark"),
    t: () => dialogs.open("topics"),
    x: () => bulk.toggle(),
    u: () => bulk.unread(),
    "/": () => document.getElementById("search").focus(),
    "?": () => sheet.showModal(),
  };
  const { n: note, r: reply, x: select, u: unread, "/": search, "?": keys } = actions;
  const filter = () => {
    const menu = document.getElementById("filter-menu");
    if (menu) (menu.open = true), menu.querySelector("select").focus();
  };
  const macros = () => there(() => macrosOf(thread()));
  palette.listen({ does: { reply, note, select, unread, search, keys, filter, templates: offered, macros }, follow: (href) => panes.follow(href) });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && event.target.matches("textarea, #search")) leave(event.target, list);
    if (document.body.dataset.keys !== "on" || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (event.target.closest("input, textarea, select, [contenteditable], dialog")) return;
    const action = actions[event.key];
    if (!action) return;
    event.preventDefault();
    if (isWriting) return;
    // These concern the row or the page, or wait by themselves.
    if ("jkxrn/?".includes(event.key)) action();
    else there(action);
  });
  listenToSheet(sheet);
}

function leave(field, list) {
  field.blur();
  (list.links.find((link) => link.tabIndex === 0) || document.getElementById("thread")).focus();
}

function listenToSheet(sheet) {
  document.querySelector("[data-open-sheet]").addEventListener("click", () => sheet.showModal());
  sheet.querySelector("[data-close-sheet]").addEventListener("click", () => sheet.close());
  sheet.querySelector("[data-keys-form]").addEventListener("change", async (event) => {
    document.body.dataset.keys = event.target.checked ? "on" : "off";
    await post(event.currentTarget.action, { on: event.target.checked ? "1" : "0" });
  });
}
