// Nothing typed is lost, whatever the network does. Nothing is kept in the browser.
// Drafts: a form with data-draft-url, or the field of {% keeps_typed %}, is posted there every five
// seconds when something was typed, and when the page is left; [data-draft-state] shows the answer.
// Offline: this script's own address is asked now and then. A form is sent once it answers, so that
// the browser's error page never takes its place; a press is tried again for three minutes.
// The words are data-… of the script's tag.
(() => {
  "use strict";

  const { src, dataset: words } = document.currentScript;
  const DRAFT = 5000;
  const USUAL = 30000;
  const SOON = 3000;
  const PATIENCE = 5000;
  const TRIES = 180000;
  const sleep = (time) => new Promise((done) => setTimeout(done, time));
  const place = document.createElement("div");
  let isDown = false;

  place.className = "connection";
  place.setAttribute("role", "status");
  const work = document.getElementById("work") || document.body;
  work.prepend(place);

  const tell = (text, kind) => {
    const line = document.createElement("div");
    line.className = `message message-${kind}`;
    line.textContent = text;
    place.replaceChildren(line);
  };

  const note = (isReached) => {
    if (isReached === !isDown) return;
    isDown = !isReached;
    isDown ? tell(words.lost, "warn") : tell(words.back, "ok");
  };

  const reach = async () => {
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(), PATIENCE);
    const asked = { method: "HEAD", cache: "no-store", credentials: "omit", signal: limit.signal };
    const isReached = await fetch(src, asked).then((answer) => answer.ok, () => false);
    clearTimeout(timer);
    note(isReached);
    return isReached;
  };

  const watch = async () => {
    if (!document.hidden || isDown) await reach();
    setTimeout(watch, isDown ? SOON : USUAL);
  };
  setTimeout(watch, USUAL);
  window.addEventListener("offline", reach);
  window.addEventListener("online", reach);

  // The button's own name, address and window go along; nothing of it stays behind on the form.
  const send = (form, button) => {
    const pressed = document.createElement("input");
    const before = [];
    for (const name of button ? ["action", "method", "target", "enctype"] : []) {
      if (!button.hasAttribute(`form${name}`)) continue;
      before.push([name, form.getAttribute(name)]);
      form.setAttribute(name, button.getAttribute(`form${name}`));
    }
    const { name = "", value = "" } = button || {};
    Object.assign(pressed, { type: "hidden", name, value });
    form.append(pressed);
    HTMLFormElement.prototype.submit.call(form);
    pressed.remove();
    for (const [name, value] of before) value === null ? form.removeAttribute(name) : form.setAttribute(name, value);
  };

  // What is typed after the press belongs to the next page: with it 25 boxes became 255.
  let held = null;
  for (const kind of ["keydown", "beforeinput"]) {
    document.addEventListener(kind, (event) => {
      if (!held || event.target.form !== held) return;
      event.preventDefault();
      event.stopImmediatePropagation();
    }, true);
  }

  const drafts = [];
  const others = (form) => drafts.filter((draft) => draft.form !== form).map((draft) => draft.keep().catch(() => {}));
  const waiting = new WeakSet();
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    const button = event.submitter;
    if (event.defaultPrevented) return;
    event.preventDefault();
    if (waiting.has(form) || held) return;
    waiting.add(form);
    held = form;
    const until = Date.now() + TRIES;
    let isReached = await reach();
    // Before the press, which may end the session: signing out comes too early for pagehide.
    if (isReached) await Promise.race([Promise.all(others(form)), sleep(PATIENCE)]);
    held = null; // a server that is away: the text may be mended meanwhile
    while (!isReached && Date.now() < until) {
      tell(words.waiting, "warn");
      await sleep(SOON);
      isReached = await reach();
    }
    waiting.delete(form);
    if (isDown) return tell(words.lost, "warn");
    form.dispatchEvent(new Event("sent"));
    send(form, button);
  });

  document.addEventListener("click", async (event) => {
    const link = isDown && !event.defaultPrevented && event.target.closest("a[href]");
    if (!link || link.hash || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (await reach()) window.location.assign(link.href);
  });

  const keepDraft = (mark) => {
    const form = mark.form || mark;
    const url = mark.dataset.draftUrl;
    const there = mark === form && document.querySelector("[data-draft-state]");
    const state = there || document.createElement("span");
    const contents = () => {
      const typed = new URLSearchParams();
      for (const [name, value] of new FormData(form)) if (typeof value === "string") typed.append(name, value);
      for (const field of form.querySelectorAll("[type=password]")) typed.delete(field.name);
      const target = new URL(form.getAttribute("action") || "", window.location.href);
      typed.append("typed_of", target.pathname + target.search);
      return typed.toString();
    };
    let kept = contents();
    let isTyped = false; // by a hand: what other scripts fill in is no draft
    let isOver = false;

    const keep = async () => {
      const now = contents();
      if (isOver || !isTyped || now === kept) return;
      const body = new URLSearchParams(now);
      const answer = await fetch(url, { method: "POST", body, credentials: "same-origin" });
      if (isOver) return;
      note(answer.status < 500);
      if (answer.redirected || [401, 403].includes(answer.status)) return tell(words.out, "warn");
      if (answer.status !== 409) kept = now;
      if ([200, 409, 413].includes(answer.status)) state.textContent = (await answer.json()).text;
    };

    drafts.push({ form, keep });
    const tick = () => isOver || keep().catch(reach).finally(() => setTimeout(tick, DRAFT));
    setTimeout(tick, DRAFT);

    const notice = (event) => {
      if (isTyped || event.target.form !== form) return;
      isTyped = true;
      if (state.isConnected) return; // not before: nothing may move while a page comes in
      state.className = "hint";
      state.setAttribute("role", "status");
      // The bar in sight may stand outside the form, with a button of it.
      const bar = [...form.elements].map((field) => field.closest(".actions")).find(Boolean);
      (bar || form).append(state);
    };
    document.addEventListener("input", notice);
    document.addEventListener("change", notice);
    // The form itself is on its way: a draft that arrives later would only be old.
    form.addEventListener("sent", () => (isOver = true));
    window.addEventListener("pageshow", (event) => event.persisted && isOver && ((isOver = false), tick()));
    window.addEventListener("pagehide", () => {
      if (!isOver && isTyped && contents() !== kept) navigator.sendBeacon(url, new URLSearchParams(contents()));
    });
  };
  document.querySelectorAll("[data-draft-url]").forEach(keepDraft);
})();
