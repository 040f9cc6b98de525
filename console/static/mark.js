// Words that are marked in a text stand in the field from which a rule is made of them.
"use strict";
document.addEventListener("selectionchange", function () {
  const chosen = document.getSelection();
  const at = chosen && chosen.anchorNode && chosen.anchorNode.parentElement;
  const field = document.querySelector("[data-marked]");
  const words = chosen ? chosen.toString().replace(/\s+/g, " ").trim() : "";
  if (field && words && at && at.closest("pre.text")) { field.value = words.slice(0, 200); }
});
