// How does the supervisors' board stay live? The socket brings the parts that changed; while it is away they are asked for.

import * as bell from "./bell.js";
import { now } from "./clock.js";
import * as dialogs from "./dialogs.js";
import { fragment, parse } from "./http.js";
import * as idle from "./idle.js";
import { Live } from "./live.js";
import * as marks from "./marks.js";
import * as me from "./me.js";
import * as offers from "./offers.js";
import * as presence from "./presence.js";
import { localise } from "./times.js";
import { toast } from "./toast.js";

const ASK_EVERY = 5000; // milliseconds, while the line is broken
const { root, board } = document.body.dataset;
const place = document.getElementById("board");
const state = document.getElementById("board-live");
const address = new URL(`${root}socket`, location.href);
address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
const live = new Live(address.href, `${root}heartbeat`);
let isLost = false;
let isAsking = false;

function show(isLive) {
  isLost = !isLive;
  state.textContent = isLive ? state.dataset.live : state.dataset.lost;
  state.dataset.tone = isLive ? "good" : "warn";
}

// A part stands under its id. Another set of queues or agents means another page.
function take({ data, parts }) {
  if (!place) return;
  const here = new Set([...place.querySelectorAll("[id^='bq-'], [id^='ba-']")].map((row) => row.id));
  const rows = data.ids.filter((id) => id.startsWith("bq-") || id.startsWith("ba-"));
  if (rows.length !== here.size || rows.some((id) => !here.has(id))) {
    renew();
    return;
  }
  for (const [id, html] of Object.entries(parts)) replace(id, html);
  tick();
}

function replace(id, html) {
  const old = document.getElementById(id);
  const fresh = parse(html).firstElementChild;
  if (!old || !fresh || old.outerHTML === fresh.outerHTML) return;
  const held = old.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  old.replaceWith(fresh);
  if (held) (fresh.querySelector(`[href="${CSS.escape(held)}"]`) || document.getElementById("board-main")).focus();
}

async function renew() {
  if (isAsking || !place) return;
  isAsking = true;
  try {
    const nodes = await fragment(board, "board");
    const held = place.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    place.replaceChildren(nodes);
    if (held) place.querySelector(`[href="${CSS.escape(held)}"]`)?.focus();
    tick();
  } catch {
    // The page keeps what it shows, and asks again.
  } finally {
    isAsking = false;
  }
}

function tick() {
  for (const element of document.querySelectorAll("time[data-since]")) {
    const words = span(Math.max(0, now() - new Date(element.dateTime)));
    if (element.textContent !== words) element.textContent = words;
  }
}

function span(milliseconds) {
  const seconds = Math.floor(milliseconds / 1000);
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return minutes ? `${minutes} min` : `${seconds} s`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d`;
}

// Whoever looks at nothing but the board is at work, too: what is offered, and what rings, comes here as to the desk.
const frames = {
  board: take,
  refused: ({ data }) => data.board && location.assign(root),
  told: ({ data }) => (toast(data.words, { seconds: 12 }), bell.told(data)),
  offers: ({ html }) => offers.take(html),
  beat: ({ data }) => idle.heard(data),
  status: ({ data }) => me.status(data),
  reminder: ({ data }) => bell.reminder(data),
  mention: ({ data }) => marks.mentioned(data),
};
const nobody = () => null; // no thread is open here
const follow = (href) => location.assign(href);

live.addEventListener("open", () => (show(true), offers.ask(), live.send({ type: "board", on: true })));
live.addEventListener("closed", () => show(false));
live.addEventListener("frame", ({ detail: frame }) => frames[frame.type]?.(frame));
bell.listen({ open: follow });
idle.listen({ live });
me.listen({ live });
offers.listen({ follow });
presence.listen({ live, thread: nobody });
dialogs.listen({ thread: nobody });
localise(document);
tick();
setInterval(tick, 1000);
setInterval(() => isLost && renew(), ASK_EVERY);
document.documentElement.dataset.ready = "yes";
live.connect();
