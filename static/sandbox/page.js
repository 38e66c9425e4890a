// How do phones, controls and inspector hang together?

import { leadsTo } from "sandbox/addresses";
import { Composer } from "sandbox/composer";
import { fillControls, showClock, wireControls } from "sandbox/controls";
import { $, post } from "sandbox/dom";
import { Extras } from "sandbox/extras";
import { Feed } from "sandbox/feed";
import { Frames } from "sandbox/frames";
import { showExchanges, wireInspector } from "sandbox/inspector";
import { wireJobs } from "sandbox/jobs";
import { Phone } from "sandbox/phone";
import { wireSheet } from "sandbox/sheet";
import { Story } from "sandbox/story";
import { wireTabs } from "sandbox/tabs";

function start() {
  const first = JSON.parse($("feed").textContent);
  const frames = new Frames(JSON.parse($("frames").textContent), first.channel, turn);
  const where = () => ({ person: frames.person(), channel: frames.current.key });
  let isFresh = true;
  const phone = new Phone(frames, {
    onTap: (message, option, title) => composer.tap(message, option, title),
    onSeen: () => post("/sandbox/look", where()).catch(() => {}),
    onMenu: (message) => extras.openMenu(message),
    onAsk: (what) => extras.ask(what),
    hasMenu: (message) => extras.hasMenu(message),
    hrefOf: (address) => leadsTo(address, [...frames.frames.values()], frames.person()),
  });
  const feed = new Feed(where, first.cursor, show);
  const composer = new Composer(phone, feed, frames);
  const extras = new Extras(frames, composer);

  function show(news) {
    if (news.messages) {
      if (isFresh) fillControls(frames.current, news.controls);
      isFresh = false;
      phone.show(news);
    }
    showExchanges(news.exchanges);
    showClock(news.shift_seconds);
  }

  function turn() {
    isFresh = true;
    phone.clear();
    composer.dress();
    feed.look();
  }

  wireSheet();
  wireControls(feed, () => frames.current.key);
  wireJobs();
  wireInspector();
  wireTabs();
  new Story(frames, feed);
  frames.show();
  composer.dress();
  if (frames.person() === first.person) show(first);
  else showExchanges(first.exchanges);
  follow(extras);
  prepare(composer);
  begin(composer);
}

// An author tries out a draft: the words that begin it are said at once, and only once.
function begin(composer) {
  const asked = new URLSearchParams(location.search);
  const words = asked.get("start");
  if (!words) return;
  asked.delete("start");
  history.replaceState(null, "", `?${asked}`);
  composer.write(words);
}

// A link to this channel with a code in it: the person has to follow it, as in the real app.
function follow(extras) {
  const asked = new URLSearchParams(location.search);
  const code = asked.get("open");
  if (!code) return;
  asked.delete("open");
  history.replaceState(null, "", `?${asked}`);
  extras.openMore(code);
}

// A link with words in it (sms:, mailto:): they stand in the field, the person sends them.
function prepare(composer) {
  const asked = new URLSearchParams(location.search);
  if (!asked.has("write")) return;
  composer.field().value = asked.get("write");
  $("subject").value = asked.get("subject") || "";
  for (const name of ["write", "subject"]) asked.delete(name);
  history.replaceState(null, "", `?${asked}`);
}

if (document.getElementById("feed")) start();
