// How does the screen hear what happens? One socket that comes back by itself, with a heartbeat.

import { logIn, post } from "./http.js";
import * as idle from "./idle.js";

const HEARTBEAT = 25_000;
const SILENT_AFTER = 65_000; // no frame for so long: the line is dead, whatever the browser says
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
    setInterval(() => this.beat(), HEARTBEAT);
    document.addEventListener("visibilitychange", () => document.hidden || this.hurry());
    addEventListener("online", () => this.hurry());
  }

  connect() {
    clearTimeout(this.retry);
    this.socket = new WebSocket(this.url);
    this.socket.addEventListener("message", (event) => this.hear(JSON.parse(event.data)));
    this.socket.addEventListener("close", (event) => this.lost(event.code));
  }

  send(frame) {
    if (this.isReady) this.socket.send(JSON.stringify(frame));
  }

  hear(frame) {
    this.heardAt = Date.now();
    if (frame.type === "hello") {
      this.isReady = true;
      this.failures = 0;
      this.beat();
      this.dispatchEvent(new Event("open"));
    }
    this.dispatchEvent(new CustomEvent("frame", { detail: frame }));
  }

  beat() {
    if (this.isReady && Date.now() - this.heardAt > SILENT_AFTER) this.socket.close();
    else if (this.isReady) this.send({ type: "heartbeat", input: idle.taken() });
    else post(this.heartbeatUrl, idle.taken() ? { input: "1" } : {}).catch(() => {});
  }

  lost(code) {
    this.isReady = false;
    this.dispatchEvent(new CustomEvent("closed", { detail: code }));
    if (code === LOG_IN_AGAIN) return logIn();
    if (code === FORBIDDEN) return undefined;
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
