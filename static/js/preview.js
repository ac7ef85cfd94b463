// A preview beside a form: <form data-preview="id"> is sent with part=preview after each change, and
// the fragment that comes back goes into that element. Without this script a button does the same.
(() => {
  "use strict";

  const PAUSE = 250;

  const attach = (form) => {
    const place = document.getElementById(form.dataset.preview);
    let timer = 0;
    let asked = 0;

    const show = async () => {
      const mine = ++asked;
      const body = new FormData(form);
      body.set("do", "look");
      body.set("part", "preview");
      const response = await fetch(form.action, { method: "POST", body, credentials: "same-origin" });
      if (response.status !== 200 || response.redirected) return;
      const html = await response.text();
      if (mine === asked) place.innerHTML = html;
    };

    form.addEventListener("input", () => {
      clearTimeout(timer);
      // A lost connection is no event of its own: the next change asks again.
      timer = setTimeout(() => show().catch(() => {}), PAUSE);
    });
  };

  document.querySelectorAll("form[data-preview]").forEach(attach);
})();
