// How do we ask the server? Fetch with our headers; a refusal is an error that knows its code.

import { say } from "./say.js";

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
  const body = new URLSearchParams(fields);
  const headers = { Accept: "application/json", "X-CSRFToken": document.body.dataset.csrf };
  const response = await ask(url, { method: "POST", body, headers, ...options });
  return response.status === 204 ? {} : response.json();
}

/** A form that is answered with a part of the page. */
export async function postFor(url, fields, pane) {
  const headers = { "X-Inbox-Pane": pane, "X-CSRFToken": document.body.dataset.csrf };
  return parse(await (await ask(url, { method: "POST", body: new URLSearchParams(fields), headers })).text());
}

/** Sends one file as the whole body; `onProgress` hears a number from 0 to 1. Fetch tells nothing of what has gone out. */
export function upload(url, file, onProgress, signal) {
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
    request.send(file);
  });
}

/** Server-rendered HTML as a document fragment; scripts in it never run. */
export function parse(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
}

export function logIn() {
  const here = encodeURIComponent(location.pathname + location.search);
  location.assign(`${document.body.dataset.root}login?next=${here}`);
}

async function ask(url, options) {
  const response = await fetch(url, { credentials: "same-origin", redirect: "error", ...options });
  if (response.status === 401) logIn();
  if (!response.ok) throw new Refusal(response.status, await problem(response));
  return response;
}

async function problem(response) {
  const isProblem = (response.headers.get("Content-Type") || "").includes("json");
  return isProblem ? response.json() : {};
}
