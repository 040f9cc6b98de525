"""Every malformed mail is accounted for: kept, filed, and either on a ticket or with a verdict that says why not."""

from __future__ import annotations

import pytest

from app.house import House
from app.settings import Settings
from app.worker import Worker
from intake.keep import Keeper
from intake.raw import RawMail
from models.clock import utc_now
from models.directory_file import load_directory
from models.directory_store import import_directory
from models.tables import Contact
from models.words import ContactState, Verdict
from tests.malformed import SHAPES
from tests.running import CORPUS
from tickets.checks import OPENS

NOC = "noc@halverlink.example"


@pytest.fixture(scope="module")
def filed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Contact]:
    """Each shape kept and filed by a real worker with its reading child."""
    house = House(Settings(data_dir=tmp_path_factory.mktemp("malformed"), mail_addresses=NOC))
    import_directory(house.store, load_directory(CORPUS / "directory.json"))
    keeper, worker = Keeper(house.store, utc_now, lambda _id: None), Worker(house)
    kept = {
        name: keeper.keep(RawMail(raw, NOC, f"s{n}@savaport.example", (NOC,), "127.0.0.1", utc_now())).result(60).contact_id
        for n, (name, raw) in enumerate(SHAPES.items())
    }
    keeper.stop()
    worker.start()
    for contact_id in kept.values():
        for _ in range(4):
            if worker.file(contact_id):
                break
    worker.stop()
    with house.store.read() as session:
        found = {name: session.get(Contact, contact_id) for name, contact_id in kept.items()}
    house.store.close()
    return {name: contact for name, contact in found.items() if contact}


def test_no_two_of_them_are_taken_for_one_mail(filed: dict[str, Contact]) -> None:
    assert len({c.id for c in filed.values()}) == len(SHAPES) >= 85


@pytest.mark.parametrize("name", SHAPES)
def test_a_malformed_mail_is_kept_as_it_came_and_accounted_for(filed: dict[str, Contact], name: str) -> None:
    contact = filed[name]
    assert contact.raw == SHAPES[name]
    assert contact.state in (ContactState.FILED.value, ContactState.UNPROCESSABLE.value), contact.last_error
    verdict = Verdict(contact.verdict)
    assert contact.reason
    # A calendar's answer may be told as a machine's; all others are a person's, as far as can be known.
    if name != "calendar reply" or verdict is not Verdict.AUTO_REPLY:
        assert verdict in OPENS
        assert contact.ticket_id
