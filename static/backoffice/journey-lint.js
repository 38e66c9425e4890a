// What does the linter say while somebody types? Asks when the typing pauses; shows the findings and draws the graph anew.
const PAUSE = 500; // milliseconds without a key
const place = document.querySelector("[data-lint]");
const list = place.querySelector(".findings");
const tally = place.querySelector("[data-tally]");
const canvas = document.querySelector("[data-graph]");
const token = document.querySelector("[data-editor] [name=csrfmiddlewaretoken]");
const some = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;
let waiting;
let asking;

function element(tag, className, text) {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

function row(one) {
  const item = element("li", `is-${one.level}`, "");
  const link = element("a", "", `Line ${one.line}`);
  link.href = `#line-${one.line}`;
  link.dataset.line = one.line;
  const badge = element("span", `badge ${one.level === "error" ? "bad" : "warn"}`, `${one.level} ${one.rule}`);
  item.append(link, " ", badge, ` ${one.message} `, element("span", "quiet", one.remedy));
  return item;
}

function show(found) {
  const errors = found.filter((one) => one.level === "error").length;
  list.replaceChildren(...found.map(row));
  tally.textContent = found.length
    ? `${some(errors, "error")}, ${some(found.length - errors, "warning")}`
    : "Nothing is wrong: it can be published.";
  document.dispatchEvent(new CustomEvent("journey:found", { detail: found }));
}

// The server builds the picture from elements, never from an author's markup; as XML nothing of it can run.
function draw(svg) {
  if (!svg || canvas.dataset.version) return;
  const read = new DOMParser().parseFromString(svg, "image/svg+xml");
  if (read.documentElement.localName !== "svg") return;
  canvas.replaceChildren(document.importNode(read.documentElement, true));
  document.dispatchEvent(new CustomEvent("journey:drawn"));
}

async function ask(text) {
  asking?.abort();
  asking = new AbortController();
  const body = new FormData();
  body.set("draft", text);
  body.set("csrfmiddlewaretoken", token.value);
  try {
    const answer = await fetch(place.dataset.lint, { method: "POST", body, signal: asking.signal });
    if (!answer.ok) throw new Error(String(answer.status));
    const told = await answer.json();
    show(told.findings);
    draw(told.graph);
  } catch (error) {
    if (error.name !== "AbortError") tally.textContent = "The linter does not answer; it is asked again when you type.";
  }
}

document.addEventListener("journey:changed", (event) => {
  clearTimeout(waiting);
  waiting = setTimeout(() => ask(event.detail), PAUSE);
});

const marks = [...list.querySelectorAll("li")].map((item) => ({
  line: Number(item.querySelector("[data-line]").dataset.line),
  level: item.classList.contains("is-error") ? "error" : "warning",
  message: item.textContent.trim(),
}));
document.dispatchEvent(new CustomEvent("journey:found", { detail: marks }));
