"""Stored and uploaded contacts as a corpus: what people have said is the truth, and without that only a diff is possible."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from app.backtest import Corpus, Item
from models.corpus_zip import open_corpus
from models.directory_store import read_directory
from models.label_store import labels_of, newest_filed
from models.store import Store


def stored_corpus(
    store: Store,
    own: tuple[str, ...],
    limit: int,
    *,
    labelled: bool = False,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Corpus:
    """The newest contacts by mail, each as it stood when it was read: same time, same question of ours, same customer."""
    with store.read() as session:
        found = newest_filed(session, limit, labelled=labelled, since=since, until=until)
        labels = labels_of(session, [m.id for m in found])
    items = tuple(Item(str(m.id), m.raw, m.at, own, m.question, m.customer_address) for m in found)
    return Corpus(read_directory(store), items, {str(k): v for k, v in labels.items()})


def uploaded_corpus(store: Store, own: tuple[str, ...], data: bytes, name: str) -> Corpus:
    """An uploaded archive. Raises UserError where it cannot be used."""
    archive = open_corpus(data, name)
    items = []
    for key, raw in sorted(archive.mails.items()):
        at = archive.gold.get(key, {}).get("received_at")
        items.append(Item(key, raw, datetime.fromisoformat(at) if at else None, own))
    return Corpus(archive.directory or read_directory(store), tuple(items), archive.gold)


def corpus_of(store: Store, own: tuple[str, ...], source: dict[str, Any], upload: bytes | None) -> Corpus:
    """The corpus that a replay asks for: the newest, a range of days, the labelled set, or an archive."""
    if upload is not None:
        return uploaded_corpus(store, own, upload, str(source.get("name", "corpus")))
    return stored_corpus(
        store,
        own,
        int(source.get("limit", 1000)),
        labelled=source.get("kind") == "labelled",
        since=datetime.fromisoformat(source["from"]) if source.get("from") else None,
        until=datetime.fromisoformat(source["to"]) if source.get("to") else None,
    )
