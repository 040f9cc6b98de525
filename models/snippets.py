"""The words around what was found, cut out and marked by FTS5 in a table of its own in memory, for either database."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from models.search import Term, fts5_query

# Marks from a private part of Unicode; a text's own are taken out before.
_BEGIN, _END = "\ue000", "\ue001"
_WORDS = 24
_MOST_CHARS = 20_000


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a snippet; `hit` where it is a word that was looked for."""

    text: str
    hit: bool = False


def snippets(texts: Iterable[tuple[str, str]], wanted: Sequence[Term]) -> dict[str, tuple[Part, ...]]:
    """Key -> snippet, for those of these (key, text) in which a term stands."""
    if not wanted:
        return {}
    with sqlite3.connect(":memory:") as memory:
        memory.execute(
            "CREATE VIRTUAL TABLE t USING fts5(key UNINDEXED, doc, tokenize = 'porter unicode61 remove_diacritics 2')"
        )
        memory.executemany("INSERT INTO t VALUES (?, ?)", ((key, _plain(doc)) for key, doc in texts))
        # Any term: where one stands in the sender's name, the others still show in the text.
        query = fts5_query(wanted).replace(" AND ", " OR ")
        rows = memory.execute(
            "SELECT key, snippet(t, 1, ?, ?, ' … ', ?) FROM t WHERE t MATCH ?", (_BEGIN, _END, _WORDS, "doc : (" + query + ")")
        ).fetchall()
    memory.close()
    return {key: _parts(" ".join(marked.split())) for key, marked in rows}


def _plain(doc: str) -> str:
    return doc[:_MOST_CHARS].replace(_BEGIN, "").replace(_END, "").replace("\x00", "")


def _parts(marked: str) -> tuple[Part, ...]:
    out: list[Part] = []
    for n, piece in enumerate(marked.split(_BEGIN)):
        inside, _, after = piece.partition(_END) if n else ("", "", piece)
        out += [Part(inside, hit=True)] if inside else []
        out += [Part(after)] if after else []
    return tuple(out)
