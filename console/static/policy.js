// A row that is added or removed without a new page: an answer that is not this form (signed out, an error) leaves what was typed.
// Whoever signs in again in another tab and comes back goes on: the forms get the new session's token.
(function () {
  "use strict";
  var note = document.getElementById("not-taken");
  document.addEventListener("htmx:beforeSwap", function (event) {
    var ours = event.detail.xhr.status === 200 && event.detail.xhr.responseText.indexOf('id="work"') >= 0;
    event.detail.shouldSwap = ours;
    note.hidden = ours;
  });
  document.addEventListener("htmx:sendError", function () { note.hidden = false; });
  window.addEventListener("focus", function () {
    if (note.hidden) { return; }
    fetch(location.pathname).then(function (answer) { return answer.text(); }).then(function (text) {
      var fresh = new DOMParser().parseFromString(text, "text/html").querySelector("#work input[name=csrf]");
      if (!fresh) { return; }
      document.querySelectorAll("input[name=csrf]").forEach(function (field) { field.value = fresh.value; });
      note.hidden = true;
    }).catch(function () { /* Still away: the note stays. */ });
  });
}());
