// A field is set from words that are selected in the text; places are counted in code points, as the server does.
(function () {
  "use strict";
  var text = document.getElementById("text"), form = document.getElementById("pick");
  if (!text || !form) { return; }
  var picked = null;
  function count(s) { return Array.from(s).length; }
  function place(node, offset) {
    var el = node.nodeType === 3 ? node.parentElement : node;
    var piece = el.closest("[data-at]");
    if (!piece || !text.contains(piece)) { return null; }
    var before = document.createRange();
    before.setStart(piece, 0);
    before.setEnd(node, offset);
    return Number(piece.dataset.at) + count(before.toString());
  }
  function words(range) {
    var copy = range.cloneContents();
    copy.querySelectorAll(".pop").forEach(function (p) { p.remove(); });
    return copy.textContent;
  }
  function look() {
    var selection = document.getSelection();
    if (!selection || selection.isCollapsed || !selection.rangeCount) { picked = null; form.hidden = true; return; }
    var range = selection.getRangeAt(0);
    if (!text.contains(range.commonAncestorContainer)) { return; }
    var said = words(range), trimmed = said.trim();
    if (!trimmed) { picked = null; form.hidden = true; return; }
    var start = place(range.startContainer, range.startOffset);
    picked = { text: trimmed, start: start === null ? "" : start + count(said) - count(said.trimStart()) };
    picked.end = picked.start === "" ? "" : picked.start + count(trimmed);
    form.querySelector("[data-picked]").textContent = trimmed.length > 60 ? trimmed.slice(0, 60) + "..." : trimmed;
    form.hidden = false;
  }
  function set(field) {
    ["text", "start", "end"].forEach(function (name) { form.elements[name].value = picked[name]; });
    form.elements.field.value = field;
    form.requestSubmit();
  }
  document.addEventListener("selectionchange", look);
  // A press would take the selection away before the click arrives.
  form.addEventListener("pointerdown", function (event) { event.preventDefault(); });
  form.querySelectorAll("button[data-field]").forEach(function (button) {
    button.addEventListener("click", function () { if (picked) { set(button.dataset.field); } });
  });
  document.addEventListener("keydown", function (event) {
    if (!picked || !/^[1-8]$/.test(event.key) || event.ctrlKey || event.metaKey || event.altKey) { return; }
    if (/^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) { return; }
    event.preventDefault();
    event.stopImmediatePropagation();
    set(form.querySelectorAll("button[data-field]")[Number(event.key) - 1].dataset.field);
  }, true);
})();
