// How is one message drawn? Its words, files, buttons, ticks; text only ever becomes text.

import { tappable } from "sandbox/addresses";
import { clockTime, el } from "sandbox/dom";
import { drawMedia, drawPlace } from "sandbox/media";

const TICKS = { sending: "…", accepted: "✓", sent: "✓", delivered: "✓✓", read: "✓✓" };
const SPOKEN = { sending: "being sent", accepted: "sent", sent: "sent", delivered: "delivered", read: "read" };

// `acts`: onTap(message, id, title), onList(message), onMenu(message), hrefOf(address); `names`: {mine, theirs}; hasReceipts.
export function draw(message, acts, names, hasReceipts) {
  const side = message.mine ? "bubble-mine" : "bubble-theirs";
  const props = { class: `bubble ${side}`, "data-state": message.state, "data-id": message.id };
  if (message.is_removed) return el("div", props, head(message, names), el("p", { class: "bubble-note" }, "Deleted"));
  const body = el(
    "div",
    { class: "bubble-body" },
    head(message, names),
    line("bubble-note", message.note),
    line("bubble-quote", message.quote),
    line("bubble-subject", message.subject),
    ...(message.media ?? []).map(drawMedia),
    message.place ? drawPlace(message.place) : null,
    words(message, acts),
    meta(message, hasReceipts),
    menu(message, acts),
  );
  return el("div", props, body, reactions(message), keys(message, acts), list(message, acts));
}

function head(message, names) {
  const name = message.mine ? names.mine : names.theirs;
  const face = el("span", { class: "bubble-face", "aria-hidden": "true" }, name.slice(0, 1));
  return el("span", { class: "bubble-author" }, face, el("strong", {}, name), el("time", {}, clockTime(message.at)));
}

function line(name, text) {
  return text ? el("p", { class: name, dir: "auto" }, text) : null;
}

function words({ text }, acts) {
  return text ? el("p", { class: "bubble-text", dir: "auto" }, ...tappable(text, acts.hrefOf)) : null;
}

function meta(message, hasReceipts) {
  const edited = message.is_edited ? el("span", { class: "edited" }, "edited ") : null;
  return el("span", { class: "bubble-meta" }, edited, el("time", {}, clockTime(message.at)), " ", tick(message, hasReceipts));
}

function tick(message, hasReceipts) {
  const spoken = SPOKEN[message.state] ?? message.state;
  if (!message.state) return null;
  if (!message.mine) {
    const isTold = hasReceipts || message.state === "failed";
    return isTold ? el("span", { class: "receipt" }, `· receipt: ${spoken}`) : null;
  }
  const props = { class: message.state === "read" ? "tick tick-read" : "tick", role: "img", "aria-label": spoken };
  return el("span", props, TICKS[message.state] ?? "");
}

function reactions(message) {
  if (!message.reactions?.length) return null;
  const spoken = `Reactions: ${message.reactions.join(" ")}`;
  return el("span", { class: "reactions", role: "img", "aria-label": spoken }, ...message.reactions);
}

// Buttons stand in rows, as the provider lays them out.
function keys(message, acts) {
  if (!message.buttons?.length) return null;
  const rows = new Map();
  for (const button of message.buttons) {
    const row = rows.get(button.row) ?? el("div", { class: "bubble-row" });
    rows.set(button.row, row);
    row.append(key(message, button, acts));
  }
  return el("div", { class: "bubble-keys" }, ...rows.values());
}

function key(message, { id, title, url, asks }, acts) {
  if (url) return el("a", { class: "bubble-button", href: url, target: "_blank", rel: "noopener" }, title);
  const onclick = () => (asks ? acts.onAsk(asks) : acts.onTap(message.id, id, title));
  return el("button", { type: "button", class: "bubble-button", onclick }, title);
}

function list(message, acts) {
  if (!message.list) return null;
  const onclick = () => acts.onList(message);
  return el("button", { type: "button", class: "bubble-button bubble-list", onclick }, `☰ ${message.list.button}`);
}

function menu(message, acts) {
  if (!message.id || !acts.hasMenu(message)) return null;
  const label = `What to do with “${(message.text || "this message").slice(0, 40)}”`;
  const onclick = () => acts.onMenu(message);
  return el("button", { type: "button", class: "bubble-menu", "aria-label": label, "aria-haspopup": "dialog", onclick }, "⋯");
}
