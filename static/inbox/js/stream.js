// Which events of the open conversation have we shown? Each once and in order; a gap is fetched.

import { json } from "./http.js";

export class Stream {
  constructor({ id, seq, url, apply, reload }) {
    Object.assign(this, { id, seq, url, apply, reload, isBehind: false, fetching: null });
  }

  get name() {
    return `conversation:${this.id}`;
  }

  take(envelope) {
    if (envelope.stream !== this.name || envelope.seq <= this.seq) return;
    // What is pushed is drawn once for everybody, in English.
    if (envelope.seq > this.seq + 1 || (envelope.html && document.documentElement.lang !== "en")) {
      this.catchUp();
      return;
    }
    this.seq = envelope.seq;
    this.apply(envelope);
  }

  /** Asks for what is missing; who asks while an answer is on its way has it with the next one. */
  catchUp() {
    this.isBehind = true;
    return (this.fetching ??= this.fetch().finally(() => (this.fetching = null)));
  }

  async fetch() {
    while (this.isBehind) {
      this.isBehind = false;
      try {
        const answer = await json(`${this.url}events?after=${this.seq}`);
        if (answer.reload) return void this.reload();
        for (const envelope of answer.envelopes) {
          if (envelope.seq <= this.seq) continue;
          this.seq = envelope.seq;
          this.apply(envelope);
        }
      } catch {
        // The next frame or reconnection asks again.
      }
    }
  }
}
