// Type-ahead: <input data-suggest-url="…" data-suggest-target="id_drug"> with a hidden input of that id. The words
// typed are POSTed ({q}, so that no name stands in an address or a log) and answered by <li role="option"
// data-value data-label data-fill-…>. Arrows and Enter choose, Esc closes, digits never choose; the down arrow in
// an empty field shows what is used most. data-suggest-press="id" presses that button once something is chosen,
// data-press="id" of an option once that one is. A search box has data-suggest-sends: Enter sends its form unless
// a line was marked by the arrows or is the only one; a chosen line opens its data-go, or is sent itself.
// data-said of a line is read out. Without this script the page's own search button does the same.
(() => {
  "use strict";

  const [PAUSE, SETTLED] = [150, 250]; // each question about people is noted, so it should be one
  let lists = 0;

  const dress = (element, attributes) => {
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  };

  const fill = (field, value) => {
    if (field.type === "radio") field.checked = field.value === value;
    else if (field.type === "checkbox") field.checked = value === "true";
    else field.value = value;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  };

  // data-fill-route goes into the row's field named route (or form-0-route) and into [data-show=route].
  const fillRow = (input, option) => {
    const row = input.closest("[data-row]") || input.form;
    for (const { name, value } of option.attributes) {
      if (!name.startsWith("data-fill-")) continue;
      const key = name.slice("data-fill-".length);
      for (const field of row.querySelectorAll(`[name="${key}"], [name$="-${key}"]`)) fill(field, value);
      for (const place of row.querySelectorAll(`[data-show="${key}"]`)) place.textContent = value;
    }
  };

  const attach = (input) => {
    const target = document.getElementById(input.dataset.suggestTarget);
    const least = Number(input.dataset.suggestMin) || 1;
    const sends = "suggestSends" in input.dataset;
    const list = document.createElement("ul");
    const said = document.createElement("span");
    let [timer, asked, isWaiting, active] = [0, 0, false, null];

    const name = input.getAttribute("aria-label") || (input.labels[0] || {}).textContent || "";
    dress(list, { class: "suggest", id: `suggest-${++lists}`, hidden: "", role: "listbox", "aria-label": name });
    input.parentElement.classList.add("suggest-box");
    input.insertAdjacentElement("afterend", list);
    dress(said, { class: "visually-hidden", role: "status" });
    list.insertAdjacentElement("afterend", said);
    dress(input, { role: "combobox", autocomplete: "off", "aria-autocomplete": "list", "aria-expanded": "false",
      "aria-controls": list.id });

    const options = () => [...list.querySelectorAll("[role=option]:not([aria-disabled=true])")];

    const activate = (option) => {
      if (active) active.setAttribute("aria-selected", "false");
      active = option || null;
      if (!active) return input.removeAttribute("aria-activedescendant");
      active.setAttribute("aria-selected", "true");
      input.setAttribute("aria-activedescendant", active.id);
      active.scrollIntoView({ block: "nearest" });
    };

    const close = () => {
      clearTimeout(timer);
      isWaiting = false;
      asked += 1; // an answer still under way is no longer wanted
      list.hidden = true;
      list.textContent = "";
      input.setAttribute("aria-expanded", "false");
      activate(null);
    };

    const open = (html) => {
      const box = input.getBoundingClientRect();
      isWaiting = false;
      list.innerHTML = html;
      list.querySelectorAll("[role=option]").forEach((option, n) =>
        dress(option, { id: `${list.id}-${n}`, "aria-selected": "false" }));
      list.hidden = list.childElementCount === 0;
      Object.assign(list.style, { left: `${input.offsetLeft}px`, minWidth: `${input.offsetWidth}px`,
        maxWidth: `${document.documentElement.clientWidth - box.left - 16}px` });
      // Upwards where there is more room: fields stand close above the action bar.
      const isUp = box.bottom + list.offsetHeight > window.innerHeight - 80 && box.top > list.offsetHeight;
      list.style.top = `${input.offsetTop + (isUp ? -list.offsetHeight : input.offsetHeight)}px`;
      input.setAttribute("aria-expanded", String(!list.hidden));
      if (!sends || options().length === 1) activate(options()[0]);
      said.textContent = ((list.querySelector("[data-said]") || {}).dataset || {}).said || "";
    };

    const ask = async () => {
      const mine = ++asked;
      const token = (input.form || document).querySelector("[name=csrfmiddlewaretoken]");
      const body = new URLSearchParams({ q: input.value, csrfmiddlewaretoken: token ? token.value : "" });
      try {
        const response = await fetch(input.dataset.suggestUrl, { method: "POST", body, credentials: "same-origin" });
        const html = response.ok && !response.redirected ? await response.text() : "";
        if (mine === asked && document.activeElement === input) open(html);
      } catch (error) {
        if (mine === asked) close(); // no connection: the search button still says so
      }
    };

    const choose = (option) => {
      if (option.dataset.go) return location.assign(option.dataset.go);
      input.value = option.dataset.label;
      if (target) fill(target, option.dataset.value);
      fillRow(input, option);
      close();
      const button = document.getElementById(option.dataset.press || input.dataset.suggestPress || "");
      if (button) button.click();
      else if (sends) input.form.requestSubmit();
      else input.dispatchEvent(new CustomEvent("chosen", { bubbles: true }));
    };

    const typed = () => {
      if (target && target.value) fill(target, ""); // the old choice no longer fits the words
      close();
      if (input.value.trim().length < least) return;
      isWaiting = true;
      timer = setTimeout(ask, sends ? SETTLED : PAUSE);
    };

    input.addEventListener("input", (event) => event.isComposing || typed());
    input.addEventListener("compositionend", typed);
    input.addEventListener("blur", close);
    list.addEventListener("mousedown", (event) => event.preventDefault());
    list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option && option.getAttribute("aria-disabled") !== "true") choose(option);
    });
    input.addEventListener("keydown", (event) => {
      if (event.isComposing || event.keyCode === 229) return;
      if (event.key === "Enter" && sends && !active) return close(); // the form goes, as it was typed
      if (event.key === "Enter" && isWaiting) event.preventDefault(); // nobody chooses unseen
      if (list.hidden) return event.key === "ArrowDown" && !input.value.trim() && ask();
      const all = options();
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      const from = active ? all.indexOf(active) : step < 0 ? 0 : -1;
      if (step && all.length) activate(all[(from + step + all.length) % all.length]);
      else if (event.key === "Enter" && active && !event.ctrlKey) choose(active);
      else if (event.key === "Escape") close();
      else return;
      event.preventDefault();
    });
  };

  // Once, however often a page names this script.
  document.querySelectorAll("input[data-suggest-url]:not([role=combobox])").forEach(attach);
})();
