"""Whether a long backlog slows the work: `python -m benchmarks.backlog [--waiting 1000000] [--seconds 60] [--database sqlite]`.

Puts mails as received into an empty database, first as few as one run can file, then WAITING (default 1,000,000), starts the
house beside each and counts the answers that reach the sink in SECONDS. Prints both rates and their ratio (aim: 0.9 at least).
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from multiprocessing import Process, Value
from pathlib import Path
from typing import Any

from sqlalchemy import insert, inspect

from benchmarks.end_to_end import OWN, database_of, directory, mails, sink, wait_for
from models.clock import utc_now
from models.directory_file import load_directory
from models.directory_store import import_directory
from models.store import Store, ensure_schema
from models.tables import Contact
from tests.running import Running
from tests.servers import free_port

AIM = 0.9
SERVICES = 50_000
# More than can be filed in a run, so that the small backlog never runs out.
FEW = 20_000
_AT_ONCE = 5_000
# What is loaded once at the start is no cost of a contact.
_WARM_UP = 200


def rows(count: int) -> Iterator[dict[str, Any]]:
    """Contacts as the listener keeps them."""
    blank = Contact(mailbox=OWN, dedupe_key="", raw=b"", envelope_to=OWN, peer="127.0.0.1")
    columns = {c.key: getattr(blank, c.key) for c in inspect(Contact).column_attrs if c.key != "id"}
    begin = utc_now() - timedelta(hours=1)
    for n, (sender, raw) in enumerate(mails(count, 0)):
        own = {"dedupe_key": str(n), "message_id": f"<{n}@firm.example>", "envelope_from": sender, "from_address": sender}
        yield columns | own | {"raw": raw, "arrived_at": begin + timedelta(microseconds=n)}


def fill(store: Store, count: int) -> None:
    waiting = rows(count)
    while some := list(islice(waiting, _AT_ONCE)):
        with store.write() as session:
            session.connection().execute(insert(Contact), some)


def rate(waiting: int, seconds: float, file: Path, database: str) -> float:
    """Answers in a second with so many contacts waiting."""
    port, counter = free_port(), Value("i", 0)
    sinking = Process(target=sink, args=(port, counter), daemon=True)
    sinking.start()
    try:
        with tempfile.TemporaryDirectory() as folder, database_of(database, Path(folder)) as url:
            store = Store(url)
            ensure_schema(store)
            import_directory(store, load_directory(file))
            begin = time.perf_counter()
            fill(store, waiting)
            print(f"{waiting:,} contacts put in in {time.perf_counter() - begin:.0f} s", flush=True)
            store.close()
            running = Running(Path(folder), url, {
                "INTAKE_MAIL_ADDRESSES": OWN, "INTAKE_SMARTHOST_URL": f"smtp://127.0.0.1:{port}", "INTAKE_WORKERS": "2",
                "INTAKE_FLOOD_TICKETS": "1000000", "INTAKE_CAP_PER_HOUR": "0", "INTAKE_CAP_PER_DAY": "0",
            })  # fmt: skip
            running.start()
            wait_for(counter, _WARM_UP)
            before, begin = counter.value, time.perf_counter()
            time.sleep(seconds)
            done = (counter.value - before) / (time.perf_counter() - begin)
            running.stop()
            return float(done)
    finally:
        sinking.terminate()
        sinking.join()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--waiting", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "directory.json"
        file.write_text(json.dumps(directory(SERVICES)))
        few = rate(min(FEW, options.waiting), options.seconds, file, options.database)
        many = rate(options.waiting, options.seconds, file, options.database)
    told = "kept" if many >= AIM * few else "MISSED"
    rates = f"{few:.1f}/s with few waiting, {many:.1f}/s with {options.waiting:,}"
    print(f"{options.database}: {rates}: ratio {many / few:.2f}, aim {AIM} ({told})")


if __name__ == "__main__":
    main()
