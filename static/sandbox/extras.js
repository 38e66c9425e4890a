// What else can this person do here than write? As far as the channel has it: files, places, reactions, edits.

import { $ } from "sandbox/dom";
import { asUpload, recording } from "sandbox/media";
import { openSheet } from "sandbox/sheet";

const SQUARE = { act: "location", latitude: 55.6059, longitude: 13.0007, title: "Stortorget, Malmö" };
const EMOJIS = ["👍", "❤️", "😂", "😮"];

export class Extras {
  constructor(frames, composer) {
    this.frames = frames;
    this.composer = composer;
    $("more").addEventListener("click", () => this.openMore());
    $("file").addEventListener("change", () => this.sendFile());
  }

  openMore(code = "") {
    const { can, say } = this.bound();
    const rows = [
      can("file") && { title: "Photo or file", act: () => $("file").click() },
      can("voice") && { title: "Voice message", description: "a short recording", act: () => this.sendVoice() },
      can("location") && { title: "Location", description: SQUARE.title, act: () => say(SQUARE, SQUARE.title) },
      can("contact") && { title: "My contact card", act: () => say({ act: "contact" }, "contact card") },
      ...Object.entries(this.frames.current.actions).map(([option, title]) => ({
        title,
        act: () => say({ act: "action", option }, ""),
      })),
    ];
    const follow = (code) => say({ act: "open", text: code }, "");
    openSheet(`On ${this.frames.current.title}`, rows.filter(Boolean), can("open") ? follow : null, code);
  }

  ask(what) {
    const { say } = this.bound();
    return what === "location" ? say(SQUARE, SQUARE.title) : say({ act: "contact" }, "contact card");
  }

  hasMenu(message) {
    return this.rows(message).length > 0;
  }

  openMenu(message) {
    openSheet("This message", this.rows(message));
  }

  rows(message) {
    const { can, say } = this.bound();
    const about = { message: message.id };
    const react = (emoji) => ({ title: `React with ${emoji}`, act: () => say({ act: "reaction", emoji, ...about }, "") });
    const rows = [];
    if (can("reaction")) rows.push(...EMOJIS.map(react));
    if (can("reaction") && message.reactions.length) {
      rows.push({ title: "Take the reaction away", act: () => say({ act: "reaction", emoji: "", ...about }, "") });
    }
    if (can("reply")) rows.push({ title: "Answer it", act: () => this.composer.begin("text", message) });
    if (message.mine && can("edit")) rows.push({ title: "Edit", act: () => this.composer.begin("edit", message) });
    if (message.mine && can("removal")) rows.push({ title: "Delete", act: () => say({ act: "removal", ...about }, "") });
    return rows;
  }

  async sendFile() {
    const file = $("file").files[0];
    $("file").value = "";
    if (!file) return;
    const caption = this.composer.take();
    await this.composer.say({ act: "file", text: caption, file: await asUpload(file, file.name) }, file.name);
  }

  async sendVoice() {
    const file = await asUpload(recording(), "voice.wav");
    await this.composer.say({ act: "voice", file }, "voice message");
  }

  bound() {
    return {
      can: (ability) => this.frames.can(ability),
      say: (words, shown) => this.composer.say(words, shown),
    };
  }
}
