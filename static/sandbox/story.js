// The demo that plays itself: one request per line, the phones follow, what was said stands in the list.

import { $, el } from "sandbox/dom";

const TRIES = 4; // a line waits eight seconds for what it needs, so often
const READING = 900; // ms between two lines, to read along; `?pace=0` plays at once
const END =
  "The end: one customer, one timeline. Look at it in the inbox. " +
  "The sandbox’s clock now stands nine days ahead; “Right time again” in the controls puts it back.";
const SPOKEN = {
  says: "writes", taps: "taps", yes: "says yes to the link", gets: "is answered", leads: "asks for a link",
  follows: "follows the link", returns: "comes back", wait: "time passes", reports: "reports",
};

export class Story {
  constructor(frames, feed) {
    this.frames = frames;
    this.feed = feed;
    this.scenes = null;
    this.kept = null;
    this.next = 0;
    this.isPlaying = false;
    this.pace = Number(new URLSearchParams(location.search).get("pace") ?? READING);
    $("story-play").addEventListener("click", () => (this.isPlaying ? this.pause() : this.play()));
    $("story-step").addEventListener("click", () => this.isPlaying || this.step());
    $("story-again").addEventListener("click", () => this.begin());
    $("story-open").addEventListener("click", () => {
      $("tab-story").click();
      if (!this.isPlaying) this.play();
    });
  }

  async begin() {
    this.pause();
    const { scenes, titles } = await (await fetch("/sandbox/story")).json();
    this.scenes = scenes;
    this.titles = titles;
    this.lines = scenes.flatMap((scene) => scene.lines);
    this.next = 0;
    this.kept = null;
    $("story-scenes").replaceChildren(...scenes.map((scene) => this.drawn(scene)));
    $("story-again").hidden = true;
    this.tell("");
  }

  async play() {
    this.isPlaying = true;
    this.dress();
    if (!this.scenes || this.isOver()) await this.begin();
    this.isPlaying = true;
    this.dress();
    while (this.isPlaying && this.next < this.lines.length && (await this.step())) {
      await new Promise((done) => setTimeout(done, this.pace));
    }
    this.pause();
  }

  pause() {
    this.isPlaying = false;
    this.dress();
  }

  isOver() {
    return Boolean(this.scenes) && this.next >= this.lines.length;
  }

  dress() {
    $("story-play").textContent = this.isPlaying ? "Pause" : this.isOver() ? "Play again" : this.next ? "Go on" : "Play";
    $("story-step").disabled = this.isPlaying || this.isOver();
  }

  async step() {
    if (!this.scenes) await this.begin();
    const line = this.lines[this.next];
    if (!line) return false;
    this.turnTo(line);
    this.tell(this.where(line));
    const row = $(`story-line-${line.number}`);
    row.dataset.state = "now";
    const list = $("story-scenes");
    list.scrollTop = row.offsetTop - list.clientHeight / 2;
    const done = await this.done(line);
    row.dataset.state = done ? "done" : "failed";
    if (!done) return false;
    row.querySelector(".story-words").textContent = done.shown;
    this.kept = done.story;
    this.meet(done.hero);
    this.next += 1;
    $("story-again").hidden = false;
    this.feed.hurry();
    if (this.isOver()) this.tell(END);
    this.isPlaying &&= !this.isOver(); // there is nothing left to pause
    this.dress();
    return true;
  }

  // Asks again while what the line needs has not come; says what is missing in the end.
  async done(line) {
    for (let tried = 0; tried < TRIES; tried += 1) {
      const answer = await fetch("/sandbox/story/play", {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-CSRFToken": document.body.dataset.csrf },
        body: JSON.stringify({ line: line.number, story: this.kept }),
      });
      const told = await answer.json().catch(() => ({}));
      if (answer.ok) return told;
      this.kept = told.story ?? this.kept;
      this.tell(told.detail || `The server answered ${answer.status}.`);
      if (answer.status !== 409) return null;
    }
    return null;
  }

  // The phone on the left follows the story.
  turnTo({ place }) {
    const { frame } = this.titles[place] ?? {};
    if (frame && this.kept && frame !== this.frames.current.key) this.frames.choose(frame);
  }

  // What happens in the shop's chat is on no phone of this page.
  where({ place, verb }) {
    return this.titles[place]?.frame === "" ? `In the shop’s chat: Lea ${SPOKEN[verb]}.` : "";
  }

  // Lea is new to this page: the phones learn who she is.
  meet({ key, name, addresses }) {
    if (this.frames.person() === key) return;
    for (const frame of this.frames.frames.values()) frame.people[key] = addresses[frame.key];
    const known = [...$("person").options].find((option) => option.value === key);
    if (!known) $("person").append(el("option", { value: key, "data-about": "The customer of the story." }, name));
    $("person").value = key;
    this.frames.turn();
  }

  drawn(scene) {
    const rows = scene.lines.map(({ number, place, verb, words }) => {
      const title = this.titles[place]?.title ?? "The shop";
      const who = el("span", { class: "story-who" }, `${title}: ${SPOKEN[verb]}`);
      const id = `story-line-${number}`;
      return el("li", { id, "data-verb": verb }, who, " ", el("span", { class: "story-words", dir: "auto" }, words));
    });
    const about = el("p", { class: "controls-note" }, scene.about);
    return el("li", { class: "story-scene" }, el("h3", {}, scene.title), about, el("ol", {}, ...rows));
  }

  tell(words) {
    $("story-said").textContent = words;
  }
}
