// How is one entry of the conversation drawn? Bubble, options, ticks, separators.
import { html } from "../vendor/htm-preact.js";
import { Offered, isOffer } from "./elsewhere.js";
import { File } from "./files.js";
import { say } from "./sending.js";
import { clockTime, dayWords } from "./time.js";
import { words } from "./words.js";

const LINK = /(https?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)\]])/;
const TICKS = { waiting: ["M12 7v5l3 2M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0", words.sending], sent: ["M5 13l4 4L19 7", words.sent] };
const DONE = ["M2 13l4 4L15 7M10 15l2 2 9-10", words.delivered];

export const Day = ({ at }) => html`<p class="day"><time datetime=${at}>${dayWords(at)}</time></p>`;

export function Entry({ entry, follows }) {
  if (entry.fact) return words.facts[entry.fact] ? html`<p class="fact">${words.facts[entry.fact]}</p>` : null;
  const side = entry.mine ? "mine" : entry.author;
  return html`<article class="entry ${side} ${follows ? "follows" : ""}">
    ${entry.author === "agent" && !follows && html`<${Agent} name=${entry.name} />`}
    <div class="bubble" dir="auto">
      <span class="visually-hidden">${speaker(entry)}: </span>
      ${entry.files?.map((file) => html`<${File} key=${file.id} file=${file} />`)}
      <${Text} text=${entry.content.text} isOurs=${!entry.mine} />
    </div>
    ${isOffer(entry.content)
      ? html`<${Offered} options=${entry.content.options} />`
      : entry.content.type === "choice" && html`<${Options} entry=${entry} />`}
    <p class="meta"><time datetime=${entry.at}>${clockTime(entry.at)}</time> ${entry.mine && html`<${Tick} entry=${entry} />`}</p>
  </article>`;
}

const speaker = (entry) => (entry.mine ? words.you : entry.author === "agent" ? entry.name : words.assistant);

function Agent({ name }) {
  const initials = (name || "?").split(/\s+/).map((part) => [...part][0]).slice(0, 2).join("");
  return html`<p class="agent"><span class="face" aria-hidden="true">${initials}</span><span dir="auto">${name}</span></p>`;
}

// What we say may carry links; what a customer wrote is words only.
function Text({ text, isOurs }) {
  if (!isOurs) return text;
  return text.split(LINK).map((part, index) =>
    index % 2 ? html`<a href=${part} target="_blank" rel="noopener noreferrer nofollow">${part}</a>` : part,
  );
}

function Options({ entry }) {
  const choose = (option) => say({ type: "option", payload: option.payload, text: option.label }, option.label);
  return html`<div class="options" role="group" aria-label=${entry.content.text}>
    ${entry.content.options.map(
      (option) => html`<button type="button" class="option ${entry.chosen === option.label ? "chosen" : ""}"
        disabled=${!entry.open} onClick=${() => choose(option)}>
        <span dir="auto">${option.label}</span>
        ${option.description && html`<small dir="auto">${option.description}</small>`}
      </button>`,
    )}
  </div>`;
}

function Tick({ entry }) {
  if (entry.state === "refused") return html`<strong class="bad">${words.notSent}: ${entry.reason}</strong>`;
  const [path, said] = TICKS[entry.state] || DONE;
  return html`<svg class="tick" viewBox="0 0 24 24" role="img" aria-label=${said}><path d=${path} /></svg>`;
}
