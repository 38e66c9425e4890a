// What do the scripts say? Words of the server in the reader's language, with their places filled in.

const block = document.getElementById("say");
const words = block ? JSON.parse(block.textContent) : {};

export function say(key, places = {}) {
  return (words[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => places[name] ?? whole);
}
