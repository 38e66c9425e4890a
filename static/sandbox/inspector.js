// What exactly was sent? Every exchange with its raw JSON, the newest first.

import { $, el, exactTime } from "sandbox/dom";

const KEPT = 150;
const ARROWS = { in: "→", out: "←" };
const NAMES = { in: "webhook in", out: "send out" };

let filter = "";
let whose = "";

export function wireInspector() {
  for (const button of document.querySelectorAll("[data-filter]")) {
    button.addEventListener("click", () => choose(button));
  }
  $("exchanges-channel").addEventListener("change", () => {
    whose = $("exchanges-channel").value;
    narrow();
  });
}

export function showExchanges(exchanges) {
  const list = $("exchanges");
  for (const exchange of exchanges) {
    if (!list.querySelector(`[data-exchange="${exchange.id}"]`)) list.prepend(row(exchange));
  }
  while (list.children.length > KEPT) list.lastElementChild.remove();
  $("exchanges-empty").hidden = list.children.length > 0;
}

function choose(chosen) {
  filter = chosen.dataset.filter;
  for (const button of document.querySelectorAll("[data-filter]")) {
    button.setAttribute("aria-pressed", String(button === chosen));
  }
  narrow();
}

function narrow() {
  for (const item of $("exchanges").children) item.hidden = isHidden(item.dataset.direction, item.dataset.channel);
}

function isHidden(direction, channel) {
  return (filter !== "" && direction !== filter) || (whose !== "" && channel !== whose);
}

function row(exchange) {
  const { id, direction, what, status, took_ms: took, channel, title } = exchange;
  const tone = status >= 200 && status < 300 ? "status-good" : "status-bad";
  const summary = el(
    "summary",
    {},
    el("span", { class: `way way-${direction}` }, `${ARROWS[direction]} ${NAMES[direction]}`),
    el("span", { class: "whose" }, title),
    el("span", { class: `status ${tone}` }, status ? String(status) : "no answer"),
    el("span", { class: "what" }, what || `${exchange.method} ${exchange.path.split("/").at(-1)}`),
    el("span", { class: "when" }, `${exactTime(exchange.at)} · ${took} ms`),
  );
  const details = el("details", {}, summary);
  details.addEventListener("toggle", () => details.children.length > 1 || details.append(...bodies(exchange)));
  const hidden = isHidden(direction, channel);
  const props = { "data-exchange": id, "data-direction": direction, "data-channel": channel, hidden };
  return el("li", props, details);
}

function bodies({ method, path, headers, request, response }) {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  lines.unshift(`${method} ${path}`, "");
  return [block("Headers", lines.join("\n")), block("Request", request), block("Answer", response)];
}

function block(title, text) {
  const pre = el("pre", { tabindex: "0", role: "region", "aria-label": title }, text || "(empty)");
  return el("div", { class: "block" }, el("h3", {}, title), pre);
}
