// When was that, in words?
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

export const clockTime = (at) => new Date(at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });

export const dayOf = (at) => new Date(at).toDateString();

export function dayWords(at, now = Date.now()) {
  const days = Math.round((new Date(now).setHours(0, 0, 0, 0) - new Date(at).setHours(0, 0, 0, 0)) / DAY);
  if (days < 2) return days < 1 ? "Today" : "Yesterday";
  const year = new Date(at).getFullYear() === new Date(now).getFullYear() ? undefined : "numeric";
  return new Date(at).toLocaleDateString([], { weekday: "long", day: "numeric", month: "long", year });
}

export function ago(at, now = Date.now()) {
  const passed = now - new Date(at);
  if (passed < MINUTE) return "a moment ago";
  if (passed < 60 * MINUTE) return relative.format(-Math.round(passed / MINUTE), "minute");
  if (passed < DAY) return relative.format(-Math.round(passed / (60 * MINUTE)), "hour");
  return relative.format(-Math.round(passed / DAY), "day");
}
