"""The simulator's calls: each request takes the call out of its signed form, walks on, and seals it again."""

from __future__ import annotations

from typing import Any

from itsdangerous import BadSignature, SignatureExpired, URLSafeTimedSerializer

from app.calling import own_call, own_poster
from app.house import House, secret_key
from console.phone_simulator import Line, Shown
from ivr.desk import OUTCOMES, give, wants
from ivr.line import SOURCE
from ivr.walk import Stop, Walk
from models.errors import UserError

_MAX_AGE_S = 4 * 3600
_KEPT_LINES = 60


class PhoneSimulator:
    """Implements console.phone_simulator.Simulator over the webhooks that this machine serves."""

    def __init__(self, house: House) -> None:
        self._settings = house.settings
        self._seal = URLSafeTimedSerializer(secret_key(house.settings), salt="phone-simulator")

    def begin(self, number: str) -> Shown:
        walk = own_call(self._settings, number=number)
        stop = walk.start(**{SOURCE: "simulator"})
        return self._shown(walk, stop, [])

    def go_on(self, sealed: str, *, keys: str, speech: str, outcome: str) -> Shown:
        walk, talk = self._opened(sealed)
        if walk.over:
            return self._shown(walk, walk.stop, talk, fresh=False)
        said = _said(walk.stop, keys, speech, outcome)
        stop = give(walk, keys=keys, speech=speech, outcome=outcome)
        return self._shown(walk, stop, [*talk, Line("caller", said)])

    def hang_up(self, sealed: str) -> Shown:
        walk, talk = self._opened(sealed)
        walk.hang_up()
        return self._shown(walk, Stop("hangup"), [*talk, Line("caller", "(hangs up)")])

    def _opened(self, sealed: str) -> tuple[Walk, list[Line]]:
        try:
            row: dict[str, Any] = self._seal.loads(sealed, max_age=_MAX_AGE_S)
        except SignatureExpired as e:
            raise UserError("This call is too old to go on with. Begin a new one.") from e
        except BadSignature as e:
            raise UserError("This is no call of ours. Begin a new one.") from e
        walk = Walk.from_row(own_poster(self._settings), row["walk"], public_url=self._settings.public_url)
        return walk, [Line(*pair) for pair in row["talk"]]

    def _shown(self, walk: Walk, stop: Stop, talk: list[Line], *, fresh: bool = True) -> Shown:
        talk = [*talk, *(Line("line", s) for s in stop.says if fresh)][-_KEPT_LINES:]
        sealed = self._seal.dumps({"walk": walk.as_row(), "talk": [(t.who, t.text) for t in talk]})
        assert isinstance(sealed, str)
        dialing = stop.kind in ("dial", "enqueue")
        return Shown(
            sid=walk.sid,
            kind=stop.kind,
            wants=wants(stop),
            one_key=stop.one_key,
            speech=stop.speech or stop.kind == "record",
            over=walk.over,
            talk=tuple(talk),
            fresh=stop.says if fresh else (),
            outcomes=OUTCOMES if dialing else (),
            sealed=sealed,
        )


def _said(stop: Stop, keys: str, speech: str, outcome: str) -> str:
    if stop.kind in ("dial", "enqueue"):
        return f"(the agents: {outcome or 'no answer'})"
    return f"(keys) {keys}" if keys.strip() else speech.strip() or "(silence)"
