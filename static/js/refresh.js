// Keeps one part of a page fresh: <div data-refresh-url="…" data-seconds="10">. The server answers
// an HTML fragment with an ETag, and 304 while nothing has changed. Nothing is replaced while the
// person is working in it, nothing is asked while the page is hidden. Without this script the
// page's own refresh link does the same.
(() => {
  "use strict";

  const isInHand = (part) =>
    part.contains(document.activeElement) ||
    (part.querySelector("a, button") !== null && part.matches(":hover"));

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
        if (part.innerHTML.trim() !== html.trim()) part.innerHTML = html;
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
