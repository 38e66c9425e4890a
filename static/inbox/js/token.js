// Which token does the server take from this page? One of this login; that of another agent is not for us.

import { say } from "./say.js";

/** Takes the token of now, for the page's forms too; if another agent is logged in by now, it stays and gives that in words. */
export function renew({ csrf, me, name }) {
  if (me !== document.body.dataset.me) return tell(say("other_login", { name }));
  document.body.dataset.csrf = csrf;
  for (const field of document.querySelectorAll("[name=csrfmiddlewaretoken]")) field.value = csrf;
  document.getElementById("other-login")?.remove();
  return "";
}

function tell(words) {
  document.getElementById("other-login")?.remove();
  const banner = Object.assign(document.createElement("div"), { id: "other-login", className: "banner", textContent: `${words} ` });
  banner.dataset.tone = "bad";
  banner.setAttribute("role", "alert");
  const button = Object.assign(document.createElement("button"), { type: "button", className: "button", textContent: say("load_again") });
  button.addEventListener("click", () => location.assign(document.body.dataset.root)); // what is open here may not be theirs to see
  banner.append(button);
  document.querySelector(".lines, .board").append(banner);
  return words;
}
