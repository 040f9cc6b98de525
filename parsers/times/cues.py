"""Words around a time that say what happened then; variants are split by `|` and stand without diacritics."""

from __future__ import annotations

# Directly before a time: from then on.
SINCE = (
    "since|ever since|starting|starting at|starting from|starting around|beginning|beginning at|from|as of|as from|"
    "onwards from|"
    "seit|seit dem|ab|ab dem|von|vom|beginn|sinds|vanaf|sedert|depuis|depuis le|a partir de|des|a compter de|desde|desde las|"
    "desde la|desde el|desde as|a contar de|dal|dalle|dalle ore|dalla|da|a partire da|a partire dalle|a partire dal|"
    "od|od oko|од|од око|pocev od|"
    "poczawszy od|с|со|начиная с|itibariyle|itibaren|between|zwischen|tussen|entre|tra le|izmedu|између|miedzy|между"
)
# Directly after a time, in languages that put the word behind.
SINCE_AFTER = "onwards|onward|den beri|dan beri|ten beri|tan beri|beri|den itibaren|dan itibaren|itibaren|beridir|denberi"
# Verbs and nouns of the beginning.
BEGAN = (
    "started|start|starts|starting|began|begun|begin|begins|first noticed|noticed|first seen|first drop|first time|"
    "first occurred|"
    "occurred|happened|appeared|onset|detected|detect|alarm|triggered|outage start|fault start|came down|first|initially|"
    "begonnen|begann|angefangen|beginnt|aufgetreten|trat auf|bemerkt|erstmals|begon|ontstaan|opgetreden|gestart|"
    "commence|debute|"
    "apparu|constate|remarque|empezo|comenzo|inicio|empezado|detectado|comecou|iniciou|percebemos|cominciato|iniziato|"
    "comincia|"
    "verificato|poceo|pocelo|pocela|pocetak|krenulo|primetili|почело|почео|почела|почетак|zaczelo|zaczal|zaczely|rozpoczelo|"
    "pojawil|pojawily|zauwazylismy|wystapila|basladi|baslamis|fark ettik|началось|начались|начался|началась|заметили|"
    "обнаружили|"
    "появились|возникла|возникли"
)
FAILED = (
    "went down|gone down|goes down|go down|is down|are down|was down|were down|been down|down|went off|went out|"
    "went dark|dropped|"
    "drop|drops|dropping|died|dies|dead|die|fell over|fell|falls|failed|failing|fails|failure|lost|lose|losing|loses|"
    "loss|quit|"
    "stopped|crashed|broke|broken|cut|cut off|disconnected|unreachable|not reachable|offline|outage|out|off|off air|"
    "out of service|"
    "hard down|flapping|flaps|flapped|slow|slowness|degraded|degradation|packet loss|latency|errors|bad|unstable|no internet|"
    "no light|no traffic|no connectivity|no service|no connection|not working|stalling|stuck|timeouts|dark|"
    "unavailable|hung|went|"
    "hangs|not responding|no signal|lost signal|los|disruption|interruption|not available|no response|flood|"
    "ausgefallen|ausfall|storung|weg|unterbrochen|gestort|abgebrochen|bricht|langsam|kein internet|keine verbindung|"
    "gefallen|fiel|"
    "fallt|tot|nicht erreichbar|aussetzer|beeintrachtigung|geht nicht|steht|"
    "uitgevallen|uitval|storing|plat|weggevallen|viel|viel uit|eruit|eruit gevallen|onbereikbaar|traag|pakketverlies|"
    "geen internet|"
    "coupe|coupee|coupure|tombe|tombee|panne|en panne|lent|perdu|interruption|plus de reseau|plus d'internet|injoignable|"
    "cayo|caido|caida|ha caido|se cayo|cortado|corte|lento|averia|perdida|sin servicio|sin internet|inalcanzable|"
    "caiu|queda|caida|parou|fora do ar|fora|indisponivel|perda|sem internet|sem servico|oscilando|"
    "caduta|caduto|cade|guasto|interrotto|interruzione|giu|ferma|fermo|lenta|irraggiungibile|non funziona|assente|"
    "pao|pala|palo|pukla|pukao|prekid|prekinut|prekinuta|ne radi|nedostupan|nedostupna|sporo|bez interneta|gubici|"
    "mrtav|stala|"
    "пао|пала|пало|прекид|не ради|недоступан|недоступна|споро|губици|без интернета|"
    "padl|padlo|padla|awaria|awarii|przestal|przestalo|przestala|nie dziala|brak|utracono|problem|zerwalo|zerwane|wolno|"
    "kesildi|koptu|gitti|dustu|kesinti|calismiyor|yok|ariza|kayip|yavas|"
    "упал|упала|упало|пропал|пропала|пропало|пропали|не работает|не работают|недоступен|недоступна|обрыв|потери|лежит|"
    "отвалился|нет"
)
# A state of health: "fine since", "stable since" tells the end of a fault.
GOOD = (
    "fine|clean|stable|ok|okay|normal|perfect|working|back|up|good|healthy|restored|recovered|resolved|cleared|"
    "running|solid|well|"
    "stabil|wieder da|behoben|in ordnung|lauft wieder|hersteld|weer goed|retabli|retablie|revenu|restablecido|"
    "recuperado|estavel|"
    "normalizado|ripristinato|stabile|radi|proradilo|ради|proradio|dziala|przywrocono|duzeldi|normale|восстановлено|работает|"
    "восстановилась|восстановился|заработало"
)
NOT = (
    "not|no|never|isn't|wasn't|doesn't|aren't|don't|hasn't|nicht|kein|keine|niet|geen|pas|plus|ne|non|nao|sin|sem|"
    "nie|ne|не|degil|nothing|nobody"
)
# What else can happen at a time, with the words an agent reads.
OTHER_EVENTS: dict[str, str] = {
    "the end of a fault": "restored|back up|came back|comes back|come back|came up|recovered|recovery|recovers|"
    "cleared|resolved|fixed|"
    "returned|back online|back on|is back|was back|up again|again perfect|closed|end|ended|ends|outage end|service restored|"
    "wiederhergestellt|wieder da|wieder online|behoben|entstort|zuruck|hersteld|opgelost|terug|weer online|retabli|"
    "retablie|revenu|"
    "revenue|resolu|fin|restablecido|recuperado|volvio|resuelto|restaurado|voltou|normalizado|restabelecido|"
    "ripristinato|risolto|"
    "tornato|tornata|vratio|vratila|vratilo|proradio|proradila|proradilo|otklonjen|вратио|вратила|прорадио|прорадило|wrocil|"
    "wrocilo|wrocila|przywrocono|naprawiono|duzeldi|geri geldi|восстановлено|восстановлен|восстановилась|восстановился|"
    "заработало|заработал|устранено",
    "a test or a restart": "tested|test|tests|testing|trace|traced|traceroute|ping|pinged|made at|measured|"
    "measurement|checked|"
    "rebooted|reboot|restarted|restart|power cycled|powercycled|replaced|swapped|reseated|reset|changed|tried|"
    "turned off|unplugged|"
    "intervention|your work|getestet|neu gestartet|neugestartet|neustart|eingriff|ausgetauscht|getauscht|gemessen|herstart|"
    "vervangen|redemarre|teste|remplace|reiniciado|reiniciamos|probado|reiniciamos|testado|reiniciei|trocamos|"
    "riavviato|testato|"
    "restartovali|restartovan|resetovali|testirali|ресетовали|рестартовали|zrestartowalismy|zrestartowano|restart|"
    "testowalismy|"
    "yeniden baslattik|yeniden baslatildi|test ettik|перезагрузили|перезагружали|перезапустили|проверили|тест|замена",
    "a call or a message": "called|call|calling|phoned|rang|ring|spoke|emailed|wrote|reported|ticket opened|opened|"
    "opened by|logged|"
    "sent|received|reported at|angerufen|anruf|gemeldet|gebeld|gemeld|appele|rappeler|signale|llamado|llamamos|llame|"
    "ligamos|ligar|"
    "chiamato|telefonato|zvali|pozvali|звали|dzwonilismy|zadzwonilismy|aradik|звонили|позвонили|last update|answer at|reply",
    "planned work": "planned|scheduled|should be|should|must|has to|have to|need to|needs to|maintenance|window|"
    "will be|will|shall|going to|upgrade|tonight's|wartung|wartungsfenster|"
    "geplant|gepland|onderhoud|maintenance prevue|prevue|prevu|mantenimiento|programado|manutencao|programada|manutenzione|"
    "programmata|planirani|radovi|odrzavanje|планирани|радови|planowane|prace|planli|bakim|плановые|работы|запланировано",
    "a working hour or an appointment": "open|opens|opening|opening hours|close|closes|closing|shift|break|meeting|handover|"
    "handoff|leave|came in|arrive|arrived|arrives|come to work|came to work|on site|at work|show|show starts|hours of|"
    "working hours|"
    "business hours|hotline|available|reachable at|it is|it's now|offnet|schliest|geoffnet|schicht|termin|opent|sluit|"
    "ouvre|ferme|"
    "ouvert|abre|cierra|abierto|aberto|apre|chiude|aperto|radno vreme|smena|tura|smene|otvaramo|смена|otwieramy|"
    "zmiana|aciliyor|"
    "открываемся|смена|live|live - verbinding|release|deadline|due|lodged|expected|eta|etr|next",
    "a deadline": "until|till|before|by|no later than|up to|bis|bis zum|spatestens|tot|voor|jusqu'a|jusque|jusqu'au|"
    "avant|hasta|"
    "antes de|antes das|ate|ate as|fino a|fino alle|entro|entro le|prima delle|do|pre|до|najkasnije|kadar|once|к|przed",
    "a time when all was well": "was ok|was fine|was good|ok at|fine at|worked|worked at|was working|still worked|"
    "lief noch|werkte nog|"
    "fonctionnait|funcionaba|funcionava|funzionava|radilo|radio|радио|dzialalo|calisiyordu|работало|getting the",
}
AFTER_WORDS = "after|following|nach|na|apres|tras|despues|apos|depois|dopo|nakon|posle|после|после|po|sonra"
WROTE = (
    "wrote|writes|schrieb|escribio|escreveu|ecrit|a ecrit|ha scritto|scritto|schreef|napisal|napisao|yazdi|"
    "написал|пишет|je napisao"
)
LABELS = (
    "start time|start|start date|start of fault|start of outage|start of incident|start date / time|outage start|fault start|"
    "incident start|issue start|problem start|event start|since|since when|started|began|begin|beginning|occurred|"
    "occurred at|"
    "time of occurrence|time of fault|time of failure|time of outage|fault time|problem started|problem started at|"
    "first seen|"
    "fault first seen|first noticed|first observed|when did it start|when|when started|down since|start time and time zone|"
    "time and date of fault|date and time|date / time|date / time of fault|time down|outage began|from|"
    "when did the problem start|"
    "date and time of fault|incident date|incident time|issue began|onset|detected|start ( utc|start ( local|"
    "down time|start utc|"
    "storungsbeginn|beginn|beginn der storung|seit|seit wann|zeitpunkt|ausfallbeginn|aanvang|aanvang storing|"
    "begin storing|sinds|"
    "starttijd|tijdstip|debut|debut de l'incident|debut de la panne|depuis|depuis quand|heure de debut|date de debut|inicio|"
    "hora de inicio|inicio de la averia|inicio del incidente|desde|desde cuando|inicio da falha|hora do inicio|desde quando|"
    "inizio|inizio disservizio|inizio guasto|ora di inizio|dal|pocetak|pocetak smetnje|vreme pocetka|od kada|почетак|"
    "почетак сметње|"
    "од када|poczatek|poczatek awarii|od kiedy|data rozpoczecia|baslangic|baslangic zamani|ariza baslangici|ne zamandan beri|"
    "начало|время начала|начало аварии|с какого времени|начало сбоя|czas rozpoczecia"
)
END_LABELS = (
    "end|end time|restored|recovered|opened|opened at|closed|updated|reported|reported at|due|window|"
    "maintenance window|planned|"
    "ende|einde|fin|fine|kraj|koniec|bitis|конец|opening hours|outage end|resolved|created|last update|event end|scheduled"
)
HEADER_LABELS = (
    "date|sent|received|gesendet|datum|verzonden|envoye|date d'envoi|enviado|fecha|enviada em|data|inviato|poslato|"
    "wyslano|tarih|"
    "gonderildi|дата|отправлено|послато|enviado el|enviado em|sent on|gesendet am|created on"
)
