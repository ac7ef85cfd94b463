// The print button of a sheet; <body data-autoprint> prints as soon as the page is drawn.
(() => {
  "use strict";

  for (const button of document.querySelectorAll("[data-print]")) {
    button.addEventListener("click", () => window.print());
  }
  if ("autoprint" in document.body.dataset) {
    window.addEventListener("load", () => window.print(), { once: true });
  }
})();
