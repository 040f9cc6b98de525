"""The API of this installation: its reader, its directory, its applications."""

from __future__ import annotations

import threading
from datetime import datetime
from urllib.parse import urlsplit

from fastapi import FastAPI

from api.app import build_api
from api.door import Api
from api.tmf import build_tmf
from api.tmf_shapes import BASE
from app.front import ApiFirst
from app.house import DirectoryCache, House, RulesCache
from app.reader import Job, Reader
from app.settings import split
from models.directory import Directory
from models.reading import Reading


def add_api(app: FastAPI, house: House) -> None:
    """Mounts what other systems call."""
    directory = house.directory
    reader = ApiReader(house, directory)
    app.state.api_reader = reader
    api = Api(
        store=house.store,
        clock=house.clock,
        life=house.life,
        filing=house.filing,
        directory=directory.get,
        reader=reader,
        check_rules=check_rules,
        provider=house.settings.provider_name,
        per_minute=house.settings.api_per_minute,
    )
    app.state.api_rates = api.rates
    mounted = {"/api": build_api(api), BASE: build_tmf(api, local_targets=local_targets(house))}
    for prefix, inner in mounted.items():
        # For the walk over all routes; requests come to it through the front.
        app.mount(prefix, inner)
    app.add_middleware(ApiFirst, mounted=mounted)


def local_targets(house: House) -> bool:
    """Whether events may be posted to this machine: only for a house that is itself on this machine, for trials."""
    return urlsplit(house.settings.public_url).hostname in ("127.0.0.1", "localhost", "::1")


class ApiReader:
    """Reads for the API in a child of its own, made with the first request; one text at a time."""

    def __init__(self, house: House, directory: DirectoryCache) -> None:
        self._house, self._directory, self._rules = house, directory, RulesCache(house.store)
        self._reader = Reader()
        self._lock = threading.Lock()

    def words(self, text: str, *, sender: str, customer: str, at: datetime, directory: Directory) -> Reading:
        job = Job(b"", at, sender, "", self._house.settings.addresses, None, words=text, customer=customer)
        rules = self._rules.get()
        with self._lock:
            return self._reader.read_words(job, directory, rules)

    def mail(self, raw: bytes, *, at: datetime) -> Reading:
        s = self._house.settings
        job = Job(raw, at, "", "", s.addresses, None, trusted_forms=split(s.trusted_forms))
        directory, rules = self._directory.get(), self._rules.get()
        with self._lock:
            return self._reader.read(job, directory, rules)[1]

    def close(self) -> None:
        with self._lock:
            self._reader.stop()


def check_rules(text: str, name: str) -> None:
    """Raises RuleError naming the rule that cannot be used."""
    # Imported here: a house whose API is not used need not load the recognizers.
    from parsers.rules import parse_rules

    parse_rules(text, name)
