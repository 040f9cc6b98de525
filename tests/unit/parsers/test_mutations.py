"""Two thousand seeded mutations of the open corpus: a reading each time, never an exception."""

from __future__ import annotations

import os
import random

import pytest

from models.directory_file import load_directory
from models.words import Action
from parsers import open_mail, read_mail
from tests.running import CORPUS

# More on demand: INTAKE_TEST_MUTATIONS=50000 pytest tests/unit/parsers/test_mutations.py
COUNT = int(os.environ.get("INTAKE_TEST_MUTATIONS", "2000"))
_BATCH = 100
_TOKENS = (
    b"\x00",
    b"\xff\xfe",
    b"\r",
    b"\n\n",
    b"=?utf-8?q?",
    b"--",
    b"multipart/",
    b"boundary=",
    b"<" * 50,
    b"> " * 30,
    b"base64",
)


def mutated(rng: random.Random, raw: bytes, other: bytes) -> bytes:
    """One to five cuts, swaps, doublings or foreign tokens."""
    data = bytearray(raw)
    for _ in range(rng.randint(1, 5)):
        at = rng.randrange(len(data) + 1)
        size = rng.randint(1, 200)
        kind = rng.randrange(5)
        if kind == 0:
            del data[at : at + size]
        elif kind == 1:
            data[at:at] = rng.choice(_TOKENS)
        elif kind == 2:
            data[at:at] = data[at : at + size] * rng.randint(1, 20)
        elif kind == 3:
            data[at:at] = other[at : at + size]
        else:
            data[at : at + size] = rng.randbytes(rng.randint(1, 40))
    return bytes(data)


@pytest.mark.parametrize("batch", range(COUNT // _BATCH))
def test_a_broken_mail_still_gives_a_reading(batch: int) -> None:
    directory = load_directory(CORPUS / "directory.json")
    mails = [p.read_bytes() for p in sorted((CORPUS / "mails").glob("*.eml"))]
    for n in range(_BATCH):
        rng = random.Random(batch * _BATCH + n)
        raw = mutated(rng, rng.choice(mails), rng.choice(mails))
        open_mail(raw)
        reading = read_mail(raw, directory=directory, own_addresses=("noc@halverlink.example",))
        assert isinstance(reading.action, Action)
        for found in reading.findings:
            assert all(0 <= a <= b <= len(reading.text) for a, b in found.spans), found
        reading.as_row()
        reading.text.encode()
