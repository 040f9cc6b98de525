"""Pages of users, one's own account, tokens and the audit log, together."""

from __future__ import annotations

from fastapi import FastAPI

from console.account import add_account
from console.audit_page import add_audit
from console.oidc import add_oidc
from console.site import Site
from console.tokens import add_tokens
from console.users import add_users


def add_access_pages(app: FastAPI, site: Site) -> None:
    for add_area in (add_account, add_users, add_tokens, add_audit, add_oidc):
        add_area(app, site)
