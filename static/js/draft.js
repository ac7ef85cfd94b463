// Keeps what is typed: <form data-draft-url="…" data-draft-lost="words"> is posted there every five
// seconds when something has changed, and once more when the page is left, so that no text is lost
// by going to another form. The answer {text} is shown in [data-draft-state]. Nothing is kept in
// the browser. Without this script a press of Save does the same.
(() => {
  "use strict";

  const WAIT = 5000;

  const keepDraft = (form) => {
    const state = document.querySelector("[data-draft-state]");
    const contents = () => new URLSearchParams(new FormData(form)).toString();
    let kept = contents();
    let isOver = false;

    const say = (text) => {
      if (state) state.textContent = text;
    };

    const keep = async () => {
      const now = contents();
      if (isOver || now === kept) return;
      const response = await fetch(form.dataset.draftUrl, {
        method: "POST",
        body: new URLSearchParams(now),
        credentials: "same-origin",
      });
      if (isOver) return;
      if (response.redirected || ![200, 409].includes(response.status)) throw new Error("lost");
      if (response.status === 200) kept = now;
      say((await response.json()).text);
    };

    const tick = () => {
      if (isOver) return;
      keep()
        .catch(() => say(form.dataset.draftLost || ""))
        .finally(() => setTimeout(tick, WAIT));
    };
    setTimeout(tick, WAIT);

    // The record itself is on its way: a draft that arrives later would only be old.
    form.addEventListener("submit", () => {
      isOver = true;
    });
    window.addEventListener("pageshow", (event) => {
      if (!event.persisted) return;
      isOver = false;
      tick();
    });
    window.addEventListener("pagehide", () => {
      const now = contents();
      if (isOver || now === kept) return;
      navigator.sendBeacon(form.dataset.draftUrl, new URLSearchParams(now));
    });
  };

  document.querySelectorAll("form[data-draft-url]").forEach(keepDraft);
})();
