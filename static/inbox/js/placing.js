// Where does a row stand in its list? By the place in the queue, by what moved last, or where a search has put it.

const ROWS_MAX = 300; // more are a "Load more" away: a list of ten thousand stays quick

/** Below the last row that was loaded, where more follow: it will come with them. */
export function isBeyond(list, row) {
  return Boolean(more(list)) && list.all.length > 0 && !ahead(list, row);
}

export function insert(list, row, present) {
  if (list.filter.q) return void present?.replaceWith(row); // a search keeps its order
  present?.remove();
  list.rows.insertBefore(row, ahead(list, row) || more(list));
}

/** Takes away what is too many, but nothing that is open or has the focus. */
export function trim(list) {
  const spare = list.all.slice(ROWS_MAX).filter((row) => row.dataset.id !== list.openId && !row.contains(document.activeElement));
  if (more(list)) for (const row of spare) row.remove();
}

function more(list) {
  return list.rows.querySelector("[data-more]");
}

function ahead(list, row) {
  const { owner, state } = list.filter;
  const [field, sign] = owner === "nobody" ? ["queued", 1] : state === "closed" ? ["closed", -1] : ["at", -1];
  return list.all.find((other) => other !== row && sign * (Number(other.dataset[field]) - Number(row.dataset[field])) > 0);
}
