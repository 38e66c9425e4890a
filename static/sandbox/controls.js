// What if the provider fails, the clock runs on, or webhooks come twice? Each control holds at once.

import { $, el, post } from "sandbox/dom";

export function wireControls(feed, channel) {
  const form = $("controls");
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("change", () => act("Done.", () => post("/sandbox/controls", { channel: channel(), ...values(form) }), feed));
  $("clock-on").addEventListener("click", () => act("It is 25 hours later now.", () => post("/sandbox/clock"), feed));
  $("clock-back").addEventListener("click", () =>
    act("The clock is right again.", () => post("/sandbox/clock", { reset: true }), feed),
  );
  $("reset").addEventListener("click", () => act("The phones are empty.", startOver, feed));
}

// The controls of another channel: what its provider can do, and what is set.
export function fillControls(frame, set) {
  const { failure, receipts } = $("controls").elements;
  offer(failure, frame.failures);
  offer(receipts, frame.receipts);
  $("control-receipts").hidden = Object.keys(frame.receipts).length === 0;
  for (const [name, value] of Object.entries(set)) {
    const field = $("controls").elements[name];
    if (field.type === "checkbox") field.checked = value;
    else field.value = value;
  }
  $("controls-said").textContent = "";
}

export function showClock(seconds) {
  $("clock").hidden = seconds === 0;
  $("clock").textContent = `Clock +${Math.round(seconds / 3600)} h`;
}

function offer(select, choices) {
  select.replaceChildren(...Object.entries(choices).map(([value, title]) => el("option", { value }, title)));
}

async function startOver() {
  await post("/sandbox/reset");
  location.reload();
}

function values(form) {
  const data = {};
  for (const field of form.elements) {
    if (field.name) data[field.name] = field.type === "checkbox" ? field.checked : field.value;
  }
  return data;
}

async function act(done, work, feed) {
  const said = $("controls-said");
  try {
    await work();
    said.textContent = done;
  } catch (error) {
    said.textContent = error.message;
  }
  feed.look();
}
