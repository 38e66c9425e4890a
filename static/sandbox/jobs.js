// How does the next job elsewhere go? Two choices that hold at once.

import { $, post } from "sandbox/dom";

export function wireJobs() {
  const form = $("jobs");
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("change", async () => {
    try {
      await post("/sandbox/jobs", { play: form.elements.play.value, pace: form.elements.pace.value });
      $("jobs-said").textContent = "The next job goes like that.";
    } catch (error) {
      $("jobs-said").textContent = error.message;
    }
  });
}
