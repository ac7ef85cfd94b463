// Keys for people who don't leave the keyboard. Each only does what a visible control does: F9, F2, F4, F8 click the
// element that carries data-key, "/" goes to the search, Enter in a form (or part of a page) with data-enter="next"
// to the next field (Shift Enter back; Ctrl Enter leaves a textarea); with data-enter-press="id" it presses that
// button. Alt keys are accesskeys; what is typed right after one that leads into a field is in it, even with Alt down.
(() => {
  "use strict";

  const FIELDS = "input:not([type=hidden]), select, textarea, button[type=submit]";
  const isComposing = (event) => event.isComposing || event.keyCode === 229;
  const FOLDED = "details:not([open]) > :not(summary), details:not([open]) > :not(summary) *"; // newer Chromium
  const isVisible = (element) => element.offsetParent !== null && !element.disabled && !element.matches(FOLDED);
  // Keys that this person switched off; their accesskeys are not in the page at all.
  const isOff = (key) => (document.documentElement.dataset.keysOff || "").split(" ").includes(key);

  // A group of radios is one stop. Enter passes over what the system filled in (data-skip="filled") and what is
  // seldom needed (data-skip="always"); Tab does not.
  const isStop = (field) => {
    if (!isVisible(field) || field.readOnly || field.tabIndex < 0) return false;
    if (field.dataset.skip === "always" || (field.dataset.skip && field.value)) return false;
    if (field.type !== "radio" || field.checked) return true;
    const group = [...field.form.elements].filter((e) => e.name === field.name && isVisible(e));
    return !group.some((e) => e.checked) && group[0] === field;
  };

  const move = (from, step) => {
    const form = from.closest("[data-enter=next]");
    if (!form) return false;
    const stops = [...form.querySelectorAll(FIELDS)].filter((f) => f === from || isStop(f));
    const next = stops[stops.indexOf(from) + step];
    if (!next) return false;
    next.focus();
    if (next.select && next.type !== "checkbox" && next.type !== "radio") next.select();
    return true;
  };

  const enter = (event) => {
    const field = event.target;
    if (event.altKey || event.metaKey || !field.matches(FIELDS)) return;
    if (field.matches("button, [type=submit], [type=search], [type=file]")) return;
    if (!field.closest("[data-enter=next]")) return;
    if (field.matches("textarea") !== event.ctrlKey) return;
    event.preventDefault();
    const row = field.closest("[data-enter-last]"); // its last field presses that button
    const isLast = row && [...row.querySelectorAll(FIELDS)].filter(isStop).pop() === field;
    const id = field.dataset.enterPress || (isLast && row.dataset.enterLast) || "";
    const button = !event.shiftKey && document.getElementById(id);
    if (button) button.click();
    else move(field, event.shiftKey ? -1 : 1);
  };

  document.addEventListener("keydown", (event) => {
    if (isComposing(event) || event.defaultPrevented) return;
    if (event.key === "Enter") {
      if (!isOff("Enter")) enter(event);
    } else if (/^F[2489]$/.test(event.key) && !event.repeat && !event.ctrlKey && !event.altKey && !event.shiftKey) {
      const seen = (which) => [...document.querySelectorAll(which)].find(isVisible);
      // Where nothing says F9, it is the filled button that prints (F8) or begins something (F2).
      const filled = event.key === "F9" ? ".btn-primary[data-key]" : "[hidden]";
      const target = !isOff(event.key) && (seen(`[data-key="${event.key}"]`) || seen(filled));
      if (!target) return;
      event.preventDefault();
      target.click();
    } else if (event.key === "/" && !isOff("/") && !event.target.matches("input, select, textarea")) {
      const search = document.querySelector("input[type=search]");
      if (!search) return;
      event.preventDefault();
      search.focus();
    }
  });

  let entered = null; // the field that an Alt key led into, until Alt is up again
  document.addEventListener("keydown", (event) => {
    if (!event.altKey || event.ctrlKey || event.metaKey || event.key.length !== 1) return;
    if (entered && entered === document.activeElement) {
      event.preventDefault(); // Alt S would approve what somebody is writing an objection to
      if (event.repeat) return;
      entered.setRangeText(event.key, entered.selectionStart, entered.selectionEnd, "end");
      entered.dispatchEvent(new Event("input", { bubbles: true }));
      return;
    }
    const isMeant = (f) => f.accessKey === event.key.toLowerCase() && isVisible(f);
    const field = [...document.querySelectorAll("input[accesskey]")].find(isMeant);
    if (!field) return;
    event.preventDefault();
    (entered = field).focus();
  });
  document.addEventListener("keyup", (event) => event.key === "Alt" && (entered = null));
  window.addEventListener("blur", () => (entered = null));

  // The browser does so when it first draws the page; what is typed before that would be lost.
  const first = [...document.querySelectorAll("[autofocus]")].find(isVisible);
  if (first && !window.location.hash && document.activeElement === document.body) first.focus();

  // A section that was just unfolded is there to be written in.
  const unfold = (event) => {
    if (!event.target.open || !event.target.contains(document.activeElement)) return;
    const field = [...event.target.querySelectorAll("input, select, textarea")].find(isStop);
    if (field) field.focus();
  };
  document.addEventListener("toggle", (event) => event.target.matches(".fold") && unfold(event), true);

  // suggest.js tells that something was chosen from a list: on to the next field.
  document.addEventListener("chosen", (event) => move(event.target, 1));

  // Arrow keys go through the rows of a list: <div data-steps> with [data-step] inside; Home and End to its ends.
  const STEPS = { ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity };
  document.addEventListener("keydown", (event) => {
    const step = STEPS[event.key];
    const list = step && document.querySelector("[data-steps]");
    if (!list || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
    if (event.target.matches("input, select, textarea")) return;
    const rows = [...list.querySelectorAll("[data-step]")].filter(isVisible);
    const here = rows.indexOf(document.activeElement);
    if (!rows.length || (here < 0 && Math.abs(step) > 1)) return;
    event.preventDefault();
    rows[here < 0 ? 0 : Math.min(Math.max(here + step, 0), rows.length - 1)].focus();
  });

  // A form is sent once: its buttons say that they are busy until the answer is there. The server
  // has its own protection (the `once` token); this only spares the second request.
  // data-again on a form leaves it alone (downloads). A button with aria-disabled="true" and
  // data-reason="id" sends nobody anywhere: it moves to the reason.
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
      return place.focus();
    }
    if (event.defaultPrevented || form.method !== "post" || "again" in form.dataset) return;
    if (sent.has(form)) return event.preventDefault();
    sent.set(form, setTimeout(release, PATIENCE, form));
    if (button) button.setAttribute("aria-busy", "true");
  });

  // Back from the next page: the form may be sent again.
  window.addEventListener("pageshow", () => [...sent.keys()].forEach(release));
})();
