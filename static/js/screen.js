// A screen in the waiting room, and the patient's own place: <main data-poll="…" data-seconds="3">.
// Written in the language of 2009: the browser of an old television knows no fetch, no arrow and
// no promise. Without this script the page fetches itself.
//
// While the server is away the last state stays. Whatever is shown anew is told by the
// event "shown", for the voice.
(function () {
  "use strict";

  var part = document.querySelector("[data-poll]");
  var away = document.getElementById("away");
  var seconds = Math.max(Number(part.getAttribute("data-seconds")) || 5, 2);
  var day = dayShown();
  var etag = "";
  var failures = 0;

  function dayShown() {
    var head = part.querySelector("[data-day]");
    return head ? head.getAttribute("data-day") : "";
  }

  function show(html) {
    part.innerHTML = html;
    // Once a night the whole page anew: it may have been hanging there for weeks.
    if (dayShown() !== day) window.location.reload();
    var told = document.createEvent("Event");
    told.initEvent("shown", false, false);
    part.dispatchEvent(told);
  }

  function answered(request) {
    if (request.status !== 200 && request.status !== 304) return failed();
    failures = 0;
    away.hidden = true;
    etag = request.getResponseHeader("ETag") || "";
    if (request.status === 200) show(request.responseText);
  }

  function failed() {
    failures += 1;
    if (failures > 2) away.hidden = false;
  }

  function ask() {
    var request = new XMLHttpRequest();
    request.open("GET", part.getAttribute("data-poll"));
    request.timeout = 10000;
    if (etag) request.setRequestHeader("If-None-Match", etag);
    request.onload = function () { answered(request); };
    request.onerror = failed;
    request.ontimeout = failed;
    request.onloadend = function () { setTimeout(ask, seconds * 1000); };
    request.send();
  }

  // Screens that were switched on together don't ask together.
  setTimeout(ask, seconds * 1000 * Math.random());
})();
