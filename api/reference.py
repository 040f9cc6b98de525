"""The OpenAPI document as rows for a page that needs no script."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Operation:
    method: str
    path: str
    about: str
    scope: str = ""
    inputs: list[tuple[str, str, str, str]] = field(default_factory=list)
    answers: list[tuple[str, str, str]] = field(default_factory=list)
    example: str = ""

    @property
    def anchor(self) -> str:
        return f"{self.method}-{self.path}".lower().replace("/", "-").replace("{", "").replace("}", "")


def reference(document: dict[str, Any]) -> dict[str, list[Operation]]:
    """Operations by group; inputs are (where, name, kind, what it means)."""
    groups: dict[str, list[Operation]] = {}
    for path, methods in document["paths"].items():
        for method, found in methods.items():
            operation = Operation(method.upper(), "/api" + path, found.get("description") or found.get("summary", ""))
            operation.inputs = [
                (
                    p["in"],
                    p["name"] + (" *" if p.get("required") else ""),
                    _kind(p["schema"], document),
                    p.get("description", ""),
                )
                for p in found.get("parameters", [])
            ]
            body = found.get("requestBody", {}).get("content", {})
            for kind, content in body.items():
                operation.inputs += (
                    _fields(content["schema"], document) if kind == "application/json" else [("body", kind, "bytes", "")]
                )
                if kind == "application/json":
                    operation.example = json.dumps(_example(content["schema"], document), indent=2)
            operation.answers = [(c, r.get("description", ""), _shape(r)) for c, r in found.get("responses", {}).items()]
            groups.setdefault((found.get("tags") or ["other"])[0], []).append(operation)
    return groups


def shapes(document: dict[str, Any]) -> dict[str, list[tuple[str, str, str, str]]]:
    """The shapes of answers, by name."""
    schemas = document["components"]["schemas"]
    return {n: _fields(s, document) for n, s in schemas.items() if n.endswith("Out") and s.get("properties")}


def _shape(answer: dict[str, Any]) -> str:
    for content in answer.get("content", {}).values():
        return str(content.get("schema", {}).get("$ref", "")).rpartition("/")[2]
    return ""


def _resolved(schema: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    return dict(document["components"]["schemas"].get(name, {})) if name else schema


def _fields(schema: dict[str, Any], document: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    whole = _resolved(schema, document)
    needed = set(whole.get("required", ()))
    return [
        ("body", name + (" *" if name in needed else ""), _kind(s, document), s.get("description", ""))
        for name, s in whole.get("properties", {}).items()
    ]


def _kind(schema: dict[str, Any], document: dict[str, Any]) -> str:
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(_kind(s, document) for s in schema["anyOf"]))
    whole = _resolved(schema, document)
    if "enum" in whole:
        return ", ".join(str(v) for v in whole["enum"])
    if whole.get("type") == "array":
        return f"list of {_kind(whole.get('items', {}), document)}"
    return str(whole.get("format") or whole.get("type") or "any")


def _example(schema: dict[str, Any], document: dict[str, Any]) -> Any:
    whole = _resolved(schema, document)
    needed = whole.get("required", ())
    return {n: _value(s, document) for n, s in whole.get("properties", {}).items() if n in needed or n in _SHOWN}


_SHOWN: dict[str, Any] = {
    "service_ids": ["LNK-1001"],
    "impact": "service_affecting",
    "start_time": "2026-05-04T07:40:00Z",
    "description": "The line is down, no light at our end.",
    "text": "The line is down again since 9:00.",
    "reason": "no progress for two hours",
    "name": "night-shift",
    "rules": {},
}


def _value(schema: dict[str, Any], document: dict[str, Any]) -> Any:
    for name, value in _SHOWN.items():
        if schema.get("title", "").lower().replace(" ", "_") == name:
            return value
    kind = _kind(schema, document)
    return _SHOWN["impact"] if "service_affecting" in kind else kind
