// What does the agent's own menu do? Settings are kept as they are changed; another language draws the page anew.

import { post } from "./http.js";
import "./menus.js";
import { say } from "./say.js";
import { toast } from "./toast.js";
import { forget } from "./unsent.js";

export function listen({ live }) {
  const menu = document.getElementById("me");
  const form = menu.querySelector("[data-desk-form]");
  form.addEventListener("change", ({ target }) => change(form, target));
  // A line that is down logs nobody out: what waits for it stays.
  document.addEventListener("submit", ({ target }) => live.isReady && target.matches("form[action$='/logout']") && forget());
  menu.addEventListener("toggle", () => menu.open && tellDenied(form));
}

/** Another window has changed the status. */
export function status({ status: now }) {
  const form = document.querySelector("form[data-presence]");
  form.elements.status.value = form.dataset.presence = now;
}

async function change(form, target) {
  const { dataset } = document.body;
  dataset.sounds = form.elements.sounds.checked ? "on" : "off";
  dataset.notices = form.elements.notifications.checked ? "on" : "off";
  if (target.name === "notifications" && target.checked && "Notification" in window) await Notification.requestPermission();
  tellDenied(form);
  try {
    if ((await post(form.action, new FormData(form))).reload) location.reload();
  } catch (error) {
    toast(error.message);
  }
}

function tellDenied(form) {
  const isDenied = form.elements.notifications.checked && "Notification" in window && Notification.permission === "denied";
  const place = form.querySelector("[data-denied]");
  place.hidden = !isDenied;
  place.textContent = isDenied ? say("denied") : "";
}
