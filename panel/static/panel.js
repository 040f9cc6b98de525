// Shows beside the form what is read in the words, after a pause in typing; the form works without it.
(function () {
  "use strict";
  var form = document.querySelector("form[data-read]");
  var target = document.querySelector("#read");
  if (form && target && window.fetch) {
    var timer = 0, last = "", running = null;
    var read = function () {
      var data = new FormData(form);
      data.delete("files");
      var now = ["description", "logs", "impact", "urgency"].map(function (n) { return data.get(n) || ""; }).join("\u0000");
      if (now === last || !now.replace(/\u0000/g, "").trim()) { return; }
      last = now;
      if (running) { running.abort(); }
      running = new AbortController();
      fetch(form.dataset.read, { method: "POST", body: data, credentials: "same-origin", signal: running.signal })
        .then(function (r) { return r.ok ? r.text() : null; })
        .then(function (html) {
          if (html === null) { return; }
          var fresh = new DOMParser().parseFromString(html, "text/html").body;
          target.replaceChildren.apply(target, Array.from(fresh.childNodes));
        })
        .catch(function () { last = ""; });
    };
    form.addEventListener("input", function () { clearTimeout(timer); timer = setTimeout(read, 600); });
    read();
  }
  // A form is sent once; the server knows a second time too.
  document.querySelectorAll("form[method=post]").forEach(function (f) {
    f.addEventListener("submit", function (event) {
      if (f.dataset.busy) { event.preventDefault(); return; }
      f.dataset.busy = "1";
      setTimeout(function () { delete f.dataset.busy; }, 8000);
    });
  });
  // Choosing a date or a time means "at a time".
  document.querySelectorAll("[data-chooses]").forEach(function (field) {
    field.addEventListener("input", function () { var r = document.getElementById(field.dataset.chooses); if (r) { r.checked = true; } });
  });
}());
