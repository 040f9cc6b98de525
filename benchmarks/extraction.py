"""How long one mail takes to read, and how much memory a reader needs, each beside its target.

python -m benchmarks.extraction [--services 50000] [--repeat 60]

One core, one process, no database; processor time, so that a shared machine tells the same. The directory is generated.
"Corpus" rows are the mails of about 2 KB of the open corpus; in the generated mails every sentence names a time, an ID or
a state, which is the dearest text there is.
"""

from __future__ import annotations

import argparse
import random
import resource
import statistics
import time
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

from models.directory import Customer, Directory, Service
from parsers import read_mail

TARGET_MS = {"corpus, 2 KB plain": 8.0, "corpus, 2 KB HTML": 12.0, "2 KB plain": 8.0, "2 KB HTML": 12.0, "1 MB": 1000.0}
TARGET_MB = 300.0
KILO = 1024
OPEN = Path(__file__).resolve().parent.parent / "tests" / "corpus" / "open" / "mails"
SENTENCES = (
    "Our line {id} at the plant has been without service since 07:40 this morning and the users notice it.",
    "We have restarted the router at 8:15 and changed the cable, which made no difference.",
    "The second site is fine, calls and mail work there as they should.",
    "From the log we see that the neighbour went away at 07:38 UTC and has not come back since.",
    "A ping to 198.51.100.{n} shows 40 % packet loss and 180 ms instead of the usual 12 ms.",
    "Please have somebody look at it soon, the production depends on it and the stock runs out.",
    "Yesterday evening around six there was a short interruption of a minute, too.",
    "Our own case is INC0048213 and the person in charge is Robin, reachable until five.",
)


def directory(services: int) -> Directory:
    """As many services as asked for, five to a customer."""
    customers = tuple(Customer(f"C{n}", f"Firm {n}", (f"firm{n}.example",)) for n in range(max(1, services // 5)))
    rows = (
        Service(
            f"LN-{100000 + n}",
            customers[n % len(customers)].id,
            "line",
            f"Town {n}",
            (f"CK/{n:06d}/A",),
            (f"10.{n >> 16}.{(n >> 8) & 255}.{n & 255}/32",),
        )
        for n in range(services)
    )
    return Directory(customers, tuple(rows))


def mail(size: int, *, html: bool, seed: int) -> bytes:
    """A fault report whose body has about this many bytes."""
    pick = random.Random(seed)
    words: list[str] = []
    while sum(len(w) + 1 for w in words) < size:
        words.append(pick.choice(SENTENCES).format(id=f"LN-{100000 + pick.randrange(1000)}", n=pick.randrange(250)))
        if len(words) % 4 == 0:
            words.append("\n\n")
    text = "Hello,\n\n" + " ".join(words)[:size] + "\n\nKind regards\nAnn\n"
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "ann@firm1.example", "noc@isp.example", "line down"
    message["Date"] = "Tue, 02 Jun 2026 09:00:00 +0200"
    if html:
        rows = "".join(f"<p>{p}</p>" for p in text.split("\n\n"))
        message.set_content(f"<html><body><table><tr><td>{rows}</td></tr></table></body></html>", subtype="html")
    else:
        message.set_content(text)
    return message.as_bytes()


def corpus(*, html: bool) -> list[bytes]:
    """The mails of the open corpus with 1 to 3 KB, with or without an HTML part."""
    raws = [p.read_bytes() for p in sorted(OPEN.glob("*.eml"))]
    return [r for r in raws if KILO < len(r) < (6 if html else 3) * KILO and (b"text/html" in r.lower()) is html]


def median_ms(mails: list[bytes], known: Directory) -> float:
    """The median processor time over the mails, after one warm-up; other work on the machine does not count."""
    read: Callable[[bytes], object] = lambda raw: read_mail(raw, directory=known, own_addresses=["noc@isp.example"])  # noqa: E731
    read(mails[0])
    times = []
    for raw in mails:
        began = time.process_time()
        read(raw)
        times.append((time.process_time() - began) * 1000)
    return statistics.median(times)


def show(name: str, value: float, target: float, unit: str) -> None:
    print(f"| {name} | {value:.1f} {unit} | {target:g} {unit} | {value / target:.2f} |")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--services", type=int, default=50_000)
    options.add_argument("--repeat", type=int, default=60)
    asked = options.parse_args()
    known = directory(asked.services)
    began = time.perf_counter()
    read_mail(mail(200, html=False, seed=0), directory=known)
    first = time.perf_counter() - began
    print(f"{asked.services} services, {asked.repeat} mails a row; the first mail, with all tables built: {first:.1f} s\n")
    print("| what | measured | target | ratio |\n| --- | --- | --- | --- |")
    runs = (
        ("2 KB plain", 2 * KILO, False, asked.repeat),
        ("2 KB HTML", 2 * KILO, True, asked.repeat),
        ("1 MB", KILO * KILO, False, 3),
    )
    for name, wanted in (("corpus, 2 KB plain", False), ("corpus, 2 KB HTML", True)):
        mails = corpus(html=wanted)
        show(f"{name} ({len(mails)} mails), median", median_ms(mails * 3, known), TARGET_MS[name], "ms")
    for name, size, html, count in runs:
        mails = [mail(size, html=html, seed=n) for n in range(count)]
        show(f"{name}, median", median_ms(mails, known), TARGET_MS[name], "ms")
    show("resident memory at the most", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KILO, TARGET_MB, "MB")


if __name__ == "__main__":
    main()
