"""HTML into text by inscriptis; a tree that is too deep is only stripped of its tags."""

from __future__ import annotations

import html
import re

from inscriptis import get_text
from inscriptis.model.config import ParserConfig

_DEPTH = 200
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)[^<>]*?(/?)>")
_VOID = {"br", "hr", "img", "meta", "link", "input", "area", "base", "col", "wbr", "source"}
_HIDDEN = re.compile(r"(?is)<(script|style|head|title)\b.*?</\1\s*>|<!--.*?-->|<!\[.*?\]>|<\?xml.*?>")
_BLOCK = re.compile(r"(?i)</?(?:p|div|br|tr|li|h[1-6]|table|blockquote|pre)\b[^>]*>")
_QUOTE_OPEN, _QUOTE_CLOSE = "\ue000", "\ue001"
_BARE_P = re.compile(r"(?i)<p\b[^>]*>\s*(?:<o:p>)?(?:&nbsp;|\s)*(?:</o:p>)?\s*</p>")


def html_text(source: str) -> str:
    """The text a reader sees, tables as columns and block quotes as lines that begin with '> '."""
    source = _HIDDEN.sub(" ", source)
    if depth(source) > _DEPTH:
        return strip_tags(source)
    marked = re.sub(r"(?i)<blockquote\b[^>]*>", lambda m: m.group(0) + f"<div>{_QUOTE_OPEN}</div>", source)
    marked = re.sub(r"(?i)</blockquote\s*>", f"<div>{_QUOTE_CLOSE}</div></blockquote>", marked)
    try:
        text = get_text(f"<html><body>{_BARE_P.sub('<br>', marked)}</body></html>", ParserConfig(table_cell_separator="   "))
    except Exception:
        return strip_tags(source)
    return _quote_lines(str(text))


def depth(source: str) -> int:
    """How deep the elements nest, counted on the tags alone."""
    level = deepest = 0
    for close, name, empty in _TAG.findall(source):
        if empty or name.lower() in _VOID:
            continue
        level = max(0, level - 1) if close else level + 1
        deepest = max(deepest, level)
    return deepest


def strip_tags(source: str) -> str:
    """The text between the tags, a new line for each block element."""
    return html.unescape(re.sub(r"<[^<>]*>", "", _BLOCK.sub("\n", source)))


def _quote_lines(text: str) -> str:
    out: list[str] = []
    level = 0
    for line in text.split("\n"):
        if _QUOTE_OPEN in line:
            level += 1
        elif _QUOTE_CLOSE in line:
            level = max(0, level - 1)
        else:
            body = line.rstrip()
            out.append("> " + body.strip() if level else body)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(out)).strip("\n")
