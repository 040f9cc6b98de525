"""HTML of mails: what an attacker writes does not run, load or take long; what a customer writes stays readable."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.html_mail import MAIL_HEADERS, MAX_BYTES, mail_page, refused, safe_mail

ALLOWED = set("p br b i em strong a ul ol li blockquote pre code table tbody tr td th".split())
ATTACKS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '<img src="https://tracker.example/pixel.gif">',
    "<svg/onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    '<a href="javascript:alert(1)">x</a>',
    '<a href=" java\tscript:alert(1)">x</a>',
    '<a href="data:text/html,<script>alert(1)</script>">x</a>',
    "<iframe src=https://evil.example></iframe>",
    "<object data=x></object><embed src=x>",
    "<form action=https://evil.example><input name=password></form>",
    "<style>body{background:url(https://tracker.example)}</style>",
    '<p style="background:url(https://tracker.example)">x</p>',
    "<link rel=stylesheet href=https://evil.example/x.css>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<base href=https://evil.example/>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "<template><script>alert(1)</script></template>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<p onclick=alert(1) id=x class=y>x</p>",
    "<a href='https://good.example' target=_blank ping=https://evil.example>x</a>",
    "<xmp><p id='</xmp><img src=x onerror=alert(1)>'></xmp>",
    "\x00<scr\x00ipt>alert(1)</scr\x00ipt>",
)  # fmt: skip


class _Seen(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(n, v or "") for n, v in attrs]


def harmless(html: str) -> None:
    seen = _Seen()
    seen.feed(html)
    assert set(seen.tags) <= ALLOWED, seen.tags
    for name, value in seen.attributes:
        assert name in ("href", "rel", "colspan", "rowspan"), name
        if name == "href":
            assert value.partition(":")[0] in ("http", "https", "mailto") or ":" not in value


@pytest.mark.parametrize("html", ATTACKS)
def test_an_attack_leaves_only_harmless_tags(html: str) -> None:
    harmless(safe_mail(f"<p>before</p>{html}<p>after</p>").html)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.lists(st.sampled_from((*ATTACKS, "<table><tr><td>", "</td>", "<!--", "-->", "<", ">", '"', "'")), max_size=8))
def test_attacks_side_by_side_leave_only_harmless_tags(parts: list[str]) -> None:
    harmless(safe_mail("".join(parts)).html)


def test_a_customers_mail_keeps_its_words_tables_and_links() -> None:
    html = '<div><h1>Down</h1><p>Since <b>9:00</b></p><table><tr><td>LNK-1001</td></tr></table><a href="https://x.example/">log</a></div>'
    clean = safe_mail(html).html
    assert "Down" in clean
    assert "<b>9:00</b>" in clean
    assert "<td>LNK-1001</td>" in clean
    assert '<a href="https://x.example/" rel="noopener noreferrer nofollow">log</a>' in clean


@pytest.mark.parametrize(
    ("html", "why"),
    [
        ("x" * (MAX_BYTES + 1), "bytes"),
        ("<div>" * 201, "too deep"),
        ("<x></y>" * 201, "too deep"),
        ("".join(f"<b a={i}>" for i in range(41)), "too deep"),
        ("<p>" * 50_001, "over 50000 tags"),
    ],
)
def test_html_that_costs_too_much_is_shown_as_text(html: str, why: str) -> None:
    shown = safe_mail(html, text="<b>LNK-1001</b> is down")
    assert why in shown.refused
    assert shown.html == "<pre>&lt;b&gt;LNK-1001&lt;/b&gt; is down</pre>"


def test_a_long_flat_mail_with_omitted_end_tags_is_shown() -> None:
    assert not refused("<p>line<br>" * 5000)
    assert not refused("<table>" + "<tr><td>a<td>b" * 3000 + "</table>")
    assert not refused("<div><b>x</b></div>" * 5000)


def test_the_page_for_the_frame_can_load_and_run_nothing() -> None:
    page = mail_page(safe_mail("<p>Hi</p><script>alert(1)</script>"))
    assert "<p>Hi</p>" in page
    assert "alert" not in page
    policy = MAIL_HEADERS["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox;" in policy
