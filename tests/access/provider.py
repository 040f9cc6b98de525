"""A faithful sign-in service (OpenID Connect) on this machine: discovery, PKCE, signed ID tokens; each answer can be spoilt."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "intake", "a-client-secret"


class Provider:
    """`person` are the claims of whoever signs in; `spoil` changes the claims of the next ID token, `key` signs it."""

    def __init__(self) -> None:
        self.own_key = RSAKey.generate_key(2048, parameters={"kid": "k1"})
        self.key = self.own_key
        self.person: dict[str, Any] = {"sub": "u-1", "preferred_username": "mara", "groups": ["noc"]}
        self.spoil: Callable[[dict[str, Any]], None] = lambda claims: None
        self.algorithm = "RS256"
        self.codes: dict[str, dict[str, str]] = {}
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                query = {k: v[0] for k, v in parse_qs(parts.query).items()}
                if parts.path == "/.well-known/openid-configuration":
                    return self._json(provider.metadata())
                if parts.path == "/keys":
                    return self._json({"keys": [provider.own_key.as_dict(private=False)]})
                if parts.path == "/authorize":
                    return self._redirect(provider.authorize(query))
                self._json({"error": "not found"}, 404)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                form = {k: v[0] for k, v in parse_qs(body).items()}
                self._json(*provider.token(form, self.headers.get("Authorization", "")))

            def _json(self, body: dict[str, Any], status: int = 200) -> None:
                raw = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

            def _redirect(self, to: str) -> None:
                self.send_response(302)
                self.send_header("Location", to)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.issuer = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def metadata(self) -> dict[str, Any]:
        ends = {"authorization_endpoint": "/authorize", "token_endpoint": "/token", "jwks_uri": "/keys"}
        return {"issuer": self.issuer} | {name: self.issuer + path for name, path in ends.items()}

    def authorize(self, query: dict[str, str]) -> str:
        """The person has signed in: a code goes back."""
        assert query["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(8)
        self.codes[code] = query
        return query["redirect_uri"] + "?" + urlencode({"code": code, "state": query["state"]})

    def token(self, form: dict[str, str], authorization: str) -> tuple[dict[str, Any], int]:
        """Answers a code once, to the right client, with the verifier that fits."""
        asked = self.codes.pop(form.get("code", ""), None)
        right = "Basic " + base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if authorization != right:
            return {"error": "invalid_client"}, 401
        challenge = (
            base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest()).decode().rstrip("=")
        )
        if asked is None or asked["code_challenge"] != challenge or asked["redirect_uri"] != form.get("redirect_uri"):
            return {"error": "invalid_grant"}, 400
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "exp": now + 300, "iat": now, "nonce": asked["nonce"], **self.person}
        self.spoil(claims)
        signed = jwt.encode({"alg": self.algorithm, "kid": "k1"}, claims, self.key, algorithms=[self.algorithm])
        return {"access_token": "x", "token_type": "Bearer", "expires_in": 300, "id_token": signed}, 200
