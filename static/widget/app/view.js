// What does the chat look like? Header, conversation, composer; text stays text everywhere.
import { html, useEffect, useLayoutEffect, useRef, useState } from "../vendor/htm-preact.js";
import { Elsewhere } from "./elsewhere.js";
import { Day, Entry } from "./entries.js";
import * as files from "./files.js";
import * as parent from "./parent.js";
import { say, seen, typed } from "./sending.js";
import { change, state } from "./state.js";
import { agentIn, list } from "./thread.js";
import { ago, dayOf } from "./time.js";
import { words } from "./words.js";

const NEAR = 120; // pixels from the end that still count as reading along

export function Chat({ state }) {
  const entries = list(state.thread);
  const hasFiles = (event) => state.config?.files && event.dataTransfer?.types.includes("Files");
  const onDragOver = (event) => hasFiles(event) && event.preventDefault();
  const onDrop = (event) => hasFiles(event) && (event.preventDefault(), files.add(event.dataTransfer.files));
  return html`<div class="chat" onDragOver=${onDragOver} onDrop=${onDrop}>
    <${Header} title=${state.config?.title} agent=${agentIn(entries)} state=${state} />
    <${Banner} state=${state} />
    ${state.isLeaving && html`<${Elsewhere} ways=${state.config.ways} onClose=${() => leave(false)} />`}
    <${Log} state=${state} entries=${entries} />
    <${Composer} state=${state} />
  </div>`;
}

function leave(isLeaving) {
  change(() => (state.isLeaving = isLeaving));
  if (!isLeaving) document.querySelector(".leave")?.focus();
}

function Header({ title, agent, state }) {
  return html`<header>
    <div class="who">
      <h1 dir="auto">${title || "\u00a0"}</h1>
      ${agent && html`<p dir="auto">${agent}</p>`}
    </div>
    ${!agent && html`<button type="button" class="quiet" onClick=${() => ask("agent", words.human)}>${words.human}</button>`}
    ${state.config?.ways?.length > 0 &&
    html`<button type="button" class="icon leave" aria-label=${words.elsewhere} title=${words.elsewhere} aria-expanded=${state.isLeaving}
      onClick=${() => leave(!state.isLeaving)}>
      <svg viewBox="0 0 24 24" aria-hidden="true"><path d="M14 4h6v6M20 4l-9 9M18 14v5a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V7a1 1 0 0 1 1-1h5" /></svg>
    </button>`}
    <button type="button" class="icon" aria-label=${words.close} onClick=${() => parent.tell("close")}>
      <svg viewBox="0 0 24 24" aria-hidden="true"><path d="M6 6l12 12M18 6L6 18" /></svg>
    </button>
  </header>`;
}

function Banner({ state }) {
  const by = { connecting: words.connecting, lost: words.reconnecting, offline: words.offline, refused: words.refused };
  const said = by[state.connection] || words[state.notice];
  return html`<div class="banner" role="status" hidden=${!said} data-connection=${state.connection}>${said}</div>`;
}

function Log({ state, entries }) {
  const box = useRef(null);
  const isNear = useRef(true);
  const last = entries.at(-1)?.key;
  const isTyping = state.typing !== null;
  useLayoutEffect(() => {
    if (isNear.current || entries.at(-1)?.mine) box.current.scrollTop = box.current.scrollHeight;
  }, [last, entries.length, isTyping, Boolean(state.resume), state.isOpen, state.tray.length]);
  const onScroll = () => {
    const { scrollHeight, scrollTop, clientHeight } = box.current;
    isNear.current = scrollHeight - scrollTop - clientHeight < NEAR;
    seen();
  };
  return html`<div class="log" ref=${box} onScroll=${onScroll} tabindex="0" role="region" aria-label=${words.log}>
    <div role="log" aria-live="polite" aria-label=${words.log}>
      ${state.config && !entries.length && !state.resume && !state.welcome && html`<p class="greeting" dir="auto">${state.config.greeting}</p>`}
      ${entries.map((entry, index) => {
        const before = entries[index - 1];
        const isFresh = !before || dayOf(before.at) !== dayOf(entry.at);
        const follows = !isFresh && before.author === entry.author && before.mine === entry.mine && !before.fact;
        return html`${isFresh && html`<${Day} at=${entry.at} />`}
          <${Entry} key=${entry.key} entry=${entry} follows=${follows} />`;
      })}
      ${state.welcome && html`<p class="greeting" dir="auto">${state.welcome}</p>`}
      ${state.resume && html`<${ResumeCard} card=${state.resume} />`}
      ${isTyping &&
      html`<p class="typing"><span class="visually-hidden">${words.isTyping(state.typing)}</span><i /><i /><i /></p>`}
    </div>
  </div>`;
}

function ResumeCard({ card }) {
  const go = () => say({ type: "action", action: "resume", run: card.run });
  return html`<section class="card" aria-label=${words.welcomeBack}>
    <h2>${words.welcomeBack}</h2>
    <p dir="auto">${card.text}</p>
    <p class="small">${words.on(card.channel, ago(card.at))} · <span dir="auto">${card.title}</span></p>
    <div class="options">
      <button type="button" class="option first" onClick=${go}>${words.resume}</button>
      <button type="button" class="option" onClick=${() => say({ type: "action", action: "restart" })}>
        ${words.restart}
      </button>
      <button type="button" class="option" onClick=${() => ask("other", words.other)}>${words.other}</button>
    </div>
  </section>`;
}

const ask = (action, text) => say({ type: "action", action }, text);

function Composer({ state }) {
  const [text, setText] = useState("");
  const field = useRef(null);
  const limit = state.config?.text_limit || 4000;
  const left = limit - text.length;
  useEffect(() => {
    field.current.style.height = "auto";
    field.current.style.height = `${Math.min(field.current.scrollHeight, 140)}px`;
  }, [text]);
  const canSend = left >= 0 && (state.tray.length ? files.isReady() : Boolean(text.trim()));
  const takes = Boolean(state.config?.files);
  const onPaste = (event) => takes && event.clipboardData.files.length && (event.preventDefault(), files.add(event.clipboardData.files));
  const send = (event) => {
    event?.preventDefault();
    if (!canSend || state.connection === "refused") return;
    const [first, ...others] = files.take();
    const said = text.trim();
    if (first) say({ type: "message", text: said, file: first.id }, said || first.name);
    else say({ type: "message", text: said }, said);
    for (const one of others) say({ type: "message", file: one.id }, one.name);
    setText("");
    field.current.focus();
  };
  const onKey = (event) => event.key === "Enter" && !event.shiftKey && !event.isComposing && send(event);
  return html`<form class="composer" onSubmit=${send}>
    ${state.tray.length > 0 && html`<${files.Tray} tray=${state.tray} />`}
    ${takes && html`<${files.Attach} />`}
    <label class="visually-hidden" for="text">${words.placeholder}</label>
    <textarea id="text" ref=${field} rows="1" dir="auto" placeholder=${words.placeholder} value=${text}
      aria-describedby="left" aria-invalid=${left < 0}
      onInput=${(event) => (setText(event.target.value), typed())} onKeyDown=${onKey} onPaste=${onPaste}></textarea>
    <button type="submit" class="send" aria-label=${words.send} disabled=${!canSend}>
      <svg viewBox="0 0 24 24" aria-hidden="true"><path d="M12 19V6M6 11l6-6 6 6" /></svg>
    </button>
    <p id="left" class="small" role="status" hidden=${left > 400}>
      ${left < 0 ? words.tooLong(limit) : left <= 400 && words.left(left)}
    </p>
  </form>`;
}
