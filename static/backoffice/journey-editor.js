// How is a draft typed? Line numbers with marks, indenting by Tab, saving by Ctrl-S, and nothing is lost on leaving.
const form = document.querySelector("[data-editor]");
const area = form.elements.draft;
const gutter = form.querySelector(".gutter ol");
const state = form.querySelector("[data-state]");
let saved = "unsaved" in form.dataset ? null : area.defaultValue;
let marks = new Map();
let numbered = "";
let isLeaving = false; // Escape lets the next Tab leave the field
let isSaving = false;

const say = (words) => (state.textContent = words);
const isDirty = () => area.value !== saved;

function number() {
  const count = area.value.split("\n").length;
  const shape = `${count}:${[...marks.keys()].join()}`;
  if (shape !== numbered) {
    numbered = shape;
    gutter.replaceChildren(
      ...Array.from({ length: count }, (_, index) => {
        const row = document.createElement("li");
        const mark = marks.get(index + 1);
        row.textContent = index + 1;
        if (mark) row.className = `is-${mark.level}`;
        if (mark) row.title = mark.words;
        return row;
      }),
    );
  }
  gutter.style.transform = `translateY(${-area.scrollTop}px)`;
}

function goTo(line) {
  const rows = area.value.split("\n");
  const row = Math.min(Math.max(line, 1), rows.length) - 1;
  const start = rows.slice(0, row).reduce((sum, text) => sum + text.length + 1, 0);
  area.focus();
  area.setSelectionRange(start, start + rows[row].length);
  area.scrollTop = Math.max(0, (row - 4) * (area.scrollHeight / rows.length));
  area.scrollLeft = 0;
  form.scrollIntoView({ block: "nearest" });
}

// As typed, so that undo knows of it.
function put(text, from, to) {
  area.setSelectionRange(from, to);
  if (!document.execCommand("insertText", false, text)) area.setRangeText(text, from, to, "end");
}

function indent(isOut) {
  const { selectionStart: from, selectionEnd: to, value } = area;
  if (from === to && !isOut) {
    put("  ", from, to);
    return;
  }
  const start = value.lastIndexOf("\n", from - 1) + 1;
  const found = value.indexOf("\n", Math.max(to - 1, from));
  const end = found < 0 ? value.length : found;
  const old = value.slice(start, end);
  const text = old.replace(/^( {0,2})/gm, (all) => (isOut ? "" : `  ${all}`));
  if (text === old) return;
  put(text, start, end);
  if (from === to) area.setSelectionRange(Math.max(start, from - 2), Math.max(start, from - 2));
  else area.setSelectionRange(start, start + text.length);
}

const post = () => fetch(form.action, { method: "POST", headers: { Accept: "application/json" }, body: new FormData(form) });
// 403: the token is from before a login, or nobody is logged in; the editor itself never says so.
const isTold = (answer) => answer.status !== 403 && answer.headers.get("Content-Type")?.includes("json");

// Who has logged in anew in another tab has another token; this page, asked for again, knows it.
async function tokenIsNew() {
  const html = await (await fetch(location.href)).text();
  const found = new DOMParser().parseFromString(html, "text/html").querySelector("[data-editor] [name=csrfmiddlewaretoken]");
  if (found) form.elements.csrfmiddlewaretoken.value = found.value;
  return Boolean(found);
}

async function save() {
  if (isSaving) return;
  isSaving = true;
  const text = area.value;
  say("Saving …");
  try {
    let answer = await post();
    if (!isTold(answer) && (await tokenIsNew())) answer = await post();
    const told = isTold(answer) ? await answer.json() : { detail: "you are logged out. Log in in another tab, then save here." };
    if (isTold(answer) && answer.ok) {
      saved = text;
      form.elements.seen.value = told.revision;
      say(isDirty() ? "Not saved yet" : "Saved");
    } else if (answer.status === 409) {
      say(`${told.detail} Both texts are shown now.`);
      saved = area.value;
      form.submit(); // the page that shows how both differ; it carries this text along
    } else {
      say(`Not saved: ${told.detail}`);
    }
  } catch {
    say("Not saved: no answer from the server. Your text is still here; try again.");
  }
  isSaving = false;
}

area.addEventListener("input", () => {
  number();
  say(isDirty() ? "Not saved yet" : "Saved");
  document.dispatchEvent(new CustomEvent("journey:changed", { detail: area.value }));
});
area.addEventListener("scroll", number);
area.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    isLeaving = true;
    return;
  }
  if (event.key === "Tab" && !isLeaving && !area.readOnly && !event.ctrlKey && !event.altKey) {
    event.preventDefault();
    indent(event.shiftKey);
  }
  if (event.key !== "Shift") isLeaving = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() === "s" && (event.ctrlKey || event.metaKey) && !area.readOnly) {
    event.preventDefault();
    save();
  }
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  save();
});
addEventListener("beforeunload", (event) => isDirty() && event.preventDefault());
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-line]");
  if (!link) return;
  event.preventDefault();
  if (Number(link.dataset.line) > 0) goTo(Number(link.dataset.line));
});
document.addEventListener("journey:found", (event) => {
  marks = new Map();
  for (const one of event.detail) {
    const known = marks.get(one.line);
    const level = known?.level === "error" ? "error" : one.level;
    marks.set(one.line, { level, words: known ? `${known.words}\n${one.message}` : one.message });
  }
  numbered = "";
  number();
});
number();
