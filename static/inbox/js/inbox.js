// How does the inbox come alive? Starts each part and hands every frame of the socket to the one that knows it.

import * as banner from "./banner.js";
import * as bell from "./bell.js";
import { renew } from "./beside.js";
import * as bulk from "./bulk.js";
import * as dialogs from "./dialogs.js";
import * as idle from "./idle.js";
import * as keys from "./keys.js";
import * as lightbox from "./lightbox.js";
import { List } from "./list.js";
import { Live } from "./live.js";
import * as marks from "./marks.js";
import * as me from "./me.js";
import * as nextup from "./nextup.js";
import * as offers from "./offers.js";
import { Panes } from "./panes.js";
import * as person from "./person.js";
import * as presence from "./presence.js";
import * as reading from "./reading.js";
import * as sending from "./sending.js";
import "./promises.js";
import * as templates from "./templates.js";
import { Thread } from "./thread.js";
import { localise } from "./times.js";
import { say } from "./say.js";
import { toast } from "./toast.js";
import * as verbs from "./verbs.js";
import { ask, badgeFromPage, changed, moved } from "./views.js";

const { root } = document.body.dataset;
const address = new URL(`${root}socket`, location.href);
address.protocol = location.protocol === "https:" ? "wss:" : "ws:";

const live = new Live(address.href, `${root}heartbeat`);
const list = new List(document.getElementById("list"), live);
let thread = null;
const current = () => thread;
const reload = () => panes.follow(location.href, { push: false });
const panes = new Panes({ list, onThread: open, onLeave: leave });

function open(place) {
  person.forget();
  thread = new Thread(place, { live, reload });
  list.mark(thread.id);
}

// What was looked for is shown once: whoever loads the page anew reads the end.
function forgetPlace() {
  const address = new URL(location.href);
  address.searchParams.delete("at");
  panes.rename(address.href);
}

function leave() {
  thread?.leave();
  thread = null;
}

const frames = {
  row: (frame) => (bell.row(frame.html, frame.seen), list.take(frame.html, frame.seen), moved(frame.data)),
  seen: (frame) => (list.note(frame.data.id, frame.data.seq), ask()),
  gone: (frame) => (list.gone(frame.data.id), ask()),
  here: (frame) => presence.heard(frame.data, thread),
  visited: (frame) => marks.visited(frame.data),
  draft: (frame) => (marks.drafted(frame.data), frame.data.conversation === thread?.id && thread.composer.drafts.heard(frame.data)),
  marks: () => marks.ask(),
  views: () => changed(),
  beat: (frame) => idle.heard(frame.data),
  status: (frame) => me.status(frame.data),
  reminder: (frame) => bell.reminder(frame.data),
  offers: (frame) => offers.take(frame.html),
  told: (frame) => (toast(frame.data.words, { seconds: 12 }), bell.told(frame.data)),
  joined: (frame) => marks.joined(frame.data),
  mention: (frame) => marks.mentioned(frame.data, thread),
  person: (frame) => frame.data.conversation === thread?.id && person.look(),
  reload: (frame) => frame.data.conversation === thread?.id && reload(),
  revoked: (frame) => lose(frame.data.conversation),
  refused: (frame) => frame.data.code === "not_found" && lose(frame.data.conversation),
};

function lose(id) {
  if (id !== thread?.id) return;
  leave();
  toast(say("not_yours"));
  panes.empty();
}

live.addEventListener("frame", ({ detail }) => (frames[detail.type] || ((frame) => thread?.stream.take(frame)))(detail));
live.addEventListener("open", () => {
  banner.opened(live.wasLost);
  thread?.subscribe();
  thread?.composer.drafts.ask();
  list.tellShown();
  marks.ask();
  if (live.wasLost) catchUp();
});
live.addEventListener("closed", ({ detail: code }) => {
  live.wasLost = true;
  banner.closed(code === 4403);
});

// Rows have no cursor: after an outage the list and the numbers are asked anew.
async function catchUp() {
  thread?.stream.catchUp();
  offers.ask();
  person.look();
  ask();
  renew(list);
}

banner.listen({ live });
sending.listen({ live });
bell.listen({ open: (href) => panes.follow(href) });
idle.listen({ live });
me.listen({ live });
bulk.listen({ list });
keys.listen({ list, panes, thread: current });
verbs.listen({ thread: current });
dialogs.listen({ thread: current, lose: () => (leave(), panes.empty()) });
lightbox.listen();
templates.listen({ thread: current });
person.listen({ thread: current });
offers.listen({ follow: (href) => panes.follow(href) });
presence.listen({ live, thread: current });
reading.listen({ live, list, thread: current });
marks.listen();
nextup.listen({ panes, thread: current });
const opened = document.getElementById("conversation");
if (opened) (open(opened), forgetPlace());
localise(document.getElementById("side"));
badgeFromPage();
document.documentElement.dataset.ready = "yes";
live.connect();
