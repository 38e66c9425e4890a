// Throughline's loader: a button in a shadow root, and the framed app once it is wanted. Host pages call `Throughline`.
(() => {
  "use strict";
  const tag = document.currentScript;
  const before = window.Throughline;
  if (!tag || (before && before.channel)) return;
  const base = new URL(tag.src).origin;
  const channel = tag.dataset.channel || "";
  const frameUrl = `${base}/widget/${encodeURIComponent(channel)}/app`;
  const label = tag.dataset.label || "Chat with us";
  const listeners = new Map();
  let login = null; // a JWT, or a function that fetches one
  let isOpen = false;
  let isReady = false;
  let frame = null;
  const waiting = [];

  const memory = new Map(); // where storage is denied, a page view is all there is
  const name = (key) => `throughline:${channel}:${key}`;
  const stored = (work, denied) => {
    try {
      return work(localStorage);
    } catch {
      return denied();
    }
  };
  const kept = (key) => stored((storage) => storage.getItem(name(key)), () => memory.get(key)) || "";
  const keep = (key, value) =>
    stored((storage) => (value ? storage.setItem(name(key), value) : storage.removeItem(name(key))), () => memory.set(key, value));

  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`
    :host { all: initial !important; color-scheme: light dark !important }
    button { position: fixed; inset: auto 20px 20px auto; width: 56px; height: 56px; border: 0; border-radius: 50%; padding: 0;
      background: #0b6b60; color: #fff; cursor: pointer; z-index: 2147483000; box-shadow: 0 4px 16px rgb(0 0 0 / .28);
      transition: transform .15s }
    button:hover { background: #08564d; transform: scale(1.05) }
    button:focus-visible { outline: 3px solid #fff; box-shadow: 0 0 0 6px #0b6b60 }
    svg { width: 28px; height: 28px; display: block; margin: auto; fill: none; stroke: currentColor; stroke-width: 2;
      stroke-linecap: round; stroke-linejoin: round }
    span { position: absolute; top: -4px; right: -4px; min-width: 22px; height: 22px; border-radius: 11px; background: #b3261e;
      font: 600 13px/22px system-ui, sans-serif; box-sizing: border-box; padding: 0 6px }
    [hidden] { display: none }
    iframe { position: fixed; inset: auto 20px 88px auto; width: min(400px, calc(100vw - 40px));
      height: min(660px, calc(100dvh - 108px)); border: 0; border-radius: 16px; z-index: 2147483000;
      box-shadow: 0 8px 40px rgb(0 0 0 / .24), 0 0 0 1px rgb(128 128 128 / .3); background: Canvas }
    @media (max-width: 480px) { iframe { inset: 0; width: 100%; height: 100%; border-radius: 0 } .open { display: none } }
    @media (prefers-reduced-motion: reduce) { button { transition: none } }`);

  const host = document.createElement("div");
  const root = host.attachShadow({ mode: "open" });
  root.adoptedStyleSheets = [sheet];
  const button = root.appendChild(document.createElement("button"));
  button.type = "button";
  const icon = button.appendChild(document.createElementNS("http://www.w3.org/2000/svg", "svg"));
  icon.setAttribute("viewBox", "0 0 24 24");
  icon.setAttribute("aria-hidden", "true");
  const path = icon.appendChild(document.createElementNS("http://www.w3.org/2000/svg", "path"));
  const badge = button.appendChild(document.createElement("span"));
  button.onclick = () => api.toggle();
  button.onkeydown = (event) => event.key === "Escape" && isOpen && api.close();

  const draw = (unread = 0) => {
    path.setAttribute("d", isOpen ? "M6 9l6 6 6-6" : "M21 12a8 8 0 0 1-8 8H4l2-3a8 8 0 1 1 15-5z");
    badge.hidden = isOpen || !unread;
    badge.textContent = unread > 99 ? "99+" : unread;
    button.setAttribute("aria-label", isOpen ? "Close chat" : unread ? `${label}, ${unread} unread` : label);
    button.setAttribute("aria-expanded", isOpen);
    button.className = isOpen ? "open" : "";
    if (frame) frame.hidden = !isOpen;
  };
  const tell = (type, data) => {
    if (isReady) frame.contentWindow.postMessage({ throughline: 1, type, ...data }, base);
    else if (type !== "open") waiting.push([type, data]);
  };
  const load = () => {
    if (frame) return;
    frame = document.createElement("iframe");
    frame.title = label;
    frame.src = frameUrl;
    frame.hidden = !isOpen;
    root.appendChild(frame);
  };
  const fire = (event, detail) => (listeners.get(event) || []).forEach((listener) => listener(detail));
  const proof = async () => {
    try {
      return (typeof login === "function" ? await login() : login) || "";
    } catch {
      return "";
    }
  };
  const show = (open) => {
    if (isOpen === open) return;
    isOpen = open;
    if (open) load();
    draw();
    tell("open", { open, page: location.origin + location.pathname });
    if (!open) button.focus();
    fire(open ? "open" : "close");
  };
  // A link has led here: its one-time code, or the word that begins a journey, leaves the address bar at once.
  const arrive = () => {
    const [all = "", code] = /(?:^#|&)throughline=([0-9A-Z]{12,40})$/.exec(location.hash) || [];
    const [wish = "", journey] = /(?<=^\?|&)journey=([\w-]{1,40})(?:&|$)/.exec(location.search) || [];
    if (!code && !journey) return;
    const search = location.search.replace(wish, "").replace(/[?&]$/, "");
    history.replaceState(history.state, "", location.pathname + search + location.hash.replace(all, ""));
    show(true);
    tell(code ? "arrive" : "journey", { code, journey });
  };

  const from = {
    hello: async () => {
      const start = { token: kept("token"), outbox: kept("outbox"), jwt: await proof(), open: isOpen, page: location.origin + location.pathname };
      isReady = true;
      tell("start", start);
      waiting.splice(0).forEach((call) => tell(...call));
    },
    keep: ({ key, value }) => (key === "token" || key === "outbox") && keep(key, String(value || "")),
    login: async () => tell("login", { jwt: await proof() }),
    unread: ({ count }) => (draw(Number(count) || 0), fire("unread", Number(count) || 0)),
    close: () => show(false),
    event: ({ name, detail }) => fire(String(name), detail),
  };
  addEventListener("message", (event) => {
    const data = event.data;
    const isOurs = frame && event.source === frame.contentWindow && event.origin === base && data && data.throughline === 1;
    if (isOurs && Object.hasOwn(from, data.type)) from[data.type](data);
  });

  const api = {
    channel,
    open: () => show(true),
    close: () => show(false),
    toggle: () => show(!isOpen),
    identify: async (jwt) => ((login = jwt), isReady && tell("identify", { jwt: await proof() })),
    reset: () => ((login = null), keep("outbox", ""), keep("token", ""), frame && tell("reset")),
    setAttributes: (values) => tell("attributes", { values }),
    startJourney: (journey) => (show(true), tell("journey", { journey })),
    on: (event, listener) => listeners.set(event, [...(listeners.get(event) || []), listener]),
    push: ([method, ...rest]) => Object.hasOwn(api, method) && typeof api[method] === "function" && api[method](...rest),
  };
  window.Throughline = api;
  draw();
  document.documentElement.appendChild(host); // not the body: pages that swap it keep the widget
  if (Array.isArray(before)) before.forEach(api.push);
  if (kept("token")) load();
  addEventListener("hashchange", arrive);
  arrive();
})();
