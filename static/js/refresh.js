// Keeps one part of a page fresh: <div data-refresh-url="…" data-seconds="10">. The server answers
// an HTML fragment with an ETag, and 304 while nothing has changed. Nothing is replaced while the
// person is working in it or has typed something there, nothing is asked while the page is hidden.
// A mouse that only lies there, or a row that was stepped to, holds it up no longer than IDLE; the
// row keeps the focus, and what was unfolded stays open. Without this script the page's own
// refresh link does the same.
(() => {
  "use strict";

  const IDLE = 10000;
  let touched = 0;
  for (const kind of ["pointermove", "pointerdown", "keydown"]) {
    document.addEventListener(kind, () => (touched = Date.now()), { passive: true, capture: true });
  }

  const isTyped = (field) =>
    field.matches("[type=radio], [type=checkbox]")
      ? field.checked !== field.defaultChecked
      : field.type !== "hidden" && field.value !== field.defaultValue;

  const isInHand = (part) => {
    const focused = part.contains(document.activeElement);
    if (focused && !document.activeElement.matches("a, summary")) return true;
    if ([...part.querySelectorAll("input, textarea")].some(isTyped)) return true;
    const isOver = part.querySelector("a, button") !== null && part.matches(":hover");
    return (focused || isOver) && Date.now() - touched < IDLE;
  };

  const replace = (part, html) => {
    if (part.innerHTML.trim() === html.trim()) return;
    const focused = part.contains(document.activeElement) ? document.activeElement : null;
    const open = [...part.querySelectorAll("details[id][open]")].map((fold) => fold.id);
    part.innerHTML = html;
    part.querySelectorAll("details[id]").forEach((fold) => (fold.open = open.includes(fold.id)));
    const again =
      focused &&
      [...part.querySelectorAll("a, summary")].find((place) =>
        focused.matches("a")
          ? place.getAttribute("href") === focused.getAttribute("href")
          : focused.parentNode.id && place.parentNode.id === focused.parentNode.id,
      );
    if (again) again.focus({ preventScroll: true });
  };

  const keepFresh = (part) => {
    const wait = Math.max(Number(part.dataset.seconds) || 10, 2) * 1000;
    let etag = part.dataset.etag || "";

    const ask = async () => {
      const response = await fetch(part.dataset.refreshUrl, {
        credentials: "same-origin",
        headers: etag ? { "If-None-Match": etag } : {},
      });
      if (response.redirected || response.status === 401 || response.status === 403) return false;
      // The mark in front of it may be a new one although nothing to be seen has changed.
      if (response.status === 304) etag = response.headers.get("ETag") || etag;
      if (response.status === 200 && !isInHand(part)) {
        const html = await response.text();
        if (isInHand(part)) return true;
        etag = response.headers.get("ETag") || "";
        replace(part, html);
      }
      return true;
    };

    const tick = async () => {
      let again = true;
      if (!document.hidden) {
        // A lost connection is no event of its own: the next round asks again.
        again = await ask().catch(() => true);
      }
      if (again) setTimeout(tick, wait);
    };
    setTimeout(tick, wait);
  };

  document.querySelectorAll("[data-refresh-url]").forEach(keepFresh);
})();
