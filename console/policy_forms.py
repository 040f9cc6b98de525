"""A document as its form: what each field holds and what is wrong with it, as the templates ask for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from console.policy_shape import SHAPES, Laid, laid, nested, numbered, without_blanks, written
from console.policy_words import place_words

FORMS: frozenset[str] = frozenset(SHAPES)


@dataclass(frozen=True)
class FormView:
    """The form of one document; fields and lists go by their paths."""

    kind: str
    fields: Laid
    errors: Mapping[str, str] = field(default_factory=dict)
    may_edit: bool = False
    # The id of what has the focus when the page comes.
    focus: str = ""

    def value(self, path: str) -> str:
        return self.fields.values.get(path, "")

    def on(self, path: str) -> bool:
        return bool(self.value(path))

    def wrong(self, path: str) -> str:
        return self.errors.get(path, "")

    def rows(self, path: str) -> list[str]:
        """The paths of a list's rows."""
        return [f"{path}.{n}" for n in range(self.fields.counts.get(path, 0))]

    def told(self) -> list[tuple[str, str, str]]:
        """Each mistake as the id it stands at, its place in words, and what is wrong; from the top of the form down."""
        paths = list(self.fields.values)

        def at(path: str) -> int:
            return next((n for n, p in enumerate(paths) if p == path or p.startswith(path + ".")), len(paths))

        return [
            (path if path in self.fields.values else f"{path}-e", place_words(path), words)
            for path, words in sorted(self.errors.items(), key=lambda e: at(e[0]))
        ]


def view(kind: str, body: Mapping[str, Any]) -> Laid:
    """The fields of a document; none for a kind that is edited as text only."""
    return laid(SHAPES[kind], body) if kind in SHAPES else Laid()


def body_of(kind: str, sent: Mapping[str, str]) -> dict[str, Any]:
    """The document that a sent form describes, with rows that are still empty."""
    return numbered(kind, written(SHAPES[kind], nested(sent))) if kind in SHAPES else {}


def filled(kind: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """The document without rows that were added and left empty."""
    made: dict[str, Any] = without_blanks(SHAPES[kind], body)
    return made
