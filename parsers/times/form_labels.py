"""The line that a time stands in: its form label, of a start, an end or the head of a mail, or a list with its head."""

from __future__ import annotations

import re

from parsers.times.lexicon import TimeWords

_LABEL_RE = re.compile(r"^[\s>|*#\-]*(?:\d{1,2}[.)]\s*)?(.*?)[\s:.…|?=\-*_]*$")
_PAREN_RE = re.compile(r"\(.*?\)|\(.*$|\.\.+")
_LABEL_HEADS = (
    "start ",
    "outage start",
    "fault start",
    "incident start",
    "time of ",
    "when did",
    "since ",
    "started ",
    *("first ", "erste ", "erster ", "erstes ", "eerste ", "premier ", "premiere ", "primer ", "primera ", "primeiro "),
    *("primeira ", "primo ", "prima ", "pierwszy ", "pierwsza ", "pierwsze ", "ilk ", "первый ", "первая ", "первое "),
    *("prvi ", "prva ", "prvo ", "први ", "прва ", "прво "),
    "begin",
    "pocetak ",
    "почетак ",
    "начало ",
    "inicio ",
    "inizio ",
    "debut ",
    "poczatek ",
    "baslangic ",
    "storungsbeginn",
    "aanvang ",
)
# A label of a few words that holds one of these asks for the start, unless it speaks of something else that begins.
_BEGIN = frozenset(
    "began begin begun beginning begins started start starts since seit beginn begonnen begann depuis debut"
    " commence inicio desde comenzo empezo inizio iniziato dal comecou poczatek zaczelo zaczal pocetak pocelo"
    " почетак почело начало началось началась начался baslangic basladi aanvang sinds spotted noticed kicked onset"
    " occurred happened".split()
)
_ELSE = frozenset(
    "maintenance work works window test tests testing shift contract ticket restart planned by service"
    " subscription wartung arbeiten vertrag schicht travaux contrat mantenimiento contrato manutenzione"
    " contratto manutencao prace umowa работ работы договор onderhoud radovi ugovor".split()
)
# What else forms stamp with a time.
_OTHER = frozenset(
    "engaged raised logged opened created reported submitted restarted rebooted restart reboot cycled tested"
    " called printed generated sent updated assigned due closed resolved modified neustart neugestartet"
    " erfasst erstellt gemeldet eroffnet redemarre redemarrage cree ouvert reiniciado creado abierto"
    " registrado riavviato creato aperto criado aberto herstart aangemaakt gemeld utworzono zgloszono"
    " restartowano создано открыто перезагрузка kreirano prijavljeno filled completed ausgefullt rempli remplie"
    " rellenado cumplimentado compilato preenchido ingevuld wypelniono dolduruldu заполнено popunjeno".split()
)
_UNKNOWN = re.compile(
    r"\W*(?:unknown|not known|n/?a\b|no idea|not sure|don'?t know|do not know|unclear|can'?t say|cannot say"
    r"|tb[acd]\b|\?|unbekannt|weiss nicht|keine ahnung|unklar|inconnu|ne sai|on ne sait|desconocid|no se\b"
    r"|no lo se|sconosciut|non so|desconhecid|nao sei|onbekend|weet ik niet|geen idee|nepoznat|ne zna|nieznan"
    r"|nie wiem|неизвест|не зна|непознат|bilinm|bilmiy)"
)
_ROW = re.compile(r"^[ \t>|*#\-]*(?:\d{1,2}[.)]\s*)?([^\n:=|?]{3,60}?)[ ]*(?::|=|\||\?|\.{3,}|\t|[ ]{3,})[ ]*([^\n]*)", re.M)
_MOST_WORDS, _ITEM = 9, 60


def start_left_open(folded: str, words: TimeWords) -> bool:
    """Whether a form asks for the start and the writer says that it is not known."""
    rows = _ROW.finditer(folded)
    return any(_UNKNOWN.match(m[2].lstrip(" .")) and _label_kind(m[1], words) == "start" for m in rows)


def _label_kind(raw: str, words: TimeWords) -> str:
    plain = re.sub(r"[^\w']+", " ", _PAREN_RE.sub(" ", raw)).strip()
    pieces = [re.sub(r"[^\w']+", " ", piece).strip() for piece in _PAREN_RE.sub(" ", raw).split("/")]
    for name in (plain, *pieces):
        if name in words.sets["label_header"]:
            return "header"
        if name in words.sets["label_end"]:
            return "end"
        if name in words.sets["label_start"] or (len(name) < 42 and name.startswith(_LABEL_HEADS)):
            return "start"
    named = plain.split()
    if len(named) <= _MOST_WORDS and not _BEGIN.isdisjoint(named) and _ELSE.isdisjoint(named):
        return "start"
    return "other" if len(named) <= _MOST_WORDS and not _OTHER.isdisjoint(named) else ""


def _asked(line: str) -> bool:
    """A question of an older mail, with the answer on the line below it."""
    return bool(re.match(r"\s*>+\s*\d{1,2}[.)]\s", line))


def _question_above(lines: list[str]) -> str:
    """The numbered question of an older mail that the last of these lines answers, or an empty string."""
    above = [line for line in lines[:-1] if line.strip(" >|\t")]
    return above[-1] if above and _asked(above[-1]) and not _asked(lines[-1]) and not lines[-1].lstrip().startswith(">") else ""


def label_of(folded: str, start: int, words: TimeWords) -> tuple[str, str]:
    """Kind of label in front of position `start` ("start", "end", "header" or ""), and the label as written."""
    lines = folded[max(0, start - 220) : start].split("\n")
    head = lines[-1]
    if not head.strip(" >|\t*-"):
        above = [line for line in lines[:-1] if line.strip(" >|\t")]
        head = above[-1] if above and (above[-1].rstrip().endswith((":", "?")) or _asked(above[-1])) else ""
    elif (question := _question_above(lines)) and len(head) < _ITEM:
        head = question
    elif not re.search(r"(?:[:|=?]|\.\.+| {3,})\s*(?:[a-z]{2,12},?\s*){0,3}$|\t", head):
        return "", ""
    cells = re.split(r"\t+|\|", head.rstrip(" |\t"))
    raw = (_LABEL_RE.match(cells[-1] if len(cells) > 1 else head) or [None, head])[1] or ""
    raw = re.sub(r"[:=].*$", "", raw) if raw.count(":") == 1 else re.split(r"\.{3,}| {3,}", raw)[0]
    return _label_kind(raw, words), raw.strip()


def heads_list(folded: str, end: int) -> bool:
    """ "Two sites went off this morning:" with a list below."""
    stop = folded.find("\n", end)
    return stop > 0 and folded[end:stop].rstrip().endswith(":")


def bulleted(folded: str, start: int) -> bool:
    """Whether the place stands in a short line of a list."""
    line = folded.rfind("\n", 0, start) + 1
    return folded[line:start].lstrip()[:1] in ("*", "-", "•", "·") and start - line < _ITEM
