// How does the next job elsewhere go? Two choices that hold as soon as the page says so.

import { $, post } from "sandbox/dom";

export function wireJobs() {
  const form = $("jobs");
  let before = Promise.resolve(); // one choice after the other: the last one made is the one that holds
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("change", () => {
    tell("Saving …");
    before = before.then(() => save(form.elements.play, form.elements.pace));
  });
}

async function save(play, pace) {
  try {
    const [how, often] = [words(play), words(pace)];
    await post("/sandbox/jobs", { play: play.value, pace: pace.value });
    tell(`✓ Saved for the next job: “${how}”, a report each ${often}.`, "saved");
  } catch (error) {
    tell(`Not saved: ${error.message}`, "failed");
  }
}

function words(select) {
  return select.selectedOptions[0].textContent;
}

function tell(text, state = "") {
  $("jobs-said").textContent = text;
  $("jobs-said").dataset.state = state;
}
