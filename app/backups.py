"""Backups taken while everything runs, and proven by restoring them: one file for the database and the key of all marks."""

from __future__ import annotations

import json
import os
import sqlite3
import tarfile
import tempfile
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from app.copying import copy_all, fingerprint, tables
from app.house import House, secret_key
from models.errors import OwnError, UserError
from models.store import Store, ensure_schema

_DATABASE, _KEY, _ABOUT = "intake.db", "secret.key", "about.json"
_PAGES = 2000
Progress = Callable[[str], None]


def back_up(house: House, file: Path, say: Progress = lambda _text: None) -> dict[str, Any]:
    """Writes the backup and reads it back; the file appears only when it is whole. Raises UserError if it exists."""
    if file.exists():
        raise UserError(f"{file} exists; a backup is never written over another")
    with tempfile.TemporaryDirectory(dir=file.absolute().parent) as folder:
        copy = Path(folder) / _DATABASE
        _copy_of(house.store, copy, say)
        say("reading it back")
        about = _about(copy)
        made = Path(folder) / "made"
        with tarfile.open(made, "w:gz", compresslevel=1) as archive:
            archive.add(copy, _DATABASE)
            _put(archive, _KEY, secret_key(house.settings))
            _put(archive, _ABOUT, json.dumps(about, indent=1).encode())
        os.chmod(made, 0o600)
        _verify(made, Path(folder))
        os.link(made, file)
    return about


def restore(house_url: str, data_dir: Path, file: Path, say: Progress = lambda _text: None) -> dict[str, Any]:
    """Puts a backup into an empty database, and its key into the data directory. Raises UserError; nothing is changed then."""
    with tempfile.TemporaryDirectory() as folder:
        about, key = _verify(file, Path(folder), say)
        key_file = data_dir / _KEY
        if key_file.exists() and key_file.read_bytes().strip() != key.strip():
            raise UserError(f"{key_file} is another installation's key: links in mails sent so far would break; move it away")
        source, target = Store(f"sqlite:///{Path(folder) / _DATABASE}"), Store(house_url)
        with closing(source), closing(target):
            copy_all(source, target, lambda table, done, whole: say(f"{table}: {done} of {whole}"))
        data_dir.mkdir(parents=True, exist_ok=True)
        if not key_file.exists():
            key_file.touch(mode=0o600)
            key_file.write_bytes(key)
    return about


def _copy_of(store: Store, copy: Path, say: Progress) -> None:
    if store.is_sqlite:
        source_file = store.url.removeprefix("sqlite:///")
        with closing(sqlite3.connect(source_file)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target, pages=_PAGES, progress=lambda _s, left, whole: say(f"{whole - left} of {whole} pages"))
        return
    # PostgreSQL: one snapshot of all tables, so that writers go on meanwhile.
    snapshot, target_store = _Snapshot(store.url), Store(f"sqlite:///{copy}")
    with closing(snapshot), closing(target_store):
        copy_all(snapshot, target_store, lambda table, done, whole: say(f"{table}: {done} of {whole}"))


class _Snapshot(Store):
    """A store whose connections read one state of the database throughout."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.engine = self.engine.execution_options(isolation_level="REPEATABLE READ")


def _about(copy: Path) -> dict[str, Any]:
    """Checks the copy from within, and gives rows and hash of each table."""
    store = Store(f"sqlite:///{copy}")
    with closing(store):
        with store.engine.connect() as connection:
            state = connection.exec_driver_sql("PRAGMA integrity_check").scalar()
            if state != "ok":
                raise OwnError(f"the copy is damaged: {state}")
        ensure_schema(store)
        with store.engine.connect() as connection:
            found = {t.name: list(fingerprint(connection, t)) for t in tables()}
    for left in ("-wal", "-shm", "-turns", "-turns-bulk", "-turns-persons"):
        with suppress(FileNotFoundError):
            copy.with_name(copy.name + left).unlink()
    return {"taken_at": datetime.now(UTC).isoformat(timespec="seconds"), "tables": found}


def _verify(file: Path, folder: Path, say: Progress = lambda _text: None) -> tuple[dict[str, Any], bytes]:
    """Unpacks the backup beside, and compares every table with what the backup says of it."""
    try:
        with tarfile.open(file, "r:gz") as archive:
            about = json.loads(_get(archive, _ABOUT))
            key = _get(archive, _KEY)
            unpacked = folder / "restored"
            unpacked.mkdir()
            archive.extract(_DATABASE, unpacked, filter="data")
    except (OSError, tarfile.TarError, KeyError, ValueError) as e:
        raise UserError(f"{file} is no backup of ours: {e}") from e
    say("checking the backup")
    found = _about(unpacked / _DATABASE)["tables"]
    if wrong := [name for name, what in about["tables"].items() if found.get(name) != what]:
        raise UserError(f"{file}: table {wrong[0]} is not what was backed up")
    (unpacked / _DATABASE).replace(folder / _DATABASE)
    return about, key


def _put(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(content), 0o600
    archive.addfile(member, BytesIO(content))


def _get(archive: tarfile.TarFile, name: str) -> bytes:
    found = archive.extractfile(name)
    if found is None:
        raise KeyError(name)
    return found.read()
