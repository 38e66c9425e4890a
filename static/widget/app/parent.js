// How does the frame talk to the page around it? Only to its parent, only to a listed origin, in fixed words.
const listed = new Set(document.documentElement.dataset.parents.split(" "));
let origin = "";

export function listen(handlers) {
  addEventListener("message", (event) => {
    const data = event.data;
    if (event.source !== window.parent || !listed.has(event.origin) || !data || data.throughline !== 1) return;
    if (origin && event.origin !== origin) return;
    origin = event.origin;
    if (Object.hasOwn(handlers, data.type)) handlers[data.type](data);
  });
  // Where the browser does not say who frames us, each listed origin is greeted: only the right one is delivered to.
  const framer = location.ancestorOrigins?.[0] ?? (document.referrer && new URL(document.referrer).origin);
  const greeted = listed.has(framer) ? [framer] : listed;
  for (const one of greeted) window.parent.postMessage({ throughline: 1, type: "hello" }, one);
}

export function tell(type, data) {
  if (origin) window.parent.postMessage({ throughline: 1, type, ...data }, origin);
}
