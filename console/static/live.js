// Replaces the lists when the server says that something changed; without it the page works by reload.
(function () {
  "use strict";
  var live = document.querySelector("[data-live]");
  if (!live || !window.EventSource) { return; }
  var busy = false, again = false;
  function refresh() {
    if (busy) { again = true; return; }
    // Nobody's typing is thrown away: the list is looked at again a little later.
    var at = document.activeElement;
    if (live.querySelector("details[open]") || (live.contains(at) && /^(INPUT|SELECT|TEXTAREA)$/.test(at.tagName))) { setTimeout(refresh, 3000); return; }
    busy = true;
    fetch(location.href, { credentials: "same-origin", headers: { "X-Live": "1" } }).then(function (r) { return r.ok ? r.text() : null; }).then(function (html) {
      var fresh = html && new DOMParser().parseFromString(html, "text/html").querySelector("[data-live]");
      if (fresh) { live.replaceWith(fresh); live = fresh; document.dispatchEvent(new Event("fresh")); }
    }).finally(function () {
      busy = false;
      if (again) { again = false; setTimeout(refresh, 500); }
    });
  }
  new EventSource("/stream").addEventListener("change", refresh);
})();
