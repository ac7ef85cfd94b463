// Arrow keys go through the rows of a list: <div data-steps> with [data-step] inside. Home and End
// go to its ends; Enter opens the row, as on every link. Without this script Tab does the same.
(() => {
  "use strict";

  const KEYS = { ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity };

  document.addEventListener("keydown", (event) => {
    const step = KEYS[event.key];
    if (!step || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
    if (event.target.matches("input, select, textarea")) return;
    const list = document.querySelector("[data-steps]");
    if (!list) return;
    const rows = [...list.querySelectorAll("[data-step]")].filter((row) => row.offsetParent !== null);
    if (!rows.length) return;
    const here = rows.indexOf(document.activeElement);
    if (here < 0 && Math.abs(step) > 1) return;
    const next = here < 0 ? 0 : Math.min(Math.max(here + step, 0), rows.length - 1);
    event.preventDefault();
    rows[next].focus();
  });
})();
