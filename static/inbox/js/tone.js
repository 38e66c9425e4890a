// How does the desk sound? Two short notes made by the browser itself: higher for what cannot wait.

const NOTES = { message: [587, 784], mention: [587, 784], offer: [784, 1047], near: [784, 659], late: [784, 659], reminder: [784, 659], returned: [784, 659] };
const LENGTH = 0.14; // seconds of a note
const LOUD = 0.12;
let sound = null;

// A browser lets a page sound only after somebody has used it.
for (const event of ["pointerdown", "keydown"]) addEventListener(event, ready, { passive: true });

function ready() {
  sound ||= new AudioContext();
  if (sound.state === "suspended") sound.resume().catch(() => {});
}

export function tone(kind) {
  if (sound?.state !== "running") return;
  NOTES[kind].forEach((pitch, at) => note(pitch, sound.currentTime + at * LENGTH));
}

function note(pitch, from) {
  const [source, volume] = [sound.createOscillator(), sound.createGain()];
  source.type = "sine";
  source.frequency.value = pitch;
  volume.gain.setValueAtTime(0, from);
  volume.gain.linearRampToValueAtTime(LOUD, from + 0.01);
  volume.gain.exponentialRampToValueAtTime(0.0001, from + LENGTH * 2);
  source.connect(volume).connect(sound.destination);
  source.start(from);
  source.stop(from + LENGTH * 2);
}
