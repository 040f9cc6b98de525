"""One whole site for the tests of a module: starting one, and its reader, takes long; each test uses tickets of its own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest

from models.access import Scope
from tests.access.house import WholeSite


@pytest.fixture(scope="module")
def whole_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WholeSite]:
    whole = WholeSite(tmp_path_factory.mktemp("site"))
    yield whole
    whole.close()


@pytest.fixture
def site(whole_site: WholeSite) -> Iterator[WholeSite]:
    whole_site.ahead = timedelta()
    yield whole_site
    whole_site.ahead = timedelta()


@pytest.fixture
def everything(site: WholeSite) -> Iterator[httpx.Client]:
    """A client with all scopes."""
    with site.client(headers=site.token(*Scope, per_minute=100_000)) as client:
        yield client
