"""A labelled corpus as one archive: mails as .eml, the truth as gold.jsonl, the directory if it has one of its own.

Nothing is unpacked to a disk: members are read into memory one by one, and what they really hold is counted, whatever the
archive says of itself.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

from models.directory import Directory
from models.directory_file import parse_directory
from models.errors import UserError

MAX_ARCHIVE = 50_000_000
MAX_TOTAL = 200_000_000
MAX_MAIL = 5_000_000
MAX_MAILS = 5_000
_MAX_MEMBERS = 3 * MAX_MAILS
_CHUNK = 65_536
_FIELDS = frozenset(
    "service_ids circuit_ids ip_addresses impact start_time fault_pattern has_test_results ticket_ref intent missing action "
    "description description_words received_at id category note".split()
)


@dataclass(frozen=True, slots=True)
class Archive:
    """The mails by name (file name without ending), what is true of them, and the directory or None for the house's."""

    mails: Mapping[str, bytes]
    gold: Mapping[str, dict[str, Any]]
    directory: Directory | None


def open_corpus(data: bytes, name: str) -> Archive:
    """Reads an archive. Raises UserError naming the member and what is wrong with it."""
    if len(data) > MAX_ARCHIVE:
        raise UserError(f"{name}: larger than {MAX_ARCHIVE // 1_000_000} MB; split it")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _read(archive, name)
    except zipfile.BadZipFile as e:
        raise UserError(f"{name}: not a zip archive, or damaged ({e})") from e
    except (NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as e:
        raise UserError(f"{name}: cannot be read ({e})") from e


def _read(archive: zipfile.ZipFile, name: str) -> Archive:
    members = [m for m in archive.infolist() if not m.is_dir()]
    if len(members) > _MAX_MEMBERS:
        raise UserError(f"{name}: has {len(members)} members; at most {_MAX_MEMBERS} are taken")
    mails: dict[str, bytes] = {}
    others: dict[str, bytes] = {}
    total = 0
    for member in members:
        path = PurePosixPath(member.filename.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or ":" in path.parts[0]:
            raise UserError(f"{name}: member {member.filename!r} points outside the archive")
        if member.flag_bits & 1:
            raise UserError(f"{name}: member {member.filename!r} is encrypted")
        wanted = path.suffix.lower() == ".eml" or path.name in ("gold.jsonl", "directory.json")
        if not wanted or path.parts[0] == "__MACOSX":
            continue
        bytes_ = _bounded(archive, member, name, min(MAX_MAIL if path.suffix == ".eml" else MAX_TOTAL, MAX_TOTAL - total))
        total += len(bytes_)
        into, key = (mails, path.stem) if path.suffix.lower() == ".eml" else (others, path.name)
        if key in into:
            raise UserError(f"{name}: {key!r} stands twice in it")
        into[key] = bytes_
    if not mails:
        raise UserError(f"{name}: has no .eml file")
    if len(mails) > MAX_MAILS:
        raise UserError(f"{name}: has {len(mails)} mails; at most {MAX_MAILS} are taken")
    directory = (
        parse_directory(_text(others["directory.json"], "directory.json"), "directory.json")
        if "directory.json" in others
        else None
    )
    return Archive(mails, _gold(others.get("gold.jsonl", b""), mails), directory)


def _bounded(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str, most: int) -> bytes:
    """The member's bytes, as long as they are not more than they may be."""
    out = bytearray()
    with archive.open(member) as stream:
        while chunk := stream.read(_CHUNK):
            out += chunk
            if len(out) > most:
                raise UserError(f"{name}: member {member.filename!r} holds more than {max(0, most)} bytes")
    return bytes(out)


def _gold(data: bytes, mails: Mapping[str, bytes]) -> dict[str, dict[str, Any]]:
    gold: dict[str, dict[str, Any]] = {}
    for number, line in enumerate(_text(data, "gold.jsonl").splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as e:
            raise UserError(f"gold.jsonl:{number}: not JSON ({e})") from e
        if not isinstance(row, dict) or not isinstance(row.get("id"), str):
            raise UserError(f"gold.jsonl:{number}: needs an object with the id of a mail")
        if row["id"] not in mails:
            raise UserError(f"gold.jsonl:{number}: there is no mail {row['id']!r} in the archive")
        if unknown := sorted(row.keys() - _FIELDS):
            raise UserError(f"gold.jsonl:{number}: {unknown[0]!r} is no field that `intake read` prints")
        _check_types(row, number)
        gold[row["id"]] = row
    return gold


def _check_types(row: Mapping[str, Any], number: int) -> None:
    for key in ("service_ids", "circuit_ids", "ip_addresses", "missing"):
        if key in row and not (isinstance(row[key], list) and all(isinstance(v, str) for v in row[key])):
            raise UserError(f"gold.jsonl:{number}: {key} must be a list of texts")
    start = row.get("start_time")
    instants = [start.get("earliest"), start.get("latest")] if isinstance(start, dict) else [start] if start else []
    for instant in (*instants, *([row["received_at"]] if row.get("received_at") else [])):
        try:
            aware = isinstance(instant, str) and datetime.fromisoformat(instant).tzinfo is not None
        except ValueError:
            aware = False
        if not aware:
            raise UserError(f"gold.jsonl:{number}: {instant!r} is no instant with a zone, such as 2026-01-07T14:25:00Z")


def _text(data: bytes, name: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as e:
        raise UserError(f"{name}: not UTF-8 ({e})") from e
