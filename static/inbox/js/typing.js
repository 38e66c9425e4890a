// Where does the agent type? Told to those who look at that conversation, and to the customer at that endpoint.

const EVERY = 4000;

export class Typing {
  constructor(thread) {
    Object.assign(this, { thread, toldAt: 0 });
  }

  to(session) {
    if (!session || Date.now() - this.toldAt < EVERY) return;
    this.toldAt = Date.now();
    this.thread.live.send({ type: "typing", conversation: this.thread.id, session });
  }

  /** Sent, or to another endpoint from now on. */
  ends() {
    if (this.toldAt) this.thread.live.send({ type: "still", conversation: this.thread.id });
    this.toldAt = 0;
  }
}
