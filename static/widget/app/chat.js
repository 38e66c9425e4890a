// Which visit is this, and what arrives for it? Opens, signs in and out, and keeps the thread up to date.
import * as files from "./files.js";
import { Link } from "./link.js";
import * as parent from "./parent.js";
import { flush, handOver, refused, say, seen, use } from "./sending.js";
import { change, state } from "./state.js";
import * as thread from "./thread.js";

const base = `${location.origin}/widget/${document.documentElement.dataset.channel}`;
const TYPING_FOR = 6000;
let token = "";
let typingTimer = 0;
let retries = 0;
let followed = ""; // the code of a one-time link that led to this page

const cursors = () => Object.fromEntries(state.thread.streams);
const link = new Link(base, {
  token: () => token,
  cursors,
  onFrame: (frame) => change(() => taken(frame)),
  onState: (connection) => {
    change(() => (state.connection = connection));
    if (connection === "online") flush(), seen();
    if (connection === "polling") handOver();
  },
  // The page is asked for a fresh login, then the visit is opened again; at a kiosk whoever comes next is somebody else.
  onAuth: () => (state.config?.kiosk ? visit("") : parent.tell("login")),
});
use(link);
files.use(link);

export function start(data) {
  token = data.token || "";
  Object.assign(state, { isOpen: data.open, page: data.page || "" });
  try {
    for (const one of JSON.parse(data.outbox || "[]")) {
      state.thread.outbox.push({ ...one, state: "waiting", isOld: true });
    }
  } catch {
    // what another version kept is not worth an error
  }
  visit(data.jwt);
}

// Opens the visit of this browser, or comes back to it; a refused login leaves the visitor anonymous.
export async function visit(jwt) {
  link.stop();
  try {
    entered(await link.http("POST", "visit", { token, jwt: jwt || undefined }));
    link.connect();
  } catch (error) {
    if (String(error.code).startsWith("token_")) {
      parent.tell("event", { name: "error", detail: { code: error.code, message: error.detail } });
      state.notice = error.code === "token_expired" ? "loginExpired" : "";
      return visit("");
    }
    const isFinal = error.status >= 400 && error.status < 500 && error.status !== 429;
    change(() => (state.connection = isFinal ? "refused" : navigator.onLine ? "lost" : "offline"));
    if (!isFinal) setTimeout(() => visit(jwt), Math.min(1000 * 2 ** retries++, 20_000));
  }
}

export async function signOut() {
  link.stop();
  change(() => Object.assign(state, { thread: thread.empty(), welcome: "", resume: null, notice: "", tray: [] }));
  try {
    entered(await link.http("POST", "logout", {}, true));
    link.connect();
  } catch {
    token = "";
    parent.tell("keep", { key: "token", value: "" });
    visit("");
  }
}

// A link to another channel, good once; `to` is one of the ways that the visit was told of.
export const lead = (to) => link.http("POST", "lead", { to });

// The code is used as soon as it is known whose visit this is; at a kiosk nobody is linked.
export function arrive(code) {
  followed = code || followed;
  if (!state.config || !followed) return;
  if (!state.config.kiosk) say({ type: "action", action: "link", code: followed });
  followed = "";
}

// Somebody new has opened the chat, and nothing was said or wished yet: the bot may speak first. The same word from
// every tab and after a reload: once is enough.
export function greet() {
  const { thread: said, resume, welcome, config, visit: name, isOpen } = state;
  if (!isOpen || !config?.begins || resume || welcome || said.seen.size || said.outbox.length) return;
  say({ type: "action", action: "open" }, "", `open-${name}`);
}

// Page facts (`setAttributes`): said by the page, proven by nobody.
export const describe = (values) => link.http("POST", "attributes", { values }).catch(() => {});

function entered(found) {
  retries = 0;
  token = found.token || token;
  parent.tell("keep", { key: "token", value: found.config.kiosk ? "" : token });
  change(() => {
    const outbox = outboxOf(found);
    state.thread = { ...thread.empty(), outbox };
    found.history.forEach((envelope) => thread.add(state.thread, envelope));
    Object.entries(found.streams).forEach(([name, seq]) => state.thread.streams.set(name, seq));
    state.welcome = found.welcome || (found.visit === state.visit ? state.welcome : "");
    Object.assign(state, { config: found.config, resume: found.resume, typing: null, visit: found.visit });
    if (found.signed_in) state.notice = "";
    state.signedIn = found.signed_in;
  });
  arrive();
  greet();
}

// What waits goes to the visit it was written in, never to whoever comes after it at this browser.
function outboxOf(found) {
  if (!found.token) return state.thread.outbox;
  return state.visit ? [] : state.thread.outbox.filter((mine) => !mine.isOld);
}

function taken(frame) {
  if (frame.stream) arrived(frame);
  else if (frame.type === "ack") thread.acknowledge(state.thread, frame.id);
  else if (frame.type === "error" && frame.id) refused(frame);
  else if (frame.type === "typing") typing(frame);
  else if (frame.type === "resync") link.send({ type: "resync", after: cursors() });
}

function arrived(envelope) {
  const how = thread.take(state.thread, envelope);
  if (how === "gap") link.send({ type: "resync", after: cursors() });
  if (how !== "new" || envelope.type !== "message") return;
  Object.assign(state, { welcome: "", resume: null });
  if (envelope.data.author === "customer") return;
  typing({ is_typing: false });
  parent.tell("event", { name: "message", detail: { author: envelope.data.author } });
  seen();
}

function typing(frame) {
  clearTimeout(typingTimer);
  state.typing = frame.is_typing ? frame.name : null;
  if (frame.is_typing) typingTimer = setTimeout(() => change(() => (state.typing = null)), TYPING_FOR);
}
