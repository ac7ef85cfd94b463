// Counts down to <span data-until="2026-11-28T10:42:00+08:00" data-left="words" data-over="words">,
// as minutes and seconds. Places are looked up anew each second: a poll may have redrawn them.
// Without this script the page says the time itself.
(() => {
  "use strict";

  const two = (number) => String(number).padStart(2, "0");

  const show = (place) => {
    const left = Math.ceil((new Date(place.dataset.until).getTime() - Date.now()) / 1000);
    const clock = `${two(Math.floor(left / 60))}:${two(left % 60)}`;
    place.textContent = left > 0 ? `${place.dataset.left} ${clock}` : place.dataset.over;
    place.classList.toggle("is-due", left <= 0);
  };

  const tick = () => document.querySelectorAll("[data-until]").forEach(show);
  tick();
  setInterval(tick, 1000);
})();
