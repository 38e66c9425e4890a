// Which files are attached and not sent? Kept per conversation for the tab, uploaded as they are; and how each one looks.

import { say } from "./say.js";

export const MEGABYTE = 1024 * 1024;

const key = (place) => `inbox-files-${document.body.dataset.me}-${place}`;

/** What was attached there and can be put back: [{id, kind, file}], the file a stand-in that knows its name and size. */
export function kept(place) {
  const found = JSON.parse(sessionStorage.getItem(key(place)) || "[]");
  return found.map(({ id, kind, ...file }) => ({ id, kind, file }));
}

export function keep(place, entries) {
  const facts = entries.map(({ id, kind, file: { name, size, type } }) => ({ id, kind, name, size, type }));
  if (facts.length) sessionStorage.setItem(key(place), JSON.stringify(facts));
  else sessionStorage.removeItem(key(place));
}

export function size(bytes) {
  return bytes < MEGABYTE ? `${Math.max(1, Math.round(bytes / 1024))} KB` : `${(bytes / MEGABYTE).toFixed(1)} MB`;
}

export function draw(file) {
  const item = document.createElement("li");
  const isPicture = file instanceof Blob && /^image\/(png|jpeg|gif|webp)$/.test(file.type);
  const picture = Object.assign(document.createElement(isPicture ? "img" : "span"), { className: isPicture ? "" : "glyph" });
  if (isPicture) Object.assign(picture, { src: URL.createObjectURL(file), alt: "" });
  else Object.assign(picture, { textContent: "▤", ariaHidden: "true" });
  const words = document.createElement("p");
  const name = Object.assign(document.createElement("bdi"), { textContent: file.name });
  const told = Object.assign(document.createElement("span"), { className: "told", role: "status", textContent: size(file.size) });
  const bar = Object.assign(document.createElement("progress"), { max: 1, value: 0, ariaLabel: say("uploading", { name: file.name }) });
  words.append(name, " ", told, bar);
  const out = Object.assign(document.createElement("button"), { type: "button", className: "plain", textContent: say("remove") });
  out.ariaLabel = say("remove_file", { name: file.name });
  item.append(picture, words, out);
  return item;
}
