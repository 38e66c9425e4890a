// How far is the import? Asks every second and a half while it works; when its state changes, the page is loaded anew.
const live = document.querySelector("[data-progress]");
const bar = live?.querySelector("progress");
const words = live?.querySelector("[data-words]");

async function look() {
  let found;
  try {
    const answer = await fetch(live.dataset.progress, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
    found = await answer.json();
  } catch {
    words.textContent = "No answer from the server; asking again.";
    setTimeout(look, 5000);
    return;
  }
  if (found.state !== live.dataset.state) {
    location.reload();
    return;
  }
  words.textContent = found.words;
  if (found.state !== "uploaded") bar.value = found.percent;
  setTimeout(look, 1500);
}

if (live) setTimeout(look, 1500);
