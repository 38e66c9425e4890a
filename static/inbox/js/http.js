// How do we ask the server? Fetch with our headers; a refusal is an error that knows its code.

export class Refusal extends Error {
  constructor(status, body) {
    super(body.detail || body.title || `The server answered ${status}.`);
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

export async function post(url, fields = {}) {
  const body = new URLSearchParams(fields);
  const headers = { Accept: "application/json", "X-CSRFToken": document.body.dataset.csrf };
  const response = await ask(url, { method: "POST", body, headers });
  return response.status === 204 ? {} : response.json();
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
