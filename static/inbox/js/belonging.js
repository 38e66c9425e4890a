// Does a row stand in a list? The same rules as the server's, on what the row says of itself.

const STATES = { "": (state) => state !== "closed", any: () => true };
const OWNERS = {
  "": () => true,
  me: (owner) => owner === document.body.dataset.me,
  nobody: (owner) => owner.startsWith("queue:"),
  colleagues: (owner) => owner.startsWith("agent:") && owner !== document.body.dataset.me,
  bot: (owner) => owner === "bot",
  external: (owner) => owner === "external",
};

/** Yes, no, or undefined where only the server can tell (a search, a mention). */
export function belongs(row, filter) {
  const { state = "", owner = "", queue, channel, tag, waiting, unread, sla, mode } = filter;
  const isIn = STATES[state] || ((its) => its === state);
  const holds =
    isIn(row.state) &&
    OWNERS[owner](row.owner) &&
    (!queue || (owner === "nobody" ? row.owner === `queue:${queue}` : row.queue === queue)) &&
    (!channel || row.kinds.split(" ").includes(channel)) &&
    (!tag || row.tags.split(" ").includes(tag)) &&
    (!waiting || (row.owner !== "bot" && (row.waiting === "yes") === (waiting === "us"))) &&
    (!unread || isUnread(row)) &&
    (!sla || row.sla === sla) &&
    (!mode || row.mode === mode);
  return holds && (filter.q || filter.mentions) ? undefined : holds;
}

/** In people's hands, and the customer has written since the agent looked. */
export function isUnread(row) {
  return row.owner !== "bot" && Number(row.heard) > Number(row.seen || 0);
}
