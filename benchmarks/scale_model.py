"""How far more machines carry: `python -m benchmarks.scale_model [--costs FILE] [--database-cores 8] [--rtt-ms 0.3] ...`.

Takes what one contact costs (measured here, or from a file of `benchmarks.database_cost --out`) and predicts contacts per
second for 1 to 256 workers of one core each, twice: by the exact solution of a closed network of queues (mean value analysis),
and by a simulation event by event whose times are random. Where both agree the model is sound; the last columns tell what is
the bound. The table comes again for a database that is 10, 100 and 1,000 times as large.
"""

from __future__ import annotations

import argparse
import heapq
import json
import random
import sys
from dataclasses import dataclass, replace
from pathlib import Path

from app.filer import BATCH
from benchmarks.database_cost import Costs, measure

WORKERS = (1, 2, 4, 8, 16, 32, 64, 128, 256)
GROWTHS = (1, 10, 100, 1000)
_EVENTS = 20_000


@dataclass(frozen=True)
class Site:
    """The machines: cores of the database, ms of a round trip to it, and how many commits its disk makes durable at once."""

    database_cores: int = 8
    rtt_ms: float = 0.3
    group_commit: int = 8


@dataclass(frozen=True, slots=True)
class Demand:
    """Of one contact, in ms: alone in the worker (with the way to the database), on the database's cores, on its disk."""

    worker: float
    database: float
    disk: float


def demand(costs: Costs, site: Site) -> Demand:
    return Demand(
        worker=costs.worker_ms + costs.statements * site.rtt_ms,
        database=costs.database_ms,
        disk=costs.commits * costs.commit_ms / site.group_commit,
    )


def solved(need: Demand, site: Site, workers: int) -> float:
    """Contacts per second by mean value analysis (Reiser and Lavenberg 1980).

    A station of several cores counts as one that is so many times as fast, and a wait for the rest of the time (Seidmann 1987).
    """
    cores = site.database_cores
    stations = [need.database / cores, need.disk]
    alone = need.worker + need.database * (cores - 1) / cores
    queued = [0.0, 0.0]
    rate = 0.0
    for n in range(1, workers + 1):
        stay = [d * (1 + q) for d, q in zip(stations, queued, strict=True)]
        rate = n / (alone + sum(stay))
        queued = [rate * s for s in stay]
    return 1000 * rate


def simulated(need: Demand, site: Site, workers: int, seed: int = 1) -> float:
    """Contacts per second of so many workers that take turns at the database's cores and its disk, first come first served."""
    rng = random.Random(seed)
    free = [[0.0] * site.database_cores, [0.0]]
    costs = [need.database, need.disk]
    # When a worker comes to which station; each contact goes worker, database, disk.
    coming = [(rng.expovariate(1 / need.worker), n, 0) for n in range(workers)]
    heapq.heapify(coming)
    done, now = 0, 0.0
    while done < _EVENTS:
        now, n, station = heapq.heappop(coming)
        begin = max(now, heapq.heappop(free[station]))
        end = begin + (rng.expovariate(1 / costs[station]) if costs[station] else 0.0)
        heapq.heappush(free[station], end)
        if station == 0:
            heapq.heappush(coming, (end, n, 1))
        else:
            done += 1
            heapq.heappush(coming, (end + rng.expovariate(1 / need.worker), n, 0))
    return 1000 * done / now


def bound(need: Demand, site: Site, workers: int) -> str:
    """What cannot do more: the smallest of the rates that each part could reach alone."""
    rates = {
        "workers": workers / (need.worker + need.database + need.disk),
        "database CPU": site.database_cores / need.database,
        "database disk": 1 / need.disk if need.disk else float("inf"),
    }
    return min(rates, key=lambda name: rates[name])


def grown(costs: Costs, times: int, per_tenfold: float) -> Costs:
    """The same in a database so many times as large: indexes are deeper, fewer of their pages are in memory."""
    factor = (1 + per_tenfold) ** (len(str(times)) - 1)
    return replace(costs, database_ms=costs.database_ms * factor)


def table(costs: Costs, site: Site) -> str:
    need = demand(costs, site)
    lines = [
        "| workers | contacts/s, solved | simulated | apart | database busy | bound |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for n in WORKERS:
        rate, played = solved(need, site, n), simulated(need, site, n)
        busy = rate * need.database / 1000 / site.database_cores
        apart = played / rate - 1
        lines.append(f"| {n} | {rate:,.0f} | {played:,.0f} | {apart:+.0%} | {busy:.0%} | {bound(need, site, n)} |")
    return "\n".join(lines)


def _given(args: argparse.Namespace) -> Costs:
    return Costs(**json.loads(args.costs.read_text())) if args.costs else measure(args.contacts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--costs", type=Path, help="JSON of benchmarks.database_cost; else it is measured now.")
    parser.add_argument("--contacts", type=int, default=400)
    parser.add_argument("--database-cores", type=int, default=Site.database_cores)
    parser.add_argument("--rtt-ms", type=float, default=Site.rtt_ms)
    parser.add_argument("--group-commit", type=int, default=Site.group_commit)
    parser.add_argument("--growth", type=float, default=0.1, help="By so much the database's cost grows with each tenfold.")
    args = parser.parse_args()
    costs, site = _given(args), Site(args.database_cores, args.rtt_ms, args.group_commit)
    sys.stdout.write(f"{costs}\n{site}, contacts leased together: up to {BATCH}\n")
    for times in GROWTHS:
        sys.stdout.write(f"\nDatabase {times:,} times as large:\n{table(grown(costs, times, args.growth), site)}\n")


if __name__ == "__main__":
    main()
