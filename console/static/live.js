// Replaces the lists when the server says that something changed; without it the page works by reload.
(function () {
  "use strict";
  var live = document.querySelector("[data-live]");
  if (!live || !window.EventSource) { return; }
  var busy = false, again = false;
  function refresh() {
    if (busy) { again = true; return; }
    if (live.contains(document.activeElement) && document.activeElement.tagName === "INPUT") { return; }
    busy = true;
    fetch(location.href, { credentials: "same-origin", headers: { "X-Live": "1" } }).then(function (r) { return r.ok ? r.text() : null; }).then(function (html) {
      var fresh = html && new DOMParser().parseFromString(html, "text/html").querySelector("[data-live]");
      if (fresh) { live.replaceWith(fresh); live = fresh; }
    }).finally(function () {
      busy = false;
      if (again) { again = false; setTimeout(refresh, 500); }
    });
  }
  new EventSource("/stream").addEventListener("change", refresh);
})();
