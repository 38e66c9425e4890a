// Which list stands beside an open conversation? The one of its address, as it is now; the rest of the page stays.

import { fragment } from "./http.js";
import { chosen } from "./views.js";

export const rows = () => document.querySelector("[data-rows]");

/** The list that an address names; null when it is shown already. */
export function another({ search }) {
  const asked = new URLSearchParams(search);
  const view = asked.get("view") || "mine";
  for (const name of ["view", "at"]) asked.delete(name);
  const isShown = view === rows().dataset.view && `${asked}` === `${new URLSearchParams(rows().dataset.query)}`;
  return isShown ? null : { view, query: `${asked}` };
}

/** Loads a list anew, or another one. What is chosen, focused and scrolled to stays so, and so does what is open. */
export async function renew(list, { view, query } = rows().dataset, isWanted = () => true) {
  const before = rows();
  const nodes = await fragment(`${document.body.dataset.root}${view}/${query ? `?${query}` : ""}`, "list").catch(() => null);
  if (!nodes || rows() !== before || !isWanted()) return;
  const focused = list.place.contains(document.activeElement) ? document.activeElement : null;
  const picked = new Set([...list.place.querySelectorAll(".row-pick:checked")].map((box) => box.value));
  const scrolled = before.scrollTop;
  list.place.replaceChildren(nodes);
  for (const box of list.place.querySelectorAll(".row-pick")) box.checked = picked.has(box.value);
  list.renew();
  rows().scrollTop = scrolled;
  if (rows().dataset.view !== before.dataset.view) told(list);
  if (focused) (document.getElementById(focused.closest(".row")?.id)?.querySelector("a") || list.links[0] || list.place).focus();
}

/** The pane of the views and the field of the search say which list it is. */
export function told(list) {
  document.getElementById("search").value = list.filter.q || "";
  chosen(rows().dataset.view);
}
