// How do files and places look in a bubble, and what does the page itself send as a recording?

import { el } from "sandbox/dom";

const UNITS = ["B", "kB", "MB"];

export function drawMedia(media) {
  if (!media.url) return file(media);
  const label = media.name || media.kind;
  if (media.kind === "image") return el("img", { class: "media-image", src: media.url, alt: label, loading: "lazy" });
  if (media.kind === "audio") return el("audio", { class: "media-audio", src: media.url, controls: true, "aria-label": label });
  if (media.kind === "video") return el("video", { class: "media-video", src: media.url, controls: true, "aria-label": label });
  return file(media);
}

export function drawPlace({ latitude, longitude, name, address }) {
  const where = `${latitude.toFixed(5)}, ${longitude.toFixed(5)}`;
  const lines = [el("strong", {}, name || "Location"), el("span", {}, address && address !== name ? address : where)];
  const pin = el("span", { class: "place-pin", "aria-hidden": "true" });
  return el("div", { class: "place" }, pin, el("span", { class: "place-words" }, ...lines));
}

export async function asUpload(blob, name) {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return { name, media_type: blob.type || "application/octet-stream", base64: btoa(text) };
}

// A second of a falling tone as WAV: no microphone is asked for.
export function recording() {
  const rate = 8000;
  const bytes = new Uint8Array(44 + rate);
  const view = new DataView(bytes.buffer);
  const ascii = (at, text) => [...text].forEach((char, n) => (bytes[at + n] = char.charCodeAt(0)));
  ascii(0, "RIFF");
  view.setUint32(4, 36 + rate, true);
  ascii(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, rate, true);
  view.setUint32(28, rate, true);
  view.setUint16(32, 1, true);
  view.setUint16(34, 8, true);
  ascii(36, "data");
  view.setUint32(40, rate, true);
  for (let n = 0; n < rate; n++) bytes[44 + n] = 128 + 60 * Math.sin((n * (700 - n / 40)) / rate) * (1 - n / rate);
  return new Blob([bytes], { type: "audio/wav" });
}

function file({ url, name, size, kind }) {
  const words = [el("span", {}, name || kind), size ? el("small", {}, sized(size)) : null];
  const icon = el("span", { class: "file-sheet", "aria-hidden": "true" });
  return url
    ? el("a", { class: "media-file", href: url, download: name || true }, icon, ...words)
    : el("span", { class: "media-file" }, icon, ...words);
}

function sized(bytes) {
  const step = Math.min(Math.floor(Math.log10(bytes) / 3), UNITS.length - 1);
  return ` ${Math.round(bytes / 1000 ** step)} ${UNITS[step]}`;
}
