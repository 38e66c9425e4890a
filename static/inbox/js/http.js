// How do we ask the server? Fetch with our headers; a refusal is an error that knows its code.

import { say } from "./say.js";
import { renew } from "./token.js";

export class Refusal extends Error {
  constructor(status, body) {
    super(body.detail || body.title || say("server_said", { status }));
    this.status = status;
    this.code = body.code || "";
    this.body = body;
  }
}

export async function fragment(url, pane) {
  const response = await ask(url, { headers: { "X-Inbox-Pane": pane } });
  return parse(await response.text());
}

export async function json(url) {
  const response = await ask(url, { headers: { Accept: "application/json" } });
  return response.json();
}

/** `options` as of fetch: `keepalive` lets the browser finish it when the page is gone. */
export async function post(url, fields = {}, options = {}) {
  const response = await ask(url, { method: "POST", body: form(fields), headers: { Accept: "application/json" }, ...options });
  return response.status === 204 ? {} : response.json();
}

/** A form that is answered with a part of the page. */
export async function postFor(url, fields, pane) {
  const response = await ask(url, { method: "POST", body: form(fields), headers: { "X-Inbox-Pane": pane } });
  return parse(await response.text());
}

/** Sends one file as the whole body; `onProgress` hears a number from 0 to 1. Fetch tells nothing of what has gone out. */
export function upload(url, file, onProgress, signal) {
  return twice(() => sendFile(url, file, onProgress, signal));
}

function sendFile(url, file, onProgress, signal) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", url);
    request.responseType = "json";
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("Content-Type", file.type || "application/octet-stream");
    request.setRequestHeader("X-File-Name", encodeURIComponent(file.name));
    request.setRequestHeader("X-CSRFToken", document.body.dataset.csrf);
    request.upload.addEventListener("progress", (event) => event.total && onProgress(event.loaded / event.total));
    request.addEventListener("load", () =>
      request.status < 300 ? resolve(request.response) : reject(new Refusal(request.status, request.response || {})),
    );
    request.addEventListener("error", () => reject(new Refusal(0, { detail: say("broke") })));
    request.addEventListener("abort", () => reject(new Refusal(0, { detail: say("taken_out") })));
    signal?.addEventListener("abort", () => request.abort());
    if (signal?.aborted) reject(new Refusal(0, { detail: say("taken_out") }));
    else request.send(file);
  });
}

/** Server-rendered HTML as a document fragment; scripts in it never run. */
export function parse(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
}

/** Nobody is logged in here any more, or somebody else: then the page stays, and says so. */
export async function logIn() {
  const found = await fetch(`${document.body.dataset.root}token`, { headers: { Accept: "application/json" } }).catch(() => null);
  const now = found?.ok ? await found.json() : null;
  if (now && now.me !== document.body.dataset.me) return void renew(now);
  const here = encodeURIComponent(location.pathname + location.search);
  location.assign(`${document.body.dataset.root}login?next=${here}`);
}

const ask = (url, options) => twice(() => askOnce(url, options));

async function askOnce(url, { headers, ...options }) {
  const ours = { ...headers, "X-CSRFToken": document.body.dataset.csrf };
  const response = await fetch(url, { credentials: "same-origin", redirect: "error", headers: ours, ...options });
  if (response.status === 401) logIn();
  if (!response.ok) throw new Refusal(response.status, await problem(response));
  return response;
}

/** Somebody has logged in elsewhere in this browser: with the token of now it goes through, if it is the same agent. */
async function twice(send) {
  try {
    return await send();
  } catch (error) {
    if (error.code !== "csrf_failed") throw error;
    const other = renew(await json(`${document.body.dataset.root}token`));
    // As if nobody were logged in: what waits to be sent goes on waiting for the agent whose words they are.
    if (other) throw new Refusal(401, { code: "other_login", detail: other });
    return send();
  }
}

// The token of a form drawn before would be heard before the header's.
function form(fields) {
  const body = new URLSearchParams(fields);
  body.delete("csrfmiddlewaretoken");
  return body;
}

async function problem(response) {
  const isProblem = (response.headers.get("Content-Type") || "").includes("json");
  return isProblem ? response.json() : {};
}
