// Which pane is shown? Arrow keys move between the tabs; a frame loads when its tab is first opened.

export function wireTabs() {
  const tabs = [...document.querySelectorAll('[role="tab"]')];
  for (const [place, tab] of tabs.entries()) {
    tab.addEventListener("click", () => open(tabs, tab));
    tab.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      const next = tabs[(place + step + tabs.length) % tabs.length];
      open(tabs, next);
      next.focus();
    });
  }
}

function open(tabs, chosen) {
  for (const tab of tabs) {
    const isChosen = tab === chosen;
    const pane = document.getElementById(tab.getAttribute("aria-controls"));
    tab.setAttribute("aria-selected", String(isChosen));
    tab.tabIndex = isChosen ? 0 : -1;
    pane.hidden = !isChosen;
    const frame = isChosen && pane.querySelector("iframe[data-src]");
    if (frame && !frame.src) frame.src = frame.dataset.src;
  }
}
