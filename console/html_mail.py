"""The HTML of a mail made harmless: few tags, no images, no scripts, and never more work than the page can wait for.

Shown in an iframe with `sandbox=""` under MAIL_HEADERS; where the HTML is too large or too deep its text is shown instead.
Trees that are deep or keep many inline tags open cost the HTML parser quadratic time, so they are counted before it sees them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import nh3
from jinja2 import Environment

MAX_BYTES = 1_000_000
MAX_DEPTH = 200
# Inline tags that stay open are repeated in each following block (HTML, 13.2.4.3), so few may be open at once.
MAX_INLINE = 40
MAX_TAGS = 50_000
MAIL_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_TAGS = frozenset("p br b i em strong a ul ol li blockquote pre code table tr td th".split())
_GONE = frozenset(("script", "style", "head", "title"))
_SCHEMES = frozenset(("https", "http", "mailto"))
_VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())
# An omitted end tag is implied by the next of these, or by the end of the table or list that is counted.
_IMPLIED = frozenset("p li dt dd tr td th thead tbody tfoot colgroup option optgroup html head body".split())
_INLINE = frozenset("a b big code em font i nobr s small strike strong tt u".split())
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:-]*)")
_PAGE = Environment(autoescape=True).from_string(
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="referrer" content="no-referrer">'
    "<title>Message</title></head><body>{{ body }}</body></html>"
)
_TEXT = Environment(autoescape=True).from_string("<pre>{{ text }}</pre>")


@dataclass(frozen=True, slots=True)
class SafeMail:
    """`html` may stand in a page as it is; `refused` says why the mail's own HTML is not shown, and is empty otherwise."""

    html: str
    refused: str = ""


def safe_mail(html: str, *, text: str = "") -> SafeMail:
    """The mail's HTML with the allowed tags only; where it is refused, `text` (the canonical text) in its place."""
    why = refused(html)
    if why:
        return SafeMail(_TEXT.render(text=text), why)
    clean = nh3.clean(
        html,
        tags=set(_TAGS),
        clean_content_tags=set(_GONE),
        attributes={"*": set(), "a": {"href"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}},
        url_schemes=set(_SCHEMES),
        link_rel="noopener noreferrer nofollow",
        strip_comments=True,
    )
    return SafeMail(clean)


def mail_page(mail: SafeMail) -> str:
    """A whole document for the sandboxed iframe; send it with MAIL_HEADERS."""
    from markupsafe import Markup

    return _PAGE.render(body=Markup(mail.html))  # noqa: S704  (it comes out of nh3 or the autoescaping template)


def refused(html: str) -> str:
    """Why this HTML is not parsed at all, or an empty string; takes time linear in its length."""
    size = len(html.encode("utf-8", "replace"))
    if size > MAX_BYTES:
        return f"the HTML has {size} bytes; at most {MAX_BYTES} are shown"
    open_tags: dict[str, int] = {}
    depth = inline = 0
    for count, found in enumerate(_TAG.finditer(html)):
        if count >= MAX_TAGS:
            return f"the HTML has over {MAX_TAGS} tags"
        name = found[2].lower()
        if name in _VOID or name in _IMPLIED:
            continue
        step = -1 if found[1] else 1
        if step < 0 and not open_tags.get(name):
            continue
        open_tags[name] = open_tags.get(name, 0) + step
        depth += step
        inline += step if name in _INLINE else 0
        if depth > MAX_DEPTH or inline > MAX_INLINE:
            return "the HTML is nested too deep"
    return ""
