// In how many parts will these words travel? Shown while an SMS is written, for each part is paid for.

import { say } from "./say.js";

const BASIC = new Set(
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿" +
    "abcdefghijklmnopqrstuvwxyzäöñüà",
);
const ESCAPED = new Set("\f^{}\\[~]|€");
const SIZES = { "GSM-7": [160, 153], "UCS-2": [70, 67] };

/** The alphabet, the parts, and how much more fits before another one begins. */
export function count(text) {
  const signs = [...text];
  const encoding = signs.every((sign) => BASIC.has(sign) || ESCAPED.has(sign)) ? "GSM-7" : "UCS-2";
  const widths = signs.map((sign) => (encoding === "UCS-2" ? sign.length : ESCAPED.has(sign) ? 2 : 1));
  const units = widths.reduce((sum, width) => sum + width, 0);
  const [single, each] = SIZES[encoding];
  if (units <= single) return { encoding, count: 1, left: single - units };
  let [parts, used] = [1, 0];
  // A sign of two units is never cut in two.
  for (const width of widths) [parts, used] = used + width > each ? [parts + 1, width] : [parts, used + width];
  return { encoding, count: parts, left: each - used };
}

/** Keeps the figure below the words up to date while a channel of SMS is picked. */
export function listen(form) {
  const [shown, words] = [form.querySelector("[data-segments]"), form.querySelector("textarea")];
  const renew = () => {
    const picked = form.querySelector("input[name=session]:checked");
    shown.hidden = form.dataset.mode !== "reply" || picked?.dataset.kind !== "sms" || !words.value;
    const found = count(words.value);
    shown.textContent = say("sms", found);
  };
  for (const event of ["input", "change", "click", "keyup", "submit"])
    form.addEventListener(event, () => requestAnimationFrame(renew));
}
