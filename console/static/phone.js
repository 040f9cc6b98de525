// Reads the line's words aloud where the browser has a voice, and makes the keypad type; the page works without it.
(function () {
  "use strict";
  document.querySelectorAll("[data-pad]").forEach(function (pad) {
    var field = document.getElementById(pad.dataset.pad);
    pad.hidden = false;
    pad.addEventListener("click", function (e) {
      if (e.target.tagName === "BUTTON") { field.value += e.target.value; }
    });
  });
  var talk = document.querySelector(".phone-talk");
  if (talk) { talk.scrollTop = talk.scrollHeight; }
  var first = document.querySelector("#keys, #speech");
  if (first) { first.focus(); }
  var box = document.querySelector("[data-voice]"), words = document.querySelector("[data-speak]");
  if (!box || !window.speechSynthesis) { return; }
  var name = document.querySelector("[data-voice-name]"), kept = "phone-voice";
  box.hidden = false;
  name.hidden = false;
  try { box.checked = localStorage.getItem(kept) === "on"; } catch (e) { box.checked = false; }
  function speak() {
    speechSynthesis.cancel();
    if (!box.checked || !words || !words.dataset.speak) { return; }
    var said = new SpeechSynthesisUtterance(words.dataset.speak);
    said.lang = "en";
    speechSynthesis.speak(said);
  }
  box.addEventListener("change", function () {
    try { localStorage.setItem(kept, box.checked ? "on" : "off"); } catch (e) { /* the choice lasts for this page only */ }
    speak();
  });
  window.addEventListener("pagehide", function () { speechSynthesis.cancel(); });
  speak();
})();
