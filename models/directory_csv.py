"""A directory as CSV: one service a line, with its customer; columns by name, in any order (docs/formats.md)."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from models.directory import Directory
from models.directory_file import dump_directory, parse_directory
from models.errors import DirectoryFileError

REQUIRED = ("service_id", "customer_id")
COLUMNS = (
    *REQUIRED,
    *("customer_name", "domains", "timezone", "contact_name", "contact_email", "contact_phone"),
    *("product", "site", "circuits", "prefixes", "redundant", "activated"),
)
_YES = frozenset({"1", "yes", "true", "y"})
_NO = frozenset({"", "0", "no", "false", "n"})


def parse_csv(text: str, name: str, known: Directory) -> Directory:
    """Reads CSV with commas or semicolons. Customers whose name the file does not give are taken from `known`.

    Raises DirectoryFileError naming the line; nothing was changed.
    """
    sample = text.partition("\n")[0]
    reader = csv.DictReader(io.StringIO(text), delimiter=";" if sample.count(";") > sample.count(",") else ",", strict=True)
    try:
        columns = [c.strip().casefold() for c in reader.fieldnames or ()]
        _check_columns(columns, name)
        reader.fieldnames = columns
        rows = [(reader.line_num, {k: (v or "").strip() for k, v in row.items() if k}) for row in reader]
    except csv.Error as e:
        raise DirectoryFileError(f"{name}:{reader.line_num}: {e}; nothing was changed") from e
    old = {c["id"]: c for c in json.loads(dump_directory(known))["customers"]}
    customers: dict[str, dict[str, Any]] = {}
    services: dict[str, dict[str, Any]] = {}
    for line, row in rows:
        if not any(row.values()):
            continue
        where = f"{name}:{line}"
        for column in REQUIRED:
            if not row[column]:
                raise DirectoryFileError(f"{where}: {column} is empty; nothing was changed")
        if row["service_id"] in services:
            raise DirectoryFileError(f"{where}: service {row['service_id']!r} stands twice; nothing was changed")
        services[row["service_id"]] = _service(row, where)
        _add_customer(customers, old, row, where)
    return parse_directory(json.dumps({"customers": list(customers.values()), "services": list(services.values())}), name)


def _check_columns(columns: list[str], name: str) -> None:
    if missing := [c for c in REQUIRED if c not in columns]:
        raise DirectoryFileError(f"{name}:1: the column {missing[0]!r} is missing; nothing was changed")
    if unknown := [c for c in columns if c not in COLUMNS]:
        raise DirectoryFileError(
            f"{name}:1: there is no column {unknown[0]!r}; there are {', '.join(COLUMNS)}; nothing was changed"
        )


def _many(text: str) -> list[str]:
    return [x.strip() for x in text.replace("|", " ").replace(";", " ").replace(",", " ").split() if x.strip()]


def _service(row: dict[str, str], where: str) -> dict[str, Any]:
    redundant = row.get("redundant", "").casefold()
    if redundant not in _YES | _NO:
        raise DirectoryFileError(f"{where}: redundant is {redundant!r}; yes or no; nothing was changed")
    out: dict[str, Any] = {"id": row["service_id"], "customer": row["customer_id"], "redundant": redundant in _YES}
    out |= {k: row.get(k, "") for k in ("product", "site")} | {k: _many(row.get(k, "")) for k in ("circuits", "prefixes")}
    return out | ({"activated": row["activated"]} if row.get("activated") else {})


def _add_customer(customers: dict[str, dict[str, Any]], old: dict[str, Any], row: dict[str, str], where: str) -> None:
    """The customer of a line; several lines of one customer add up."""
    number = row["customer_id"]
    if number not in customers:
        base = old.get(number)
        if base is None and not row.get("customer_name"):
            raise DirectoryFileError(
                f"{where}: customer {number!r} is not on file and has no customer_name; nothing was changed"
            )
        customers[number] = dict(base or {"id": number, "name": "", "domains": [], "contacts": []})
    customer = customers[number]
    customer["name"] = row.get("customer_name") or customer["name"]
    customer["timezone"] = row.get("timezone") or customer.get("timezone", "UTC")
    customer["domains"] = list(dict.fromkeys([*customer["domains"], *_many(row.get("domains", ""))]))
    email = row.get("contact_email", "")
    if email and all(c["email"].casefold() != email.casefold() for c in customer["contacts"]):
        person = {"name": row.get("contact_name", ""), "email": email, "phone": row.get("contact_phone", "")}
        customer["contacts"] = [*customer["contacts"], person]
