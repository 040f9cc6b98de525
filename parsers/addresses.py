"""IP addresses and prefixes: affected ones, sources and targets of tests; not hops, versions, masks or times."""

from __future__ import annotations

import ipaddress
import re

from models.reading import Finding, Step
from models.words import Field, ZoneKind
from parsers.case import Case
from parsers.findings import ALL_OPEN, decided, finding, refused

_DOT = r"(?:\.|\[\.\]|\(\.\)|\s?\[dot\]\s?)"
_V4 = re.compile(rf"(?i)(?<![\w.:/-])(\d{{1,3}}(?:{_DOT}\d{{1,3}}){{3}})(?:\s?/(\d{{1,2}}))?(?![\w/]|[.-]\d)")
_V6 = re.compile(r"(?i)(?<![\w:.])((?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4})(?:%\w+)?(?:/(\d{1,3}))?(?![\w:])")
_VERSION = re.compile(
    r"(?i)(?:\b(?:version|ver|v|vers|release|rel|firmware|fw|build|runs|running|software|junos|ios|ios-xe|ios-xr|routeros"
    r"|os|sw|oid|"
    r"zabbix server|nagios|mib|snmp|kernel|patch(?:ed)?(?: to)?|upgrade[d]?(?: to)?|версия|wersja|versión|versione"
    r"|verzija)\.?\s*:?\s*)$"
)
_CUE = re.compile(
    r"(?i)\b(?:ip|ipv4|address|host|ping|to|from|gateway|prefix|subnet|dns|target|router|range|server|towards|via"
    r"|peer)\b[^.\n]{0,15}$"
)
_HOP = re.compile(r"^\s*\d{1,2}(?:\.\|--|\.?\s)\s*\S")
_TARGET = re.compile(
    r"(?i)(?:\b(?:ping|traceroute6?|tracert|tracepath|mtr|iperf3?|fping|hping\d?|iperf)\b[^\n]*?|\b(?:routenverfolgung zu"
    r"|tracing route to|traza a|host|connected to|local|from|source|"
    r"détermination de l'itinéraire vers|traccia instradamento verso|traccia a|statistics for|statistik für|statistik ping"
    r"|статистика ping|"
    r"estadísticas de ping para|statistiques ping pour|antwort von|reply from|bytes from"
    r"|трассировка маршрута к)\b[^\n]{0,30}?)$"
)
_MAILISH = re.compile(
    r"(?i)\[$|(?:received|helo|smtp|sip:\S*@|client(?:'s)?\s+(?:address|ip)|(?:sent|submitted|posted|filled in"
    r"|filled out|filed|entered"
    r"|written|logged in|completed|ausgefüllt|abgeschickt|received)\s+(?:from|von|at|via)(?:\s+(?:client|ip))?"
    r"|submitter(?:'s)? ip|remote[_ ]addr(?:ess)?|user[- ]agent)[^\n]{0,30}$"
)
_MANAGED = re.compile(
    r"(?i)\b(?:ipmi|idrac|ilo|bmc|jump\s?(?:host|box|server)|oob|out[- ]of[- ]band|management (?:ip|address"
    r"|port))\b[^\n]{0,25}$"
)
_HOSTILE = re.compile(
    r"(?i)\b(?:top talkers?|attack(?:ers?|ing)(?: (?:ips?|hosts?|addresses|sources?))?|sources? of (?:the )?(?:attack"
    r"|flood|traffic)|attack sources?"
    r"|offend(?:ers|ing)|botnet|spoofed|angreifer|quellen des angriffs|attaquants?|atacantes?|attaccanti|aanvallers"
    r"|napadači?|atakujący\w*|атакующи\w*|saldırgan\w*)\b[^\n]{0,90}$"
)
_DEVICE = re.compile(r"(?i)\b(?:node|ne|device|sysname|network element|agent|sensor|probe|reporter|polled by)\b[^\n]{0,30}$")
_NOT_READ = {
    ZoneKind.QUOTED: "in a quoted older mail",
    ZoneKind.SIGNATURE: "in a signature",
    ZoneKind.DISCLAIMER: "in a disclaimer",
}


def find_addresses(case: Case) -> list[Finding]:
    """Every address with the reason why it was taken or refused."""
    out: list[Finding] = []
    for pattern in (_V4, _V6):
        for m in pattern.finditer(case.text):
            value = _value(m.group(1), m.group(2))
            if value is None:
                continue
            steps = [Step("an address", case.rules.number("weight.ip.base"))]
            if case.directory.services_of_address(value):
                steps.append(Step("lies in a prefix on file", case.rules.number("weight.ip.on_file")))
            f = finding(
                Field.IP_ADDRESS, value, m.group(), m.span(), f"ip.v{6 if ':' in value else 4}", case.rules.version, steps
            )
            why = _reason_against(case, m.start(), m.end(), value)
            out.append(refused(f, why) if why else f)
    return decided(out, case.rules, ALL_OPEN)


def _value(address: str, length: str | None) -> str | None:
    plain = re.sub(r"\[\.\]|\(\.\)|\s?\[dot\]\s?", ".", address, flags=re.IGNORECASE)
    if ":" in plain and (("::" not in plain and plain.count(":") != 7) or not re.search(r"[0-9a-f]{1,4}", plain, re.I)):
        return None
    if re.fullmatch(r"(?i)(?:[0-9a-f]{2}:){7}[0-9a-f]{2}", plain):
        return None
    try:
        if length is not None:
            return str(ipaddress.ip_network(f"{plain}/{length}", strict=False))
        return str(ipaddress.ip_address(plain))
    except ValueError:
        return None


def _reason_against(case: Case, start: int, end: int, value: str) -> str:
    kind = case.zone(start)
    if kind in _NOT_READ:
        return _NOT_READ[kind]
    left, right = case.line(start)
    before = case.text[max(left, start - 100) : start]
    first = int(value.split(".")[0]) if "." in value else -1
    if first in (0, 255) or re.search(r"(?i)(?:mask|netmask|netzmaske|masque|máscara)\W{0,3}$", before):
        return "a mask"
    if _VERSION.search(before):
        return "a version number"
    octets = [int(x) for x in re.split(r"[./]", value)[:4]] if "." in value and ":" not in value else []
    if octets and octets[0] < 10 and max(octets) < 40 and "/" not in value and not _CUE.search(before):
        return "looks like a version number"
    if _MAILISH.search(before):
        return "a mail server or a client address"
    if _MANAGED.search(before) and not case.directory.services_of_address(value):
        return "the management address of a device"
    if _HOSTILE.search(before):
        return "where an attack comes from"
    managed = kind is ZoneKind.FORWARDED and _DEVICE.search(before) and not case.directory.services_of_address(value)
    if managed and ipaddress.ip_network(value).is_private:
        return "the management address of a device"
    if value in ("127.0.0.1", "::1", "::"):
        return "a local address"
    return (
        _in_log(case.text, left, right, start, before) if kind is ZoneKind.LOG or _is_hop(before, case.text[left:right]) else ""
    )


def _is_hop(before: str, line: str) -> bool:
    return bool(_HOP.match(line[:200]) and re.search(r"\bm?s\b|%|\*|\d+\.\d", line) and len(before) < 50)


def _in_log(text: str, left: int, right: int, start: int, before: str) -> str:
    line = text[left:right]
    if re.match(r"^\s*[A-Z][a-z]{2}\s+\d{1,2}\s+\d\d:", line):
        return "in a log"
    if re.match(r"(?i)^\s*from\s+\S+\s+icmp_seq", line):
        return "answered a ping in place of its target"
    if re.search(r"(?i)\binet6?(?: addr:?)?\s*$", before):
        return ""
    if _is_hop(before, line) and not _TARGET.search(before):
        return "a hop of a trace"
    if _TARGET.search(before) or re.search(r"(?i)ping statistics|ping-statistik", line):
        return ""
    return "in a log"
