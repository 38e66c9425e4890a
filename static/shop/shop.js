// What a site writes to embed the chat: who is logged in, and what opens it.
const user = document.currentScript.dataset.user;
window.Throughline = window.Throughline || [];

async function login() {
  const response = await fetch("/demo/shop/token", { cache: "no-store" });
  return (await response.json()).jwt;
}

// A draft is tried out by somebody new, whoever was here before.
if (new URLSearchParams(location.search).get("journey")?.startsWith("try-")) window.Throughline.push(["reset"]);
if (user) window.Throughline.push(["identify", login]);

document.addEventListener("click", (event) => {
  if (event.target.closest(".ask")) window.Throughline.push(["open"]);
  const journey = event.target.closest("[data-journey]")?.dataset.journey;
  if (journey) window.Throughline.push(["startJourney", journey]);
});

// Logging in or out at the site is a new person at this browser: the chat forgets the one before.
document.addEventListener("submit", () => {
  if (user) window.Throughline.push(["reset"]);
});
