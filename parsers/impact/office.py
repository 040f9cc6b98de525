"""Clauses about paper, money and the provider's own desk: "we cannot post your invoice", "nobody answers your hotline".

What cannot be opened, booked or reached there carries no traffic, so such a clause says nothing on a service.
"""

from __future__ import annotations

from collections.abc import Sequence

# All words are folded. Enclosures count wherever they stand in the clause, and by their beginnings.
_ENCLOSED = (
    *("pdf", "attach", "anhang", "jointe", "adjunt", "allegat", "anexo", "bijlage", "zalacz", "prilog", "вложен", "прилог"),
    *("uploadformular", "rechnungsnummer", "kundennummer", "factuurnummer"),
)
# One paper, never the many that a till or a desk prints all day.
_PAPER = frozenset(
    "invoice rechnung gutschrift factuur facture factura fatura fattura faktura faktury fakture fakturu racun racuna"
    " faturayi faturaniz faturasi счет счета счёт фактура фактуру рачун рачуна document dokument documento dokumenta"
    " dokumentu документ документа belge belgeyi contract vertrag contrat contrato contratto umowa umowy ugovor ugovora"
    " договор договора уговор sozlesme quotation quote angebot devis presupuesto orcamento preventivo preventivi oferta"
    " oferty oferte ponuda ponudu понуда понуду teklif teklifi po password passwort kennwort wachtwoord contrasena senha"
    " haslo hasla lozinka lozinku лозинка лозинку пароль sifre sifremi parola feedback callback ruckruf terugkoppeling"
    " meeting appointment besprechung vergadering reunion reuniao riunione spotkanie sastanak встречу toplantiya".split()
)
# These are ours where the writer calls them so; a customer has such things himself.
_YOURS = frozenset(
    "your yours ihr ihre ihrem ihren ihrer ihres euer eure eurem euren eurer uw jullie votre vos su sus vuestro vuestra"
    " vosso vossa vostro vostra vostri wasz wasza waszej waszego waszym panstwa ваш ваша ваше вашей вашего вашем вашу вас"
    " вам vas vasa vase vasem vasu vaseg vasoj vasim ваша вашу вашем вашег".split()
)
_DESK = (
    *("website", "webseite", "homepage", "site", "sito", "сайт", "sajt", "саjт", "strona", "stronie"),
    *("hotline", "helpdesk", "callcenter", "support", "kundendienst", "servicenummer", "espace", "area", "zone", "konto"),
    *("login", "account", "kundenkonto", "kundenbereich", "app", "chat", "form", "formular", "formulier", "formulaire"),
    *("email", "mail", "letter", "reply", "answer", "antwort", "antwoord", "reponse", "respuesta", "resposta", "risposta"),
    *("odpowied", "odgovor", "одговор", "ответ", "письм", "brief", "lettre", "carta", "lettera", "list", "pismo", "ticket"),
)
_NEAR, _REACH = 3, 8
# One order is a paper where it is called "the" one; orders are what a shop takes.
_ORDER = frozenset(
    "order auftrag bestellung bestelling opdracht commande pedido encomenda ordine zamowienie zamowienia porudzbinu заказ"
    " заказа поруџбину siparisi".split()
)
_THE = frozenset(
    "the this that your our my last die der den das diese diesen ihre unsere unseren de het deze uw onze la le votre notre"
    " cette el su este esta nuestro o a sua nossa nosso il lo l' vostro nostro questo".split()
)
_NO_ARTICLES = frozenset("zamowienie zamowienia porudzbinu заказ заказа поруџбину siparisi".split())
# "The line does not work since the invoice came", "as on your bill": a paper behind these is beside the point.
_ASIDE = frozenset(
    "on since after per in with by under according from at because despite auf seit nach mit laut im in am aus wegen trotz"
    " op sinds na volgens met uit sur depuis selon dans avec suite apres desde segun en sobre con tras por no na nas desde"
    " com segundo secondo su sulla nella nel da dal dalla con od po prema sa u iz w wedlug wg z ze po od с со по после в"
    " согласно из од са према у".split()
)


_PORTAL = ("portal", "portaal", "портал")
# Ours come and go, or do not; one of the customer's own may be away.
_FITTER = (
    *("technik", "technici", "tecnic", "monteur", "engineer", "mechanic", "fitter", "installateur", "ingenieur", "ingenier"),
    *("ingegner", "inzynier", "inzenjer", "инженер", "техник", "техничар", "инжењер", "монтер", "teknisyen", "muhendis"),
)
_PERSON = frozenset(
    "colleague boss manager kollege kollegin chef chefin collega collegue patron companero companera jefe colega chefe capo"
    " kolega kolezanka szef koleginica sef коллега начальник шеф колега колегиница arkadasim mudur".split()
)
_BESIDE = 4
# "The line is dead and your hotline does not answer" tells of two things.
_AND = frozenset("and und en et y e i и ve".split())


def _of_people(words: Sequence[str], first: int, at: int, hard: bool) -> bool:
    """ "The engineer could not get in", "my colleague is unreachable": the subject is one person."""
    low = max(first, at - _BESIDE)
    if hard and not _PERSON.isdisjoint(words[max(low, at - 2) : at]):
        return True
    return any(words[i].startswith(_FITTER) and _ASIDE.isdisjoint(words[max(first, i - _NEAR) : i]) for i in range(low, at))


def about_office(words: Sequence[str], first: int, last: int, at: int, cls: str) -> bool:
    """Whether the clause `first` to `last` is about paper, our own desk or one person, near the word of class `cls` at `at`.

    Enclosures that are merely slow are a measure of the line.
    """
    if (cls != "soft" and any(w.startswith(_ENCLOSED) for w in words[first:last])) or _of_people(
        words, first, at, cls == "hard"
    ):
        return True
    near = range(max(first, at - _REACH), min(last, at + _REACH))
    return any(_is_ours(words, first, i) and _AND.isdisjoint(words[min(i, at) : max(i, at)]) for i in near)


def _is_ours(words: Sequence[str], first: int, i: int) -> bool:
    """Whether the word at `i` is a paper that the clause is about, or a part of our desk."""
    word = words[i]
    if word in _PAPER and _ASIDE.isdisjoint(words[max(first, i - _NEAR) : i]):
        return True
    if word in _ORDER and (word in _NO_ARTICLES or (i > first and words[i - 1] in _THE)):
        return True
    desk = word.startswith(_DESK) or any(p in word for p in _PORTAL)
    return desk and not _YOURS.isdisjoint(words[max(first, i - _NEAR) : i])
