// Does somebody sit here? Input is told with the heartbeat; the server knows all screens and says when none had any.

import { say } from "./say.js";

const EVENTS = ["keydown", "pointerdown", "pointermove", "wheel", "touchstart"];
let hasInput = true; // who has just opened the page is there
let isIdle = false;
let beat = () => {};

export function listen({ live }) {
  beat = () => live.beat();
  for (const event of EVENTS) addEventListener(event, touched, { passive: true, capture: true });
}

/** Whether somebody has typed or pointed since this was asked last. */
export function taken() {
  const had = hasInput;
  hasInput = false;
  return had;
}

/** What the server knows of all the screens of this agent. */
export function heard({ idle }) {
  if (idle === undefined || (idle && hasInput)) return;
  isIdle = idle;
  const place = document.getElementById("idle");
  document.body.classList.toggle("is-idle", isIdle);
  place.hidden = !isIdle;
  place.textContent = isIdle ? say("idle") : "";
}

function touched() {
  hasInput = true;
  if (isIdle) beat();
  if (isIdle) heard({ idle: (isIdle = false) });
}
