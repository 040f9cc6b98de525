// Single keys for everything a page offers; never while somebody types. Elements say their key in data-key.
(function () {
  "use strict";
  var dialog = document.getElementById("keys"), at = -1;
  document.querySelectorAll("[data-keys]").forEach(function (el) { el.hidden = false; });
  function lines() { return Array.prototype.slice.call(document.querySelectorAll(".field-line")); }
  function typing(el) { return el && (el.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(el.tagName)); }
  function go(to) {
    var all = lines();
    if (!all.length) { return; }
    all.forEach(function (l) { l.classList.remove("here"); });
    at = Math.max(0, Math.min(all.length - 1, to));
    all[at].classList.add("here");
    all[at].scrollIntoView({ block: "nearest" });
    all[at].tabIndex = -1;
    all[at].focus({ preventScroll: true });
  }
  function edit(line) {
    var details = line && line.querySelector("details.edit");
    if (!details) { return false; }
    details.open = true;
    var field = details.querySelector("input:not([type=hidden]), textarea, select");
    field.focus();
    if (field.select) { field.select(); }
    return true;
  }
  function byNumber(n) {
    var all = lines(), index = all.findIndex(function (l) { return l.dataset.number === n; });
    if (index < 0) { return false; }
    go(index);
    return edit(all[index]);
  }
  function press(key) {
    if (/^[1-8]$/.test(key)) { return byNumber(key); }
    if (key === "j") { go(at + 1); return true; }
    if (key === "k") { go(at < 0 ? 0 : at - 1); return true; }
    if (key === "e" && at >= 0) { return edit(lines()[at]); }
    if (key === "r") { location.href = "/review"; return true; }
    if (key === "Enter" && at >= 0 && document.activeElement === lines()[at]) {
      var accept = lines()[at].querySelector(".acts button.main");
      if (accept) { accept.click(); }
      return !!accept;
    }
    if (key === "?" && dialog) { dialog.showModal(); return true; }
    var opens = document.querySelector('[data-key-open="' + CSS.escape(key) + '"]');
    if (opens) { opens.open = true; opens.querySelector("select, input, textarea").focus(); return true; }
    var words = document.querySelector('[data-key-focus="' + CSS.escape(key) + '"]');
    if (words) { words.focus(); return true; }
    var target = document.querySelector('[data-key="' + CSS.escape(key) + '"]');
    if (target) { target.click(); }
    return !!target;
  }
  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape") {
      // A tooltip can be dismissed without moving pointer or focus (WCAG 1.4.13).
      document.body.classList.add("quiet-pops");
      document.querySelectorAll("details.snooze[open], details.edit[open], details.menu[open]").forEach(function (d) {
        if (d.contains(document.activeElement)) { d.open = false; d.querySelector("summary").focus(); }
      });
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || (dialog && dialog.open)) { return; }
    if (press(event.key)) { event.preventDefault(); }
  });
  ["pointerover", "focusin"].forEach(function (name) {
    document.addEventListener(name, function (event) {
      if (event.target.closest && event.target.closest(".ev")) { document.body.classList.remove("quiet-pops"); }
    });
  });
  document.addEventListener("click", function (event) {
    if (event.target.closest("[data-keys]") && dialog) { dialog.showModal(); }
  });
})();
