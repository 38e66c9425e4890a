// How does the screen hear what happens? One socket that comes back by itself, with a heartbeat.

import * as clock from "./clock.js";
import { logIn, post } from "./http.js";
import * as idle from "./idle.js";

const HEARTBEAT = 25; // seconds, until the server says otherwise
const BEATS = 2.6; // no frame for so many: the line is dead, whatever the browser says
const LONGEST_PAUSE = 20_000;
const LOG_IN_AGAIN = 4401;
const FORBIDDEN = 4403;

/** Dispatches "open", "closed" and "frame" (detail: the frame). */
export class Live extends EventTarget {
  constructor(url, heartbeatUrl) {
    super();
    this.url = url;
    this.heartbeatUrl = heartbeatUrl;
    this.failures = 0;
    this.isReady = false;
    this.pace(HEARTBEAT);
    document.addEventListener("visibilitychange", () => document.hidden || this.hurry());
    addEventListener("online", () => this.hurry());
    addEventListener("offline", () => this.drop());
  }

  pace(seconds) {
    if (seconds * 1000 === this.every) return;
    clearInterval(this.beating);
    this.every = seconds * 1000;
    this.beating = setInterval(() => this.beat(), this.every);
  }

  connect() {
    clearTimeout(this.retry);
    const socket = (this.socket = new WebSocket(this.url));
    socket.addEventListener("message", (event) => socket === this.socket && this.hear(JSON.parse(event.data)));
    socket.addEventListener("close", (event) => socket === this.socket && this.lost(event.code));
  }

  /** The machine has no network: the browser would notice the dead line much later. */
  drop() {
    const dead = this.socket;
    this.socket = null;
    dead?.close();
    if (this.isReady) this.lost(0);
  }

  send(frame) {
    if (this.isReady) this.socket.send(JSON.stringify(frame));
  }

  hear(frame) {
    this.heardAt = Date.now();
    clock.heard(frame.data?.now);
    if (frame.type === "hello") {
      this.isReady = true;
      this.failures = 0;
      this.pace(frame.data.heartbeat);
      this.beat();
      this.dispatchEvent(new Event("open"));
    }
    this.dispatchEvent(new CustomEvent("frame", { detail: frame }));
  }

  beat() {
    if (this.isReady && Date.now() - this.heardAt > BEATS * this.every) this.socket.close();
    else if (this.isReady) this.send({ type: "heartbeat", input: idle.taken() });
    else post(this.heartbeatUrl, idle.taken() ? { input: "1" } : {}).catch(() => {});
  }

  lost(code) {
    this.isReady = false;
    this.dispatchEvent(new CustomEvent("closed", { detail: code }));
    if (code === LOG_IN_AGAIN) return logIn();
    if (code === FORBIDDEN) return location.replace(document.body.dataset.root); // nothing that was seen stays on the screen
    // Full jitter: after a restart of the server all screens must not come back in the same moment.
    const longest = Math.min(LONGEST_PAUSE, 500 * 2 ** this.failures++);
    this.retry = setTimeout(() => this.connect(), 200 + Math.random() * longest);
    return undefined;
  }

  hurry() {
    if (this.isReady || this.socket?.readyState === WebSocket.CONNECTING) return;
    this.connect();
  }
}
