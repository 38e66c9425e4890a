// How do files get out and in? Chosen, pasted or dropped, uploaded at once; shown by links that hold for minutes.
import { html, useEffect, useState } from "../vendor/htm-preact.js";
import { change, state } from "./state.js";
import { words } from "./words.js";

const MOST = 5;
const FRESH = 4 * 60_000; // milliseconds; the links live a little longer
let link = null;
let count = 0;

export const use = (found) => (link = found);

// Takes what the channel takes; what it does not says why and can be taken out.
export function add(files) {
  for (const file of [...files].slice(0, MOST - state.tray.length)) {
    const one = { key: ++count, name: file.name, size: file.size, id: "", failed: "" };
    change(() => (state.tray = [...state.tray, one]));
    upload(one, file);
  }
}

async function upload(one, file) {
  const { max } = state.config.files;
  try {
    if (file.size > max) throw Object.assign(new Error(), { detail: words.tooLarge(megabytes(max)) });
    Object.assign(one, await link.upload(file));
  } catch (error) {
    one.failed = error.detail || words.notUploaded;
  }
  change(() => (state.tray = [...state.tray]));
}

export const drop = (key) => change(() => (state.tray = state.tray.filter((one) => one.key !== key)));

export const isReady = () => state.tray.length > 0 && state.tray.every((one) => one.id);

export function take() {
  const taken = state.tray;
  change(() => (state.tray = []));
  return taken;
}

export function Tray({ tray }) {
  return html`<ul class="tray" aria-label=${words.files}>
    ${tray.map(
      (one) => html`<li key=${one.key}>
        <span><bdi>${one.name}</bdi> <small class=${one.failed ? "bad" : ""} role="status">
          ${one.failed || (one.id ? sizeOf(one.size) : words.uploading)}</small></span>
        <button type="button" class="icon" aria-label=${words.remove(one.name)} onClick=${() => drop(one.key)}>
          <svg viewBox="0 0 24 24" aria-hidden="true"><path d="M6 6l12 12M18 6L6 18" /></svg>
        </button>
      </li>`,
    )}
  </ul>`;
}

export function Attach() {
  const pick = (event) => (add(event.target.files), (event.target.value = ""));
  return html`<label class="attach">
    <input type="file" multiple class="visually-hidden" aria-label=${words.attach} onChange=${pick} />
    <svg viewBox="0 0 24 24" aria-hidden="true"><path d="M8 12l6-6a3 3 0 0 1 4 4l-8 8a5 5 0 0 1-7-7l7-7" /></svg>
  </label>`;
}

// One file in a bubble. The links are asked for when it is drawn, and again before a late click.
export function File({ file }) {
  const [links, setLinks] = useState(null);
  const renew = async () => {
    if (links && Date.now() - links.at < FRESH) return;
    try {
      setLinks({ ...(await link.http("GET", `file?id=${file.id}`)), at: Date.now() });
    } catch {
      setLinks(null); // the next look asks again
    }
  };
  useEffect(() => void renew(), [file.id]);
  const again = { onPointerEnter: renew, onFocus: renew };
  const url = links?.url;
  if (file.kind === "image")
    return html`<a class="picture" href=${url} target="_blank" rel="noopener" ...${again}>
      <img src=${links?.small} alt=${words.picture(file.name)} width=${file.width} height=${file.height} /></a>`;
  if (file.kind === "audio") return html`<audio controls preload="none" src=${url} aria-label=${file.name} ...${again} />`;
  if (file.kind === "video") return html`<video controls playsinline src=${url} aria-label=${file.name} ...${again} />`;
  return html`<a class="file" href=${url} target="_blank" rel="noopener" ...${again}>
    <bdi>${file.name}</bdi> <small>${sizeOf(file.size)}</small></a>`;
}

const megabytes = (bytes) => Math.round(bytes / 1024 / 1024);
const sizeOf = (bytes) => (bytes < 1024 * 1024 ? `${Math.max(1, Math.round(bytes / 1024))} KB` : `${megabytes(bytes)} MB`);
