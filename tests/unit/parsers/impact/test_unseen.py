"""Impact and pattern of sentences in words that no corpus has, in all languages."""

from __future__ import annotations

import pytest

from models.reading import Finding, Zone
from models.words import Field, FindingStatus, ZoneKind
from parsers.impact import find_impact, find_pattern

SA, DG, NSA = "service_affecting", "degradation", "non_service_affecting"


def _filled(found: list[Finding], field: Field) -> str | None:
    return next((f.value for f in found if f.field is field and f.status is FindingStatus.FILLED), None)


def _zones(text: str) -> list[Zone]:
    return [Zone(ZoneKind.PROSE, 0, len(text))]


@pytest.mark.parametrize(
    ("text", "want"),
    [
        # What carries, and who noticed.
        ("The primary fibre is cut, the microwave hop carries the lot and no pupil has noticed.", NSA),
        ("Link one is dead, everything slid across to link two and not a soul has complained.", NSA),
        ("Die Glasfaser ist tot, der Richtfunk trägt alles, im Werk hat es keiner gemerkt.", NSA),
        ("La fibre est coupée, tout est reparti par la 4G et personne n'a bronché.", NSA),
        ("La fibra está caída, todo sale por el radioenlace y nadie se ha enterado.", NSA),
        ("La fibra è giù, il ponte radio regge tutto il traffico e nessuno ha chiamato.", NSA),
        ("Łącze padło, ruch poszedł zapasowym i nikt niczego nie odczuł.", NSA),
        ("Оптика лежит, трафик пошёл через спутник, абоненты ничего не почувствовали.", NSA),
        ("Kablo koptu, trafik yedek hattan gidiyor, kimse aramadı.", NSA),
        ("Optika je pukla, saobraćaj je prešao na drugi prsten i niko se nije javio.", NSA),
        # Poor.
        ("It takes us five minutes per form and every scan needs three attempts.", DG),
        ("Calls sound like someone gargling, we catch every second word.", DG),
        ("The ERP opens in the end, after a good while, and then drags itself along.", DG),
        ("Jede Maske braucht eine halbe Minute, beim dritten Versuch klappt es dann.", DG),
        ("Elke pagina doet er een minuut over, het komt wel binnen.", DG),
        ("Chaque page met deux minutes à s'afficher, on avance comme des escargots.", DG),
        ("Cada pantalla tarda un minuto y las llamadas suenan a robot.", DG),
        ("Ogni pagina ci mette un minuto, si lavora a passo di lumaca.", DG),
        ("Każda strona otwiera się minutę, ale w końcu się otwiera.", DG),
        ("Каждая страница грузится по минуте, ползём как черепахи.", DG),
        # Down.
        ("The till is a brick, cards are refused and we write receipts by hand.", SA),
        ("Whole branch flatlined at noon and the staff were sent home.", SA),
        ("Our lines went silent at ten, not a thing comes in or out.", SA),
        ("Not one lorry can be booked in, we sit here twiddling our thumbs.", SA),
        # Neither.
        ("The office in Cork is closed, there is nobody to use the line before Monday.", None),
        ("Do not reply to this address.", None),
        ("The nightly backup job finished late.", None),
        ("The crew down in Hobart asks for news.", None),
    ],
)
def test_impact(text: str, want: str | None) -> None:
    assert _filled(find_impact(text, _zones(text)), Field.IMPACT) == want


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("The loss has not eased for a single minute since noon.", "constant"),
        ("It sits at 70 ms and does not budge.", "constant"),
        ("Der Verlust lässt keine Sekunde nach.", "constant"),
        ("La lenteur ne faiblit pas.", "constant"),
        ("La lentitud no ha cedido ni un momento.", "constant"),
        ("La perdita non molla un attimo.", "constant"),
        ("Strata nie ustępuje ani na chwilę.", "constant"),
        ("Потери не прекращаются ни на минуту.", "constant"),
        ("Gubitak ne popušta ni na trenutak.", "constant"),
        ("It runs for five minutes, then nothing, then it is back.", "intermittent"),
        ("The line blows hot and cold.", "intermittent"),
        ("Now up, now down, the shop is there one minute and gone the next.", "intermittent"),
        ("Der Shop ist von außen mal da, mal weg.", "intermittent"),
        ("Волнами: минут двадцать отлично, потом рывки.", "intermittent"),
        ("Maybe ten times a day the delay jumps.", "intermittent"),
        ("Abq is a brick, stays that way after bouncing our side.", "constant"),
        ("It has stopped bouncing and simply stays dark now.", "constant"),
        ("La lentitud no afloja en ningún momento.", "constant"),
        ("Seguimos igual.", "constant"),
        ("link: down  flaps: 27", None),
        ("Please call us every hour with news.", None),
        ("Bitte informieren Sie uns alle 30 Minuten.", None),
        ("Have you tried turning it off and on? Yes.", None),
        ("Merci de nous tenir au courant toutes les heures.", None),
    ],
)
def test_pattern(text: str, want: str | None) -> None:
    assert _filled(find_pattern(text, _zones(text)), Field.FAULT_PATTERN) == want
