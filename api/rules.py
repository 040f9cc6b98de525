"""Rule sets and readings: what texts are read by, and what they say."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Path, Request
from fastapi.responses import Response
from pydantic import ValidationError
from sqlmodel import col, select

from api.answers import answer, page
from api.door import Api, Door
from api.paging import Cursor, Limit, Page, cursor_of, keys_of
from api.problems import Problem, documented
from api.repeats import raw_body
from api.shapes import ActivationIn, ReadingIn, RuleSetIn
from api.shown import ReadingOut, RuleSetOut
from models.access import Scope
from models.audit_log import record
from models.errors import ParseTimeout
from models.replay_store import objection
from models.rule_store import activate, find_rules, keep_rules
from models.tables import RuleSetRecord
from models.token_store import Bearer

MAX_MAIL = 25_000_000
_Which = Annotated[str, Path(pattern=r"^[0-9a-f]{1,12}$", description="Number or digest.")]
_READ_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": {"$ref": "#/components/schemas/ReadingIn"}},
            "message/rfc822": {"schema": {"type": "string", "format": "binary"}},
        },
    }
}


def add_rule_sets(app: FastAPI, api: Api, door: Door) -> None:
    reads, writes = Depends(door.may(Scope.RULES_READ)), Depends(door.may(Scope.RULES_WRITE))

    @app.get("/v1/rule-sets", response_model=Page[RuleSetOut], responses=documented(), tags=["rule sets"])
    def list_rule_sets(who: Bearer = reads, limit: Limit = 50, cursor: Cursor = "") -> Response:
        """The kept rule sets, the newest first; where none is active the shipped one is in force."""
        rows = select(RuleSetRecord).order_by(col(RuleSetRecord.id).desc()).limit(limit + 1)
        if cursor:
            rows = rows.where(col(RuleSetRecord.id) < keys_of(cursor, int)[0])
        with api.store.read() as session:
            found = session.exec(rows).all()
        following = cursor_of(found[limit - 1].id) if len(found) > limit else None
        return page((_shown(r) for r in found[:limit]), following)

    @app.get("/v1/rule-sets/{which}", response_model=RuleSetOut, responses=documented(404), tags=["rule sets"])
    def read_rule_set(which: _Which, who: Bearer = reads) -> Response:
        """One rule set with its rules."""
        with api.store.read() as session:
            return answer(_shown(find_rules(session, which), whole=True))

    @app.post("/v1/rule-sets", status_code=201, response_model=RuleSetOut, responses=documented(400), tags=["rule sets"])
    def keep_rule_set(given: RuleSetIn, who: Bearer = writes) -> Response:
        """Checks a rule set whole and keeps it; a bad rule names itself and nothing is kept. The same set is kept once."""
        text = json.dumps(given.rules, ensure_ascii=False, indent=1)
        api.check_rules(text, given.name)
        with api.store.write() as session:
            row = keep_rules(session, given.name, text, api.clock())
            body = _shown(row)
            record(session, "rules-kept", at=api.clock(), actor=who.actor, subject=f"rules:{row.id}", digest=row.digest)
        return answer(body, 201, location=f"/api/v1/rule-sets/{body.id}")

    @app.post("/v1/rule-sets/{which}/activation", response_model=RuleSetOut, responses=documented(400, 404, 409),
              tags=["rule sets"])  # fmt: skip
    def activate_rule_set(which: _Which, given: ActivationIn, who: Bearer = writes) -> Response:
        """Puts a kept set in force with the next mail, once a replay of it was done; the reason stands in the audit log."""
        with api.store.write() as session:
            row = find_rules(session, which)
            api.check_rules(row.body["text"], row.name)
            despite = objection(session, row.digest)
            if despite and not given.override:
                raise Problem(409, f"{despite}. Do a replay, or send override.", errors=[("body.override", despite)])
            activate(session, row, actor=who.actor, now=api.clock(), reason=given.reason, despite=despite)
            body = _shown(row)
        return answer(body)


def add_readings(app: FastAPI, api: Api, door: Door) -> None:
    writes = Depends(door.may(Scope.READINGS_WRITE))

    @app.post("/v1/readings", response_model=ReadingOut, responses=documented(400, 413, 415, 503), tags=["readings"],
              openapi_extra=_READ_BODY)  # fmt: skip
    def read_text(request: Request, who: Bearer = writes, raw: bytes = Depends(raw_body)) -> Response:
        """Reads a text (JSON) or a mail (`message/rfc822`) by the active rule set. Nothing is kept and nobody is answered."""
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if len(raw) > MAX_MAIL:
            raise Problem(413, f"At most {MAX_MAIL} bytes are read.")
        now = api.clock()
        try:
            if kind == "message/rfc822":
                reading = api.reader.mail(raw, at=now)
            elif kind == "application/json":
                given = _given(raw)
                at = given.received_at or now
                reading = api.reader.words(given.text, sender=given.sender, customer="", at=at, directory=api.directory())
            else:
                raise Problem(415, "Send application/json or message/rfc822.", errors=[("header.Content-Type", "is neither")])
        except ParseTimeout as e:
            raise Problem(503, f"This could not be read: {e}.", headers={"Retry-After": "1"}) from e
        return answer(ReadingOut.model_validate({"id": "reading", **reading.as_row()}))


def _given(raw: bytes) -> ReadingIn:
    try:
        return ReadingIn.model_validate_json(raw)
    except ValidationError as e:
        bad = any(x["type"] == "json_invalid" for x in e.errors())
        found = [(".".join(("body", *map(str, x["loc"]))), str(x["msg"]).removeprefix("Value error, ")) for x in e.errors()]
        raise Problem(400 if bad else 422, "; ".join(f"{f}: {d}" for f, d in found[:5]), errors=found[:50]) from e


def _shown(row: RuleSetRecord, *, whole: bool = False) -> RuleSetOut:
    rules: dict[str, Any] | None = json.loads(row.body["text"]) if whole else None
    return RuleSetOut(
        id=row.id or 0, name=row.name, digest=row.digest, active=row.active, created_at=row.created_at, rules=rules
    )
