"""The usual start-time expressions of ten languages, received on Wednesday 11 March 2026 at 15:30 in Belgrade and Paris."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from models.words import FindingStatus
from parsers.times import find_start

RECEIVED = datetime(2026, 3, 11, 14, 30, tzinfo=UTC)
ROWS: list[tuple[str, str | None]] = [
    # Serbian, Latin and Cyrillic
    ("Internet ne radi od 9:15.", "11 09:15"), ("Link je pao u 12:40 i još je mrtav.", "11 12:40"), ("Nema signala od juče u 17:00", "10 17:00"),
    ("Počelo je oko 7:15.", "11 07:00"), ("Ne radi od jutros.", "11 06:00"), ("Pao je pre dva sata.", "11 12:50"),
    ("Опсег није доступан споља од 12:48, и даље ништа.", "11 12:48"), ("Линк је пао јуче у 18:05", "10 18:05"),
    ("Restartovali smo ruter u 9:40.", None), ("Link se vratio u 10:30.", None),
    # German
    ("Seit 9:15 Uhr kein Internet.", "11 09:15"), ("Die Leitung ist seit heute Morgen tot.", "11 06:00"), ("Ausfall seit gestern, 21 Uhr", "10 21:00"),
    ("Ausgefallen um halb zehn", "11 09:30"), ("Die Leitung ist vor zwei Stunden ausgefallen", "11 12:50"), ("seit ca. 9:30 Uhr kein Zugriff", "11 09:15"),
    ("Beginn: 11.03.2026 06:15", "11 06:15"), ("Router um 8:40 Uhr neu gestartet.", None), ("Bitte bis 18:00 Uhr beheben.", None),
    # Dutch
    ("De lijn ligt plat sinds 9:15.", "11 09:15"), ("sinds vanochtend half tien pakketverlies", "11 09:30"), ("Uitgevallen om 10.20 uur", "11 10:20"),
    ("Storing vanaf gisteren 22:10", "10 22:10"), ("Twee uur geleden uitgevallen", "11 12:50"), ("kwart over acht viel de lijn uit", "11 08:15"),
    ("Router om 8:40 herstart.", None), ("Hersteld om 10:30.", None),
    # French
    ("Le lien est coupé depuis 8h20", "11 08:20"), ("plus de réseau depuis ce matin", "11 06:00"), ("Panne depuis hier soir", "10 17:00"),
    ("Le lien est tombé il y a deux heures", "11 12:50"), ("coupure à partir de 9h", "11 09:00"), ("Début : 11/03/2026 06:15", "11 06:15"),
    ("Nous avons redémarré le routeur à 8h40, sans effet.", None), ("Le service est rétabli depuis 10h15.", None),
    # Spanish
    ("Sin servicio desde las 9:15", "11 09:15"), ("El enlace cayó ayer a las 21:30", "10 21:30"), ("caído desde hace dos horas", "11 12:50"),
    ("No hay internet desde esta mañana", "11 06:00"), ("cayó a las nueve y media", "11 09:30"), ("Inicio: 11/03/2026 06:15", "11 06:15"),
    ("Reiniciamos el router a las 8:40.", None), ("Servicio restablecido a las 10:30.", None),
    # Portuguese
    ("está muito lento desde as 13h", "11 13:00"), ("O link caiu às 9h15", "11 09:15"), ("oscilando desde ontem à tarde", "10 12:00"),
    ("sem internet desde ontem às 21:30", "10 21:30"), ("O link caiu há duas horas", "11 12:50"), ("Início da falha: 11/03/2026 06:15", "11 06:15"),
    ("Reiniciei o roteador às 8:40.", None), ("O serviço voltou às 10:30.", None),
    # Italian
    ("La linea è giù dalle 9:15", "11 09:15"), ("non funziona da ieri sera", "10 17:00"), ("Guasto dalle ore 10.20", "11 10:20"),
    ("La linea è caduta due ore fa", "11 12:50"), ("Inizio disservizio: 11/03/2026 06:15", "11 06:15"), ("è caduta alle nove e mezza", "11 09:30"),
    ("Abbiamo riavviato alle 8:40.", None), ("Ripristinato alle 10:30.", None),
    # Polish
    ("Łącze nie działa od 9:15", "11 09:15"), ("mamy problem z usługą od godziny 12:10", "11 12:10"), ("Awaria od wczoraj 22:10", "10 22:10"),
    ("Łącze padło dwie godziny temu", "11 12:50"), ("Początek: 11.03.2026 05:38", "11 05:38"), ("nie działa od godz. 9", "11 09:00"),
    ("Zrestartowaliśmy router o 8:40.", None), ("Przywrócono o 10:30.", None),
    # Turkish
    ("Hat 09:15'ten beri çalışmıyor", "11 09:15"), ("İnternet saat 9'da kesildi", "11 09:00"), ("Bağlantı dün 21:30'da koptu", "10 21:30"),
    ("Hat iki saat önce koptu", "11 12:50"), ("Bu sabahtan beri internet yok", "11 06:00"), ("Başlangıç: 11.03.2026 06:15", "11 06:15"),
    ("Modemi 8:40'ta yeniden başlattık.", None),
    # Russian
    ("С 13:40 потери пакетов", "11 13:40"), ("Канал упал вчера в 21:30", "10 21:30"), ("не работает с 9 утра", "11 09:00"),
    ("Канал упал два часа назад", "11 12:50"), ("Связь пропала сегодня утром", "11 06:00"), ("Начало: 11.03.2026 06:15", "11 06:15"),
    ("Перезагрузили роутер в 8:40.", None), ("Связь восстановилась в 10:30.", None),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), ROWS)
def test_expression_is_read_in_its_language(text: str, expected: str | None) -> None:
    findings = find_start(text, (), received_at=RECEIVED, timezone="Europe/Belgrade", header_offset=None)
    found = [f for f in findings if f.status is FindingStatus.FILLED]
    if expected is None:
        assert not found
        return
    day, clock = expected.split()
    at = datetime.fromisoformat(f"2026-03-{day}T{clock}:00+00:00") - timedelta(hours=1)
    assert found
    assert found[0].earliest
    assert abs((datetime.fromisoformat(found[0].earliest.replace("Z", "+00:00")) - at).total_seconds()) < 60
