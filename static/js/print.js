// The print button of a sheet; <body data-autoprint> prints as soon as the page is drawn, but not
// when somebody only comes back to it: a printer that asks nothing would print another one.
(() => {
  "use strict";

  for (const button of document.querySelectorAll("[data-print]")) {
    button.addEventListener("click", () => window.print());
  }
  const [arrival] = performance.getEntriesByType("navigation");
  const isBack = arrival && arrival.type !== "navigate";
  if ("autoprint" in document.body.dataset && !isBack) {
    window.addEventListener("load", () => window.print(), { once: true });
  }
})();
