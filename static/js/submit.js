// A form is sent once: its buttons say that they are busy until the answer is there. The server
// has its own protection (the `once` token); this only spares the second request.
// data-again on a form leaves it alone (downloads). A button with aria-disabled="true" and
// data-reason="id" sends nobody anywhere: it moves to the reason.
(() => {
  "use strict";

  const PATIENCE = 10000;
  const sent = new Map();

  const release = (form) => {
    clearTimeout(sent.get(form));
    sent.delete(form);
    for (const button of form.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
  };

  document.addEventListener("submit", (event) => {
    const form = event.target;
    const button = event.submitter;
    const reason = button && button.getAttribute("aria-disabled") === "true" && button.dataset.reason;
    const place = reason && document.getElementById(reason);
    if (place) {
      event.preventDefault();
      place.setAttribute("tabindex", "-1");
      place.focus();
      return;
    }
    if (event.defaultPrevented || form.method !== "post" || "again" in form.dataset) return;
    if (sent.has(form)) {
      event.preventDefault();
      return;
    }
    sent.set(form, setTimeout(release, PATIENCE, form));
    if (button) button.setAttribute("aria-busy", "true");
  });

  // Back from the next page: the form may be sent again.
  window.addEventListener("pageshow", () => [...sent.keys()].forEach(release));
})();
