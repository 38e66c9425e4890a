// How do phone, controls and inspector hang together?

import { Composer } from "sandbox/composer";
import { showClock, wireControls } from "sandbox/controls";
import { $, post } from "sandbox/dom";
import { Feed } from "sandbox/feed";
import { showExchanges, wireInspector } from "sandbox/inspector";
import { Phone } from "sandbox/phone";
import { wireTabs } from "sandbox/tabs";

function start() {
  const first = JSON.parse($("feed").textContent);
  const person = () => $("person").value;
  const phone = new Phone(
    (message, option, title) => composer.tap(message, option, title),
    () => post("/sandbox/look", { person: person() }).catch(() => {}),
  );
  const show = (news) => {
    if (news.messages) phone.show(news);
    showExchanges(news.exchanges);
    showClock(news.shift_seconds);
  };
  const feed = new Feed(person(), first.cursor, show);
  const composer = new Composer(phone, feed, person);
  $("person").addEventListener("change", () => {
    $("person-about").textContent = $("person").selectedOptions[0].dataset.about;
    phone.clear();
    feed.become(person());
  });
  if (person() === first.person) show(first);
  else showExchanges(first.exchanges);
  wireControls(feed);
  wireInspector();
  wireTabs();
}

if (document.getElementById("feed")) start();
