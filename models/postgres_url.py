"""How PostgreSQL is named and reached: several hosts, and ends of connections that are noticed within seconds."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit, urlunsplit

# A host that vanishes (power, cut link) says no goodbye. Without these a worker would wait a quarter of an hour for an answer,
# and the server would keep the locks of a worker that is gone for two hours: longer than any lease.
CLIENT = {"keepalives_idle": "5", "keepalives_interval": "3", "keepalives_count": "3", "tcp_user_timeout": "15000"}
SERVER = {"tcp_keepalives_idle": "5", "tcp_keepalives_interval": "3", "tcp_keepalives_count": "3", "tcp_user_timeout": "15000"}
SET_SERVER = "; ".join(f"SET {name} = {value}" for name, value in SERVER.items())


def lasting(url: str) -> str:
    """The URL with what makes our side notice the end of a connection; what the URL says itself stays (libpq, 34.1.2)."""
    parts = urlsplit(url)
    more = (f"{name}={value}" for name, value in CLIENT.items() if name not in parse_qs(parts.query))
    return urlunsplit(parts._replace(query="&".join(filter(None, (parts.query, *more)))))


def many_hosts(url: str) -> str:
    """Several hosts (`db1:5432,db2:5432`), as libpq takes them, in the words of SQLAlchemy, which wants them as options."""
    parts = urlsplit(url)
    who, at, hosts = parts.netloc.rpartition("@")
    if "," not in hosts:
        return url
    options = "&".join(filter(None, (parts.query, *(f"host={h}" for h in hosts.split(",")))))
    return urlunsplit(parts._replace(netloc=who + at, query=options))
