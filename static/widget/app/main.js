// Where does it begin? The page around us hands over the token and the login; then the view is drawn on every change.
import { html, render } from "../vendor/htm-preact.js";
import { arrive, describe, greet, signOut, start, visit } from "./chat.js";
import * as parent from "./parent.js";
import { say, seen, tellSeen } from "./sending.js";
import { change, state, watch } from "./state.js";
import { Chat } from "./view.js";

const root = document.getElementById("app");
let isDrawing = false;

// One drawing a frame, however many changes; a hidden tab has no frames, and needs none.
function draw() {
  if (isDrawing) return;
  isDrawing = true;
  requestAnimationFrame(() => {
    isDrawing = false;
    render(html`<${Chat} state=${state} />`, root);
  });
}

watch(draw);
draw();
document.addEventListener("visibilitychange", () => (draw(), seen()));
document.addEventListener("keydown", (event) => event.key === "Escape" && parent.tell("close"));
parent.listen({
  start,
  open: ({ open, page }) => {
    state.page = page || state.page;
    if (!open && state.isOpen) tellSeen();
    if (!open && state.isOpen && state.config?.kiosk) signOut();
    change(() => (state.isOpen = open));
    seen();
    if (open) document.querySelector("textarea")?.focus();
    if (open) setTimeout(greet, 50); // the page may wish something else at the same time
  },
  identify: ({ jwt }) => jwt && visit(jwt),
  login: ({ jwt }) => visit(jwt),
  reset: signOut,
  arrive: ({ code }) => arrive(String(code)),
  attributes: ({ values }) => describe(values),
  journey: ({ journey }) => say({ type: "action", action: "start", journey: String(journey) }),
});
