// What does the view draw, and who is told when it changes?
import * as parent from "./parent.js";
import * as thread from "./thread.js";

const listeners = new Set();

export const state = {
  thread: thread.empty(),
  connection: "connecting", // connecting online polling lost offline refused
  config: null,
  welcome: "", // said to who is back, once
  resume: null,
  typing: null,
  notice: "",
  tray: [], // files that wait for their message
  isOpen: false,
  isLeaving: false, // the ways to other apps are shown
  signedIn: false,
  visit: "",
  page: "", // on which the widget stands
};

export const watch = (listener) => listeners.add(listener);

export function change(work) {
  work();
  parent.tell("unread", { count: state.isOpen ? 0 : thread.unread(state.thread) });
  parent.tell("keep", { key: "outbox", value: outboxText() });
  listeners.forEach((listener) => listener());
}

function outboxText() {
  if (state.config?.kiosk) return "";
  const waiting = thread.unsent(state.thread).map(({ id, frame, text, at }) => ({ id, frame, text, at }));
  return waiting.length ? JSON.stringify(waiting) : "";
}
