"""Which lines are output of a machine rather than words of a person."""

from __future__ import annotations

import re

LOG = re.compile(
    r"(?ix)^(?:"
    r"\s*\d+\s+bytes\s+from\b|.*\bicmp_seq=|.*\bpackets?\s+transmitted\b|.*\brtt\s+min/avg|.*round-trip\s+min/avg"
    r"|\s*-{2,}\s+\S+\s+ping\s+statistics"
    r"|\s*(?:reply|antwort|réponse|respuesta|risposta)\s+(?:from|von|de|desde|da)\s+\d+\.|.*\brequest\s+tim(?:ed|e)\s?out"
    r"|.*zeitüberschreitung"
    r"|\s*\d{1,2}(?:\.\|--|\s+)\s*(?:[\w.:-]+\s+)?.*(?:\d+(?:[.,]\d+)?\s*m?s\b|\*\s+\*|\d+\.\d%)"
    r"|approximate\s+round|ungefähre\s+zeit|(?:ca|approx)\.?\s+zeitang|\s*(?:minimum|mínimo|minimo)\s*=\s*\d+\s*ms"
    r"|.*\bstate\s*[=:]?\s*(?:idle|active|connect|opensent|openconfirm|established|down)\b.*\d"
    r"|.*\b(?:rpd|bgpd|bfdd|chassisd|mib2d|dcd|ospfd|kernel|snmpd|pppd|charon|zebra)\[\d+\]"
    r"|\s*(?:rx|tx)\s+(?:packets|errors|bytes)[:\s]\s*\d|\s*inet6?\s+\S*\d|\s*ether\s+[0-9a-f]{2}:"
    r"|\s*\d{1,2}\.\|--|\s*HOST:\s|\s*Start:\s+20\d\d-\d\d-\d\dT|.*Loss%\s+Snt"
    r"|\s*\[\s*(?:\d+|ID|SUM)\]|\s*(?:traceroute|tracert|mtr|ping|iperf3?)\s+(?:-|to\b|\d)|.*\bhops\s+max"
    r"|Connecting\s+to\s+host|iperf\s+Done"
    r"|\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?[;,|]\S|success\s+rate\s+is\s+\d"
    r"|[a-z]{3}/\d{1,2}(?:/\d{4})?\s+\d\d:\d\d:\d\d|date=\d{4}-\d\d-\d\d"
    r"|1[6-9]\d{8}(?:\.\d+)?\s|\[1[6-9]\d{8}"
    r"|[A-Z][a-z]{2}\s+[ \d]?\d\s+\d\d:\d\d:\d\d\b|\*?\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\S*\s+\S|\[\d{4}-\d\d-\d\d|<\d+>"
    r"|\*?[A-Z][a-z]{2}\s+\d{1,2}\s+\d\d:\d\d:\d\d(?:\.\d+)?|.*%[A-Z_]+-\d-[A-Z_]+"
    r"|\S{2,40}(?:@\S+)?[>\#]\s*(?:sh(?:ow)?|ping|trace\S*|display|get|monitor|mtr|iperf\S*|ip|\$)\b.*|[A-Z]:\\\S*>|\$\s+\w+"
    r"|\s+(?:\d+\s+)?(?:packets|bytes|input|output|errors|crc|frame|runts|drops|mtu|reliability|last\s+(?:input|clearing)"
    r"|5\s+minute)\b.*\d"
    r"|\s*\S*Ethernet\S+\s+is\s+\S+|\s*(?:errors|laser\s+\w+\s+power|carrier\s+transitions|rx\s+power|tx\s+power)\s*:"
    r"|\s*(?:lane|ch)\s+rx"
    r"|.*(?:\b(?:neighbor|nbr)\b.*\bAS\b.*\bmsg|bgp\s+state\s*=)|\s*\S+\s+4\s+\d+\s+\d+\s+\d+\s+\d+\s+\d+"
    r"|\s*(?:down|up|d|u)\s+\d+(?:\.\d+)?\s*/\s*(?:up|down|u|d)\s+\d+"
    r")"
)
TOOL_HEAD = re.compile(r"(?i)^\s*(?:HOST:.*\b(?:Loss|Snt|Avg)|Start:\s+20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d)")
PROMPT = re.compile(
    r"(?i)^(?:[\w.-]{2,40}(?:@[\w.:~/-]+)?(?:\([\w-]+\))?\s?[>#$]|\[[\w@. ~/-]+\][$#]|[a-z]:\\[^>\n]*>|<[\w.-]+>|\$)\s?"
    r"(?:sh(?:ow?)?|ping6?|trace\S*|display|get|monitor|mtr|iperf\S*|ip|curl|dig|nslookup|run|diagnose|tcpdump|netstat"
    r"|telnet|ssh)\b"
)
_LABELLED = re.compile(r"[ \t>]*[^\W\d_][^\d\t:]{1,30}(?:\t|:\s)")
_CELLS = re.compile(r"\t|\s{3,}|\|")
_WORD = re.compile(r"[^\W\d_]{2,}")


def is_log(line: str) -> bool:
    """Whether the line has the shape of a tool's output."""
    if len(line) < 4:
        return False
    if LOG.match(line[:300]):
        return True
    if _LABELLED.match(line):
        return False
    stripped = line.strip()
    words = _WORD.findall(stripped)
    if any(cell.strip().isalpha() and len(cell.strip()) > 1 for cell in _CELLS.split(stripped)[1:]):
        return False
    if len(words) >= 4 and stripped[-1] in ".!?":
        return False
    letters = sum(len(w) for w in words)
    return len(stripped) > 20 and letters < 0.3 * len(stripped) and sum(c.isdigit() for c in stripped) > 6
