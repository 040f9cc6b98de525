// What is typed into a form with data-keep survives a lost connection, a crash or a sign-in in between: it stays in this tab
// until the form is sent and taken.
(function () {
  "use strict";
  function key(form) { return "kept:" + location.pathname + ":" + form.getAttribute("action") + ":" + (form.elements.field ? form.elements.field.value : "") + ":" + (form.id || ""); }
  function fields(form) { return Array.prototype.filter.call(form.elements, function (e) { return e.name && !e.hidden && !/^(hidden|file|submit|button|password)$/.test(e.type); }); }
  function typed(form) {
    var out = {}, changed = false;
    fields(form).forEach(function (e) {
      var now = e.type === "checkbox" ? e.checked : e.value;
      var was = e.type === "checkbox" ? e.defaultChecked : e.tagName === "SELECT" ? e.dataset.was : e.defaultValue;
      if (now !== was) { changed = true; out[e.name] = now; }
    });
    return changed ? out : null;
  }
  document.querySelectorAll("form[data-keep]").forEach(function (form) {
    fields(form).forEach(function (e) { if (e.tagName === "SELECT") { e.dataset.was = e.value; } });
    var kept = null;
    try { kept = JSON.parse(sessionStorage.getItem(key(form)) || "null"); } catch { /* Nothing kept. */ }
    // Only the form that was sent is done with, and only when the page says that it was taken.
    var sent = "sent:" + key(form);
    try {
      if (sessionStorage.getItem(sent) && new URLSearchParams(location.search).has("said")) { sessionStorage.removeItem(key(form)); kept = null; }
      sessionStorage.removeItem(sent);
    } catch { /* Nothing kept. */ }
    form.addEventListener("submit", function () { try { sessionStorage.setItem(sent, "yes"); } catch { /* Not kept, then. */ } });
    if (kept) {
      var brought = false;
      fields(form).forEach(function (e) {
        if (!(e.name in kept)) { return; }
        if (e.type === "checkbox") { e.checked = kept[e.name]; } else { brought = brought || e.value !== kept[e.name]; e.value = kept[e.name]; }
      });
      var box = form.closest("details");
      if (brought && box) { box.open = true; }
      if (brought) {
        var note = document.createElement("p");
        note.className = "banner note kept";
        note.setAttribute("role", "status");
        note.textContent = "What you had typed here is back; it has not been saved.";
        form.prepend(note);
      }
    }
    form.addEventListener("input", function () {
      var now = typed(form);
      try { if (now) { sessionStorage.setItem(key(form), JSON.stringify(now)); } else { sessionStorage.removeItem(key(form)); } } catch { /* Not kept, then. */ }
    });
  });
})();
