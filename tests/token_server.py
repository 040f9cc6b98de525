"""A token server as RFC 6749 has it, which also answers Dovecot's question whose a token is."""

from __future__ import annotations

import json
import secrets
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

CLIENT, SECRET = "the-client", "the-client-secret"
_ASSERTION = "urn:ietf:params:oauth:grant-type:jwt-bearer"


class TokenServer:
    """Knows one client, one refresh token at a time (it rotates them), and one service account's public key."""

    def __init__(self, *, lasts_s: int = 3600, public_key: str = "", user: str = "support") -> None:
        self.lasts_s, self.user, self.public_key = lasts_s, user, public_key
        self.refresh_token = "first-refresh-token"
        self.status = 0
        self.forms: list[dict[str, str]] = []
        self.tokens: set[str] = set()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                form = {k: v[0] for k, v in parse_qs(self.rfile.read(length).decode()).items()}
                self._answer(*outer.grant(form))

            def do_GET(self) -> None:
                token = urlsplit(self.path).query.rpartition("access_token=")[2]
                known = token in outer.tokens
                self._answer(200 if known else 401, {"email": outer.user, "active": "true"} if known else {"error": "invalid"})

            def _answer(self, status: int, body: dict[str, Any]) -> None:
                data = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/token"

    @property
    def tokeninfo(self) -> str:
        return f"http://127.0.0.1:{self.port}/info?access_token="

    def grant(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        self.forms.append(form)
        if self.status:
            return self.status, {"error": "temporarily_unavailable"}
        kind, renewed = form.get("grant_type"), {}
        if kind == _ASSERTION:
            if not self._is_signed(form.get("assertion", "")):
                return 400, {"error": "invalid_grant"}
        elif form.get("client_id") != CLIENT or form.get("client_secret", SECRET) != SECRET:
            return 401, {"error": "invalid_client", "error_description": "AADSTS7000222: the client secret has expired."}
        elif kind == "refresh_token":
            if form.get("refresh_token") != self.refresh_token:
                return 400, {"error": "invalid_grant"}
            self.refresh_token = secrets.token_urlsafe()
            renewed = {"refresh_token": self.refresh_token}
        elif kind != "client_credentials" or "client_secret" not in form:
            return 400, {"error": "unsupported_grant_type"}
        token = secrets.token_urlsafe()
        self.tokens.add(token)
        return 200, {"access_token": token, "token_type": "Bearer", "expires_in": self.lasts_s, **renewed}

    def _is_signed(self, assertion: str) -> bool:
        from joserfc import jwt
        from joserfc.jwk import RSAKey

        claims = jwt.decode(assertion, RSAKey.import_key(self.public_key)).claims
        return bool(claims["sub"] == self.user and claims["aud"] == self.url and claims["exp"] > claims["iat"])

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
