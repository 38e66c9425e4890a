// How is the graph looked at? Larger, smaller, as wide as its place; which step the text's cursor stands in is marked.
const STEP = 1.25;
const LEAST = 0.3;
const MOST = 2.5;
const canvas = document.querySelector("[data-graph]");
const tools = document.querySelector(".zoom");
const area = document.querySelector("[data-editor] textarea");
let zoom = 0; // 0: as wide as its place

const picture = () => canvas.querySelector("svg");
const natural = () => picture().viewBox.baseVal.width;

function fitting() {
  const { paddingLeft, paddingRight } = getComputedStyle(canvas);
  return Math.min(1, (canvas.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight)) / natural());
}

function size() {
  if (!picture()) return;
  const by = zoom || fitting();
  picture().setAttribute("width", Math.floor(natural() * by));
  picture().removeAttribute("height");
}

function look() {
  if (!picture() || canvas.dataset.version) return;
  const line = area.value.slice(0, area.selectionStart).split("\n").length;
  let here;
  for (const step of picture().querySelectorAll(".graph-step")) {
    step.classList.remove("is-here");
    if (Number(step.dataset.line) <= line && Number(step.dataset.line) >= Number(here?.dataset.line || 1)) here = step;
  }
  here?.classList.add("is-here");
}

tools.hidden = false;
tools.addEventListener("click", (event) => {
  const wish = event.target.closest("[data-zoom]")?.dataset.zoom;
  if (!wish || !picture()) return;
  const now = zoom || fitting();
  zoom = wish === "0" ? 0 : Math.min(MOST, Math.max(Math.min(LEAST, fitting()), wish === "+" ? now * STEP : now / STEP));
  size();
});
document.addEventListener("journey:drawn", () => {
  size();
  look();
});
document.addEventListener("selectionchange", look);
new ResizeObserver(size).observe(canvas); // it is as wide as its place, whatever makes that wider
size();
look();
