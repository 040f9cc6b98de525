"""The directory out of NetBox by its REST API: tenants are customers, circuits are services (docs/formats.md)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx

from models.directory import Directory
from models.directory_file import parse_directory
from models.errors import DirectoryFileError

_PAGE = 250
_MOST_PAGES = 2000
_TIMEOUT_S = 30.0
_TRIES = 3
Told = Callable[[int], None]


class NetBoxError(DirectoryFileError):
    """NetBox does not give what is asked for; nothing was changed."""


def fetch_netbox(url: str, token: str, told: Told = lambda _count: None) -> Directory:
    """Reads all pages. Raises NetBoxError naming the request and what to do."""
    base = url.rstrip("/").removesuffix("/api")
    if urlsplit(base).scheme not in ("http", "https") or not urlsplit(base).netloc:
        raise NetBoxError(f"{url!r} is not the address of a NetBox, such as https://netbox.example.net")
    headers = {"Authorization": f"Token {token}", "Accept": "application/json"}
    with httpx.Client(headers=headers, timeout=_TIMEOUT_S, follow_redirects=False) as client:
        rows = {path: list(_pages(client, base, path, told)) for path in _PATHS}
    return parse_directory(json.dumps(_directory(rows)), "NetBox")


_TENANTS, _CONTACTS, _HELD = "tenancy/tenants/", "tenancy/contacts/", "tenancy/contact-assignments/"
_CIRCUITS, _PREFIXES = "circuits/circuits/", "ipam/prefixes/"
_PATHS = (_TENANTS, _CONTACTS, _HELD, _CIRCUITS, _PREFIXES)


def _pages(client: httpx.Client, base: str, path: str, told: Told) -> Iterator[dict[str, Any]]:
    """All rows of one list; `next` is followed on the same host only, so that the token goes nowhere else."""
    url: str | None = f"{base}/api/{path}?limit={_PAGE}"
    for _ in range(_MOST_PAGES):
        if url is None:
            return
        if urlsplit(url).netloc != urlsplit(base).netloc:
            raise NetBoxError(f"NetBox names its next page on another host ({urlsplit(url).netloc}); set its own address right")
        page = _asked(client, url, path)
        results = page.get("results")
        if not isinstance(results, list):
            raise NetBoxError(f"GET /api/{path}: the answer has no results; is this a NetBox?")
        told(len(results))
        yield from results
        url = page.get("next")
    raise NetBoxError(f"GET /api/{path}: more than {_MOST_PAGES} pages")


def _asked(client: httpx.Client, url: str, path: str) -> dict[str, Any]:
    for attempt in range(_TRIES):
        try:
            answer = client.get(url)
        except httpx.HTTPError as e:
            if attempt + 1 < _TRIES:
                continue
            raise NetBoxError(f"GET /api/{path}: {type(e).__name__}: {e}; is the address right, and NetBox up?") from e
        if answer.status_code in (401, 403):
            raise NetBoxError(f"GET /api/{path}: NetBox answers {answer.status_code}: the token is wrong, or may not read this")
        if answer.status_code >= 500 and attempt + 1 < _TRIES:
            continue
        if answer.status_code != 200:
            raise NetBoxError(f"GET /api/{path}: NetBox answers {answer.status_code}")
        try:
            found = answer.json()
        except ValueError as e:
            raise NetBoxError(f"GET /api/{path}: the answer is not JSON; is this a NetBox?") from e
        return found if isinstance(found, dict) else {}
    raise NetBoxError(f"GET /api/{path}: no answer")


def _directory(rows: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    people = {c["id"]: c for c in rows[_CONTACTS]}
    held: dict[int, list[dict[str, str]]] = {}
    for row in rows[_HELD]:
        person = people.get((row.get("contact") or {}).get("id"), {})
        if row.get("object_type", row.get("content_type")) == "tenancy.tenant" and person.get("email"):
            told = {"name": person.get("name", ""), "email": person["email"], "phone": person.get("phone", "")}
            held.setdefault(row["object_id"], []).append(told)
    prefixes: dict[str, list[str]] = {}
    for row in rows[_PREFIXES]:
        service = (row.get("custom_fields") or {}).get("service_id")
        if service:
            prefixes.setdefault(str(service), []).append(row["prefix"])
    circuits = [c for c in rows[_CIRCUITS] if c.get("tenant")]
    used = {c["tenant"]["id"] for c in circuits}
    customers = [_customer(t, held.get(t["id"], [])) for t in rows[_TENANTS] if t["id"] in used]
    return {"customers": customers, "services": [_service(c, prefixes.get(c["cid"], [])) for c in circuits]}


def _customer(tenant: dict[str, Any], contacts: list[dict[str, str]]) -> dict[str, Any]:
    own = tenant.get("custom_fields") or {}
    out = {"id": tenant["slug"], "name": tenant["name"], "domains": _many(own.get("domains")), "contacts": contacts}
    return out | ({"timezone": own["timezone"]} if own.get("timezone") else {})


def _service(circuit: dict[str, Any], prefixes: list[str]) -> dict[str, Any]:
    own = circuit.get("custom_fields") or {}
    site = (circuit.get("termination_a") or {}).get("site") or (circuit.get("termination_a") or {}).get("termination") or {}
    product = circuit.get("type") or {}
    return {
        "id": circuit["cid"],
        "customer": circuit["tenant"]["slug"],
        "product": product.get("display") or product.get("name") or "",
        "site": site.get("display") or site.get("name") or "",
        "circuits": _many(own.get("circuits")),
        "prefixes": prefixes,
        "redundant": bool(own.get("redundant")),
        **({"activated": f"{circuit['install_date']}T00:00:00Z"} if circuit.get("install_date") else {}),
    }


def _many(value: Any) -> list[str]:
    if isinstance(value, list):
        return [str(v) for v in value]
    return [x for x in str(value or "").replace(",", " ").split() if x]
