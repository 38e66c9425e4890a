// What can be chosen now? One sheet for lists, for what else to send, and for what to do with a message.

import { $, el } from "sandbox/dom";

export function wireSheet() {
  $("sheet-close").addEventListener("click", () => $("sheet").close());
}

// rows: [{title, description, act}]; onCode: what to do with a code that is typed, if one is asked for.
export function openSheet(title, rows, onCode = null, code = "") {
  $("sheet-title").textContent = title;
  $("sheet-rows").replaceChildren(...rows.map(item));
  $("sheet-form").hidden = !onCode;
  $("sheet-code").value = code;
  $("sheet-form").onsubmit = () => {
    const code = $("sheet-code").value.trim();
    if (code && onCode) onCode(code);
  };
  $("sheet").showModal();
}

function item({ title, description, act }) {
  const onclick = () => {
    $("sheet").close();
    act();
  };
  const hint = description ? el("span", { class: "sheet-hint" }, description) : null;
  return el("li", {}, el("button", { type: "button", class: "sheet-row", onclick }, el("span", {}, title), hint));
}
