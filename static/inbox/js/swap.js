// How is a part of the page renewed under an agent's hands? What was opened, typed and focused stays as it was.

const FIELDS = "input:not([type=hidden]), select, textarea";

/** Replaces the children of `place`; `nodes` is a fragment of the same shape, newer. */
export function renew(place, nodes) {
  const opened = [...place.querySelectorAll("details[id][open]")].map((one) => one.id);
  const drafts = [...place.querySelectorAll("form[id]")].filter(isDirty).map(keep);
  const held = place.contains(document.activeElement) ? address(document.activeElement, place) : null;
  place.replaceChildren(nodes);
  for (const id of opened) by(place, id)?.setAttribute("open", "");
  for (const draft of drafts) restore(place, draft);
  if (held) find(place, held)?.focus();
}

function by(place, id) {
  return place.querySelector(`#${CSS.escape(id)}`);
}

function isDirty(form) {
  return [...form.querySelectorAll(FIELDS)].some((field) => {
    if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
    if (field.localName === "select") return ![...field.options].every((one) => one.selected === one.defaultSelected) && hasDefault(field);
    return field.value !== field.defaultValue;
  });
}

// A list of which nothing was marked begins with its first entry.
function hasDefault(select) {
  return [...select.options].some((one) => one.defaultSelected) || select.selectedIndex > 0;
}

// What the form was based on travels along, so that the server can say what has changed meanwhile.
function keep(form) {
  const fields = [...form.elements].filter((field) => field.name && field.name !== "csrfmiddlewaretoken" && field.type !== "submit");
  const values = fields.map((field) => ({ name: field.name, value: field.value, checked: field.checked }));
  return { id: form.id, values, said: form.querySelector("[data-refusal]")?.textContent };
}

function restore(place, { id, values, said }) {
  const form = by(place, id);
  if (!form) return;
  for (const { name, value, checked } of values) {
    const field = form.elements.namedItem(name);
    if (!field) continue;
    if (field.type === "checkbox") field.checked = checked;
    else field.value = value;
  }
  const refusal = form.querySelector("[data-refusal]");
  if (refusal && said) refusal.textContent = said;
}

// Where the focus is, in words that hold for the next version of the same part.
function address(element, place) {
  const form = element.closest("form");
  const scope = form?.id ? `#${CSS.escape(form.id)}` : element.closest("details[id]") ? `#${CSS.escape(element.closest("details[id]").id)}` : "";
  const own = element.name ? `[name="${CSS.escape(element.name)}"]` : "";
  const action = form && !form.id ? `form[action="${CSS.escape(form.getAttribute("action"))}"]` : "";
  const path = `${action || scope} ${element.localName}${own}`.trim();
  return { path, at: [...place.querySelectorAll(path)].indexOf(element), range: [element.selectionStart, element.selectionEnd] };
}

function find(place, { path, at, range }) {
  const found = [...place.querySelectorAll(path)][Math.max(at, 0)];
  if (found && typeof range[0] === "number" && found.localName === "input" && found.type === "text") found.setSelectionRange(...range);
  return found || place.closest("[tabindex], aside")?.querySelector("button, summary, a");
}
