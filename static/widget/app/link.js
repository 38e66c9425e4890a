// How do frames travel? Over a socket that comes back by itself; over HTTP while there is none.
const WAITS = [500, 1000, 2000, 5000, 10_000, 20_000];
const POLL = 3000;
const ALIVE = 25_000;
const AUTH = 4401;

export class Link {
  // `hooks`: token(), cursors(), onFrame(frame), onState(state), onAuth()
  constructor(base, hooks) {
    Object.assign(this, { base, hooks, tries: 0, isReady: false, isStopped: false, socket: null, timers: new Set() });
    addEventListener("online", () => this.connect());
    addEventListener("offline", () => hooks.onState("offline"));
  }

  connect() {
    this.clear();
    this.isStopped = false;
    this.drop();
    const socket = new WebSocket(`${this.base.replace(/^http/, "ws")}/socket`);
    this.socket = socket;
    socket.onopen = () => socket.send(this.hello());
    socket.onmessage = (event) => socket === this.socket && this.heard(JSON.parse(event.data));
    socket.onclose = (event) => socket === this.socket && this.closed(event.code);
  }

  stop() {
    this.isStopped = true;
    this.clear();
    this.drop();
  }

  send(frame) {
    if (this.isReady) this.socket.send(JSON.stringify(frame));
    return this.isReady;
  }

  hello() {
    return JSON.stringify({ type: "hello", token: this.hooks.token(), after: this.hooks.cursors() });
  }

  heard(frame) {
    if (frame.type === "ready") {
      this.isReady = true;
      this.tries = 0;
      this.later(ALIVE, () => this.beat());
      this.hooks.onState("online");
    }
    this.answered = true;
    this.hooks.onFrame(frame);
  }

  // A network that swallows everything looks alive to the browser.
  beat() {
    if (!this.answered) return this.connect();
    this.answered = false;
    this.send({ type: "ping" });
    this.later(ALIVE, () => this.beat());
  }

  closed(code) {
    this.isReady = false;
    this.clear();
    if (this.isStopped) return;
    if (code === AUTH) return this.hooks.onAuth();
    this.hooks.onState(navigator.onLine ? "lost" : "offline");
    const wait = WAITS[Math.min(this.tries++, WAITS.length - 1)];
    this.later(wait * (0.7 + Math.random() * 0.6), () => this.connect());
    if (this.tries > 2) this.later(POLL, () => this.poll());
  }

  // Without a socket: ask for what came, and hand in what waits.
  async poll() {
    try {
      for (const [stream, after] of Object.entries(this.hooks.cursors())) {
        const found = await this.http("GET", `events?stream=${stream}&after=${after}`);
        found.events.forEach((event) => this.hooks.onFrame(event));
      }
      this.hooks.onState("polling");
      this.later(POLL, () => this.poll());
    } catch (error) {
      if (error.status === 401) this.hooks.onAuth();
    }
  }

  // `keepalive`: it is sent although the page is being left.
  async http(method, path, body, keepalive = false) {
    const headers = { Authorization: `Bearer ${this.hooks.token()}`, "Content-Type": "application/json" };
    const response = await fetch(`${this.base}/${path}`, { method, headers, keepalive, body: body && JSON.stringify(body) });
    const data = await response.json();
    if (response.ok) return data;
    throw Object.assign(new Error(data.code), { status: response.status, ...data });
  }

  // The body is the file itself; its name goes along in a header.
  async upload(file) {
    const headers = {
      Authorization: `Bearer ${this.hooks.token()}`,
      "Content-Type": file.type || "application/octet-stream",
      "X-File-Name": encodeURIComponent(file.name),
    };
    const response = await fetch(`${this.base}/files`, { method: "POST", headers, body: file });
    const data = await response.json();
    if (response.ok) return data;
    throw Object.assign(new Error(data.code), { status: response.status, ...data });
  }

  later(wait, work) {
    const timer = setTimeout(() => (this.timers.delete(timer), work()), wait);
    this.timers.add(timer);
  }

  clear() {
    this.timers.forEach(clearTimeout);
    this.timers.clear();
  }

  drop() {
    this.isReady = false;
    const old = this.socket;
    this.socket = null;
    if (old && old.readyState < 2) old.close();
  }
}
