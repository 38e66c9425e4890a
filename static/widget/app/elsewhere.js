// How does the customer go on in another app? A link and a QR code, made on demand; it serves once, for ten minutes.
import { html, useEffect, useState } from "../vendor/htm-preact.js";
import { lead } from "./chat.js";
import { words } from "./words.js";

// One of the ways, and the link that was made for it; or why there is none.
function useLead() {
  const [found, setFound] = useState(null);
  const [said, setSaid] = useState("");
  const choose = async (way) => {
    setSaid("");
    try {
      setFound({ ...way, ...(await lead(way.channel)) });
    } catch (error) {
      setSaid(error.detail || words.notNow);
    }
  };
  return { found, setFound, said, choose };
}

export function Elsewhere({ ways, onClose }) {
  const { found, setFound, said, choose } = useLead();
  useEffect(() => document.querySelector(".elsewhere a, .elsewhere button")?.focus(), [found]);
  return html`<section class="elsewhere" aria-label=${words.elsewhere} onKeyDown=${(event) => event.key === "Escape" && leave(event, onClose)}>
    <div role="status">${said && html`<p class="small">${said}</p>`} ${found && html`<${Way} way=${found} />`}</div>
    <div class="options">
      ${found
        ? ways.length > 1 && html`<button type="button" class="quiet" onClick=${() => setFound(null)}>${words.otherWays}</button>`
        : ways.map((way) => html`<button type="button" class="option" onClick=${() => choose(way)}>${words.goOnIn(way.title)}</button>`)}
      <button type="button" class="quiet" onClick=${onClose}>${words.stayHere}</button>
    </div>
  </section>`;
}

// The ways that a message of a journey offers: an option's payload is `lead:` and the channel.
export const isOffer = (content) => content.type === "choice" && content.options.every((one) => one.payload?.startsWith("lead:"));

export function Offered({ options }) {
  const { found, said, choose } = useLead();
  return html`<div class="options">
    ${options.map(
      (one) => html`<button type="button" class="option" onClick=${() => choose({ channel: one.payload.slice(5), title: one.label })}>
        ${words.goOnIn(one.label)}
      </button>`,
    )}
    <div role="status">${said && html`<p class="small">${said}</p>`} ${found && html`<${Way} way=${found} />`}</div>
  </div>`;
}

// The code must leave by no other way than the link itself: no referrer, no opener.
function Way({ way }) {
  return html`<div class="way">
    ${way.qr &&
    html`<svg class="qr" viewBox=${`0 0 ${way.qr.size} ${way.qr.size}`} role="img" aria-label=${words.scan(way.title)} shape-rendering="crispEdges">
      <path d=${way.qr.path} />
    </svg>`}
    <div>
      ${way.url &&
      html`<p><a href=${way.url} target="_blank" rel="noopener noreferrer" referrerpolicy="no-referrer">${words.openIn(way.title)}</a></p>`}
      ${way.say && html`<p>${words.writeThere} <code>${way.say}</code></p>`}
      <p class="small">${words.once}</p>
    </div>
  </div>`;
}

function leave(event, onClose) {
  event.stopPropagation();
  onClose();
}
