// When is there something new? A socket says "look"; without it we look every second, and faster after we wrote.

const SLOW = 1000;
const FAST = 200;
const FAST_FOR = 4000;
const RECONNECT = 3000;

export class Feed {
  // where() says whose phone is in hand: {person, channel}.
  constructor(where, cursor, onNews) {
    this.where = where;
    this.cursor = cursor;
    this.onNews = onNews;
    this.busy = null;
    this.again = false;
    this.fastUntil = 0;
    this.connected = false;
    this.connect();
    this.tick();
    document.addEventListener("visibilitychange", () => document.hidden || this.look());
  }

  hurry() {
    this.fastUntil = Date.now() + FAST_FOR;
    return this.look();
  }

  look() {
    if (this.busy) {
      this.again = true;
      return this.busy;
    }
    this.busy = this.fetch().finally(() => {
      this.busy = null;
      if (this.again) {
        this.again = false;
        this.look();
      }
    });
    return this.busy;
  }

  async fetch() {
    const asked = new URLSearchParams({ ...this.where(), after: this.cursor });
    try {
      const answer = await fetch(`/sandbox/feed?${asked}`);
      if (!answer.ok) return;
      const news = await answer.json();
      this.cursor = Math.max(this.cursor, news.cursor);
      const { person, channel } = this.where();
      const isWanted = news.person === person && news.channel === channel;
      this.onNews(isWanted ? news : { ...news, messages: null });
    } catch {
      // The server restarts; the next look tells.
    }
  }

  tick() {
    const isFast = Date.now() < this.fastUntil;
    const wait = isFast && !this.connected ? FAST : this.connected ? 5 * SLOW : SLOW;
    setTimeout(() => {
      if (!document.hidden) this.look();
      this.tick();
    }, wait);
  }

  connect() {
    const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/sandbox/live`);
    socket.addEventListener("open", () => {
      this.connected = true;
      this.look();
    });
    socket.addEventListener("message", () => this.look());
    socket.addEventListener("close", () => {
      this.connected = false;
      setTimeout(() => this.connect(), RECONNECT);
    });
  }
}
