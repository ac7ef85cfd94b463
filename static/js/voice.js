// The voice of a waiting-room screen: each call is read twice, slowly, and once only, from whichever
// answer brings it. Rows that call carry data-call (a number that only grows) and
// data-words. Where no voice is installed a chime rings. In the language of 2009, as screen.js.
(function () {
  "use strict";

  var part = document.querySelector("[data-chime]");
  var sound = document.getElementById("sound");
  var SLOWLY = 0.9;
  var TIMES = 2;
  var LONGEST = 20000; // some browsers never tell that they have spoken
  var voices = window.speechSynthesis;
  var chime = new Audio(part.getAttribute("data-chime"));
  var isOn = false;
  var isSpeaking = false;
  var waiting = [];
  var last = Number(kept("call")) || 0;

  function kept(name, value) {
    try {
      var key = "screen-" + name + window.location.pathname;
      if (value !== undefined) localStorage.setItem(key, value);
      return localStorage.getItem(key);
    } catch (error) {
      return null; // a television that keeps nothing
    }
  }

  function calls() {
    var rows = Array.prototype.slice.call(part.querySelectorAll("[data-call]"));
    return rows.map(function (row) {
      return { number: Number(row.getAttribute("data-call")), words: row.getAttribute("data-words") };
    }).filter(function (call) {
      return call.number > last;
    }).sort(function (a, b) { return a.number - b.number; });
  }

  function listen() {
    calls().forEach(function (call) {
      last = call.number;
      kept("call", last);
      if (isOn) waiting.push(call.words);
    });
    speakNext();
  }

  // One call after the other, never two at once.
  function speakNext() {
    if (isSpeaking || !waiting.length) return;
    isSpeaking = true;
    speak(waiting.shift(), TIMES, function () {
      isSpeaking = false;
      speakNext();
    });
  }

  function voice() {
    if (!voices) return null;
    var ours = document.documentElement.lang.slice(0, 2) === "zh" ? /^(zh|cmn)/i : /^en/i;
    return voices.getVoices().filter(function (one) { return ours.test(one.lang); })[0] || null;
  }

  function once(action) {
    var done = false;
    return function () {
      if (!done) action();
      done = true;
    };
  }

  function speak(words, times, then) {
    var chosen = voice();
    if (!chosen) return ring(then);
    var said = new SpeechSynthesisUtterance(words);
    var after = once(function () {
      if (times > 1) speak(words, times - 1, then);
      else then();
    });
    said.voice = chosen;
    said.lang = chosen.lang;
    said.rate = SLOWLY;
    said.onend = after;
    said.onerror = once(function () { ring(then); });
    setTimeout(after, LONGEST);
    voices.speak(said);
  }

  // Where nobody can speak, a chime makes people look up.
  function ring(then) {
    var after = once(then);
    chime.onended = after;
    setTimeout(after, LONGEST / 4);
    chime.currentTime = 0;
    return play(after);
  }

  function play(refused) {
    var promise = chime.play();
    if (promise && promise.then) promise.then(null, refused);
    return promise;
  }

  // Browsers are silent until somebody has pressed something; who pressed it yesterday is asked
  // again only if the browser insists.
  function start() {
    isOn = true;
    sound.hidden = true;
    kept("sound", "on");
  }

  sound.querySelector("button").onclick = function () {
    start();
    if (voice()) voices.speak(new SpeechSynthesisUtterance(" "));
    isSpeaking = true;
    ring(function () {
      isSpeaking = false;
      speakNext();
    });
  };

  if (voices) voices.getVoices(); // they are loaded when first asked for
  sound.className = "strip"; // its place was kept: nothing moves
  part.addEventListener("shown", listen);
  listen(); // what hangs there already was called before
  if (kept("sound") === "on") {
    chime.volume = 0;
    var allowed = chime.play();
    var loud = function () { chime.volume = 1; };
    if (allowed && allowed.then) {
      allowed.then(function () { loud(); start(); }, loud);
    } else {
      loud();
      start();
    }
  }
})();
