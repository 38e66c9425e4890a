// Which words of a message can be tapped, and where do they lead? Text nodes and links, never markup.

import { el } from "sandbox/dom";

const ADDRESS = /(?:https?:\/\/|sms:|mailto:)[^\s<>"“”]*[^\s<>"“”.,;:!?)\]]/gi;
const FRAMES = { "sms:": "sms", "mailto:": "email" };

// The words as text and links; `hrefOf`: where an address leads from this page.
export function tappable(text, hrefOf) {
  const parts = [];
  let end = 0;
  for (const { 0: address, index } of text.matchAll(ADDRESS)) {
    parts.push(text.slice(end, index), el("a", { href: hrefOf(address), target: "_blank", rel: "noopener" }, address));
    end = index + address.length;
  }
  return [...parts, text.slice(end)].filter(Boolean);
}

// sms: and mailto: open their phone on this page, with the words of the link; any other address stays as it is.
export function leadsTo(address, frames, person) {
  const kind = FRAMES[address.slice(0, address.indexOf(":") + 1).toLowerCase()];
  const frame = kind && frames.find((one) => one.kind === kind);
  if (!frame) return address;
  const given = new URLSearchParams(address.split("?")[1]?.replaceAll("+", "%2B"));
  const asked = new URLSearchParams({ channel: frame.key, person, write: given.get("body") || "" });
  if (given.get("subject")) asked.set("subject", given.get("subject"));
  return `/sandbox/?${asked}`;
}
