// Times in the reader's zone, with UTC one click away; without it all times are UTC and say so.
(function () {
  "use strict";
  // The zone of the reader's account, else the browser's; a browser may not know a zone that the account names.
  var KEY = "times-in-utc", zone = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC", mine = document.body.dataset.timezone;
  if (mine) { try { Intl.DateTimeFormat("en-GB", { timeZone: mine }); zone = mine; } catch { /* The browser's, then. */ } }
  function asked() { try { return localStorage.getItem(KEY) === "yes"; } catch { return false; } }
  function keep(utc) { try { localStorage.setItem(KEY, utc ? "yes" : "no"); } catch { /* Not kept, then. */ } }
  function words(at, utc) {
    var options = { day: "2-digit", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
    if (at.getFullYear() !== new Date().getFullYear()) { options.year = "numeric"; }
    options.timeZone = utc ? "UTC" : zone;
    return new Intl.DateTimeFormat("en-GB", options).format(at).replace(",", "") + (utc ? " UTC" : "");
  }
  function show(root) {
    var utc = asked() || zone === "UTC";
    root.querySelectorAll("time[data-when]").forEach(function (el) {
      var at = new Date(el.dateTime);
      if (isNaN(at)) { return; }
      el.textContent = words(at, utc);
      el.title = words(at, !utc) + (utc ? " (" + zone + ")" : "");
    });
    document.querySelectorAll("[data-zone]").forEach(function (el) {
      el.hidden = zone === "UTC";
      el.textContent = utc ? "Times in UTC; show " + zone : "Times in " + zone + "; show UTC";
    });
  }
  document.addEventListener("click", function (event) {
    if (event.target.closest("[data-zone]")) { keep(!asked()); show(document); }
  });
  document.addEventListener("fresh", function () { show(document); });
  document.addEventListener("htmx:afterSwap", function () { show(document); });
  show(document);
})();
