"""Catch-up of a mailbox in mails per second, beside a bare loop that only fetches the same mails.

    python -m benchmarks.imap [--mails 10000]

A real Dovecot on loopback over TLS; "kept and moved" is the whole way: fetched, durable in SQLite, moved to Processed.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

from tests.dovecot import Dovecot, dovecot_missing
from tests.imap.fetching import Fetching, mail


def bare(server: Dovecot, batch: int = 100) -> float:
    """Seconds to fetch all of it and do nothing with it."""
    client = server.client(folder="INBOX")
    begin = time.perf_counter()
    uids = client.search()
    for at in range(0, len(uids), batch):
        client.fetch(uids[at : at + batch], ["BODY.PEEK[]"])
    took = time.perf_counter() - begin
    client.logout()
    return took


def catch_up(server: Dovecot, folder: Path, count: int) -> float:
    """Seconds from the start until every mail is kept and moved."""
    fetching = Fetching(f"sqlite:///{folder}/intake.db")
    begin = time.perf_counter()
    fetching.start(server.url())
    while fetching.states().get("processed", 0) < count:
        time.sleep(0.1)
    took = time.perf_counter() - begin
    fetching.close()
    return took


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mails", type=int, default=10_000)
    options = parser.parse_args()
    if why := dovecot_missing():
        sys.exit(why)
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        folder = Path(name)
        server = Dovecot(folder)
        server.start()
        try:
            server.fill([mail(n, size=3800) for n in range(options.mails)])
            bare(server)  # the first look makes the server's index
            fetched, kept = bare(server), catch_up(server, folder, options.mails)
        finally:
            server.stop()
    print(f"{os.cpu_count()} cores, {options.mails} mails of 4 KB, Python {sys.version.split()[0]}\n")
    print("| way | mails/s | ratio |\n| --- | --- | --- |")
    print(f"| bare fetch loop | {options.mails / fetched:.0f} | 1.00 |")
    print(f"| fetched, kept, moved | {options.mails / kept:.0f} | {fetched / kept:.2f} |")


if __name__ == "__main__":
    main()
