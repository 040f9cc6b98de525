"""The key figures of test output: loss, round trip, last hop, throughput, light, BGP state, error counters."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

_NUM = r"(\d+(?:[.,]\d+)?)"
_LOSS = re.compile(rf"(?i){_NUM}\s?%\s*(?:packet loss|loss|lost|verlust|perte|perdidos|persi|потер\w*|gubit\w*|utracon\w*|\))")
_SENT = re.compile(
    r"(?i)(\d+)\s+packets? transmitted,\s*(\d+)\s+(?:packets? )?received|sent\s*=\s*(\d+),\s*received\s*=\s*(\d+)"
)
_SENT_DE = re.compile(r"(?i)gesendet\s*=\s*(\d+),\s*empfangen\s*=\s*(\d+)")
_RTT = re.compile(
    rf"(?i)(?:min/avg/max\S*\s*=\s*[\d.]+/([\d.]+)/|(?:average|mittelwert|moyenne|media|średnia|среднее)\s*=\s*{_NUM}\s?ms)"
)
_HOP = re.compile(r"^\s*(\d{1,2})(?:\.\|--|\.?\s+)\s*(\S.*)$", re.M)
_ADDRESS = re.compile(r"(?<![\w.])(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]{1,4}(?::[0-9a-f]{0,4}){2,7})(?![\w.])", re.I)
_MTR = re.compile(rf"(?i){_NUM}%\s+(\d+)\s+[\d.]+\s+([\d.]+)")
_RATE = re.compile(rf"(?i){_NUM}\s?([kmg]bits?/s(?:ec)?|[kmg]bps)\b[^\n]*?\b(sender|receiver)?\b\s*$", re.M)
_SPEED = re.compile(rf"(?i)\b(download|upload|down|up)\b\W{{0,3}}\s*{_NUM}\s?([kmg]bits?/s|[kmg]bps)")
_LIGHT = re.compile(
    r"(?i)(?:(rx|tx|receive|transmit|input|output)[^\n]{0,30}?)?(-\s?\d{1,2}(?:\.\d+)?|-\s?inf(?:inity)?)\s*dbm"
)
_BGP = re.compile(r"(?i)bgp state\s*(?:=|is|:)\s*(\w+)|neighbor\s+(\S+)\s+(?:\S+\s+){0,3}?(down|up)\b")
_BGP_ROW = re.compile(r"(?im)^\s*(\S+)\s+4\s+\d+\s+(?:\d+\s+){4,5}\S+\s+(idle|active|connect|opensent|openconfirm)\b")
_COUNTER = re.compile(r"(?i)(\d+)\s+(input errors|output errors|crc|frame|drops|runts|overruns?|carrier transitions)\b")
_COUNTER_AFTER = re.compile(
    r"(?i)\b(input errors|output errors|crc(?: errors)?|errors|drops|carrier transitions)\s*[:=]\s*(\d+)"
)


def key_figures(block: str) -> str:
    """The figures of a block in a few words, such as "loss 100 %, 4 sent, 0 received"; empty when there are none."""
    return ", ".join(dict.fromkeys(words for reader in _READERS for words in reader(block)))


def _ping(block: str) -> Iterator[str]:
    loss = list(_LOSS.finditer(block))
    if loss:
        yield f"loss {loss[-1][1].replace(',', '.')} %"
    sent = _SENT.search(block) or _SENT_DE.search(block)
    if sent:
        a, b = [g for g in sent.groups() if g is not None][:2]
        yield f"{a} sent"
        yield f"{b} received"
    rtt = _RTT.search(block)
    if rtt:
        yield f"average round trip {(rtt[1] or rtt[2]).replace(',', '.')} ms"


def _trace(block: str) -> Iterator[str]:
    """The last hop that answered; loss at a hop on the way that the last one does not share is none."""
    hops = list(_HOP.finditer(block))
    if len(hops) < 2:
        return
    answered = [(h, a) for h in hops if (a := _ADDRESS.search(h[2]))]
    if answered:
        hop, address = answered[-1]
        yield f"last hop {hop[1]} ({address[0]})"
    table = _MTR.search(hops[-1][2])
    if table:
        yield f"loss {float(table[1].replace(',', '.')):g} % at the last hop"
        yield f"average {table[3]} ms at the last hop"
    elif hops[-1][2].count("*") >= 2:
        yield f"no answer from hop {hops[-1][1]} on" if len(answered) == len(hops) - 1 else "no answer at the end"


def _rates(block: str) -> Iterator[str]:
    for m in _SPEED.finditer(block):
        yield f"{m[1].lower()} {m[2]} {m[3]}"
    ends = [m for m in _RATE.finditer(block) if m[3]]
    for m in ends:
        yield f"{m[3]} {m[1]} {m[2]}"


def _light(block: str) -> Iterator[str]:
    for m in list(_LIGHT.finditer(block))[:4]:
        yield f"{(m[1] or 'light').lower()} {m[2].replace(' ', '')} dBm"


def _bgp(block: str) -> Iterator[str]:
    m = _BGP.search(block)
    if m:
        yield f"BGP {(m[1] or m[3]).lower()}"
    row = _BGP_ROW.search(block)
    if row:
        yield f"BGP {row[2].lower()}"


def _counters(block: str) -> Iterator[str]:
    for m in list(_COUNTER.finditer(block))[:4]:
        yield f"{m[2].lower()} {m[1]}"
    for m in list(_COUNTER_AFTER.finditer(block))[:4]:
        yield f"{m[1].lower()} {m[2]}"


_READERS: tuple[Callable[[str], Iterator[str]], ...] = (_ping, _trace, _rates, _light, _bgp, _counters)
