"""A form of a page as a browser would send it, without a browser."""

from __future__ import annotations

from html.parser import HTMLParser


class FormReader(HTMLParser):
    """The successful controls of the form with this id; `labels` are the ids that a label names."""

    def __init__(self, form_id: str) -> None:
        super().__init__()
        self.form_id = form_id
        self.sent: dict[str, str] = {}
        self.controls: set[str] = set()
        self.labels: set[str] = set()
        self._inside = False
        self._select: str | None = None
        self._area: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {k: v or "" for k, v in attrs}
        if tag == "form":
            self._inside = given.get("id") == self.form_id
        if tag == "label" and given.get("for"):
            self.labels.add(given["for"])
        if not self._inside:
            return
        name = given.get("name", "")
        if tag in ("input", "select", "textarea") and given.get("type") not in ("hidden", "checkbox"):
            self.controls.add(given["id"])
        if tag == "input" and (given.get("type") != "checkbox" or "checked" in given):
            self.sent[name] = given.get("value", "")
        elif tag == "textarea":
            self._area = name
            self.sent[name] = ""
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and ("selected" in given or self._select not in self.sent):
            self.sent[self._select] = given.get("value", "")

    def handle_data(self, data: str) -> None:
        if self._area:
            self.sent[self._area] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        if tag == "select":
            self._select = None
        if tag == "textarea":
            self._area = None


def form_of(page: str, form_id: str = "policy") -> dict[str, str]:
    """What the form would send as it stands, its token left out."""
    reader = FormReader(form_id)
    reader.feed(page)
    return {k: v for k, v in reader.sent.items() if k != "csrf"}


def without_label(page: str, form_id: str = "policy") -> set[str]:
    """The controls of the form that no label names."""
    reader = FormReader(form_id)
    reader.feed(page)
    return reader.controls - reader.labels
