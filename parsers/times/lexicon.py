"""Calendar words of the languages that customers write, as tables: slots are split by `|`, variants by `/`."""

from __future__ import annotations

MONTHS: tuple[str, ...] = (
    "january/jan|february/feb|march/mar|april/apr|may|june/jun|july/jul|august/aug|september/sep/sept|october/oct|"
    "november/nov|december/dec",
    "januar/jaenner|februar|marz/maerz|april|mai|juni|juli|august|september|oktober/okt|november|dezember/dez",
    "januari|februari|maart/mrt|april|mei|juni|juli|augustus|september|oktober|november|december",
    "janvier|fevrier/fevr|mars|avril/avr|mai|juin|juillet/juil|aout|septembre|octobre|novembre|decembre",
    "enero/ene|febrero|marzo|abril/abr|mayo|junio|julio|agosto/ago|septiembre/setiembre|octubre|noviembre|diciembre/dic",
    "janeiro|fevereiro/fev|marco|abril|maio|junho|julho|agosto|setembro/set|outubro/out|novembro|dezembro",
    "gennaio/gen|febbraio|marzo|aprile|maggio/mag|giugno/giu|luglio/lug|agosto|settembre|ottobre/ott|novembre|dicembre",
    "januara|februara|marta/mart|aprila|maja/maj|juna|jula|avgusta/avgust|septembra/septembar|oktobra/oktobar|"
    "novembra/novembar|decembra/decembar",
    "јануара/јануар|фебруара/фебруар|марта/март|априла/април|маја/мај|јуна/јун|јула/јул|августа/август|"
    "септембра/септембар|октобра/октобар|новембра/новембар|децембра/децембар",
    "stycznia|lutego|marca|kwietnia|maja|czerwca|lipca|sierpnia|wrzesnia|pazdziernika|listopada|grudnia",
    "ocak|subat|mart|nisan|mayis|haziran|temmuz|agustos|eylul|ekim|kasim|aralik",
    "января|февраля|марта|апреля|мая|июня|июля|августа|сентября|октября|ноября|декабря",
)

WEEKDAYS: tuple[str, ...] = (
    "monday/mondays/mon|tuesday/tuesdays/tue/tues|wednesday/wednesdays/wed|thursday/thursdays/thu/thurs|friday/fridays/fri|"
    "saturday/saturdays|sunday/sundays",
    "montag|dienstag|mittwoch|donnerstag|freitag|samstag/sonnabend|sonntag",
    "maandag|dinsdag|woensdag|donderdag|vrijdag|zaterdag|zondag",
    "lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche",
    "lunes|martes|miercoles|jueves|viernes|sabado|domingo",
    "segunda/segunda - feira|terca/terca - feira|quarta/quarta - feira|quinta/quinta - feira|sexta/sexta - feira|"
    "sabado|domingo",
    "lunedi|martedi|mercoledi|giovedi|venerdi|sabato|domenica",
    "ponedeljka/ponedeljak|utorka/utorak|srede/sredu/sreda|cetvrtka/cetvrtak|petka/petak|subote/subotu|nedelje/nedelju",
    "понедељка/понедељак|уторка/уторак|среде/среду|четвртка/четвртак|петка/петак|суботе/суботу|недеље/недељу",
    "poniedzialku/poniedzialek|wtorku/wtorek|srody/srode|czwartku/czwartek|piatku/piatek|soboty/sobote|niedzieli/niedziele",
    "pazartesi/pazartesiden|sali/salidan|carsamba/carsambadan|persembe/persembeden|cuma/cumadan|cumartesi/cumartesiden|"
    "pazar/pazardan",
    "понедельника/понедельник|вторника/вторник|среды/среду|четверга/четверг|пятницы/пятницу|субботы/субботу|"
    "воскресенья/воскресенье",
)

DAY_WORDS: dict[int, str] = {
    0: "today|heute|vandaag|aujourd'hui|aujourd hui|hoy|hoje|oggi|danas|данас|dzis|dzisiaj|bugun|bugunden|сегодня",
    -1: "yesterday|gestern|gisteren|hier|ayer|ontem|ieri|juce|jucer|јуче|јучер|wczoraj|wczorajszego dnia|dun|dunden|вчера|"
    "вчерашнего дня",
    -2: "day before yesterday|the day before yesterday|vorgestern|eergisteren|avant - hier|avant hier|anteayer|anteontem|"
    "altro ieri|l'altro ieri|prekjuce|прекјуче|przedwczoraj|evvelsi gun|позавчера",
}

# Part of a day: first and last hour, counted from midnight of its day; a night runs into the next day.
PART_HOURS: dict[str, tuple[float, float]] = {
    "morning": (6, 12),
    "lunch": (11.5, 14.5),
    "afternoon": (12, 19),
    "evening": (17, 24),
    "night": (18, 30),
}
# The span in which a clock time named together with the part is looked for.
PART_CLOCK_HOURS: dict[str, tuple[float, float]] = {
    "morning": (0, 12),
    "lunch": (11, 15.5),
    "afternoon": (12, 20),
    "evening": (15, 24.99),
    "night": (17, 31),
}

PARTS: dict[str, str] = {
    "morning": "morning|mornings|am morgen|morgen|vormittag|morgens|ochtend|matin|matinee|manana|la manana|da manha|de manha|"
    "manha|mattina|mattino|mattinata|jutra|jutro|ujutru|ujutro|јутра|ујутру|ujutru|rano|rana|sabah|sabahtan|утра|утром|утро",
    "lunch": "lunchtime|lunch time|lunch|midday|mittag|mittags|middag|midi|mediodia|meio - dia|mezzogiorno|podne|"
    "подне|poludnia|"
    "poludnie|ogle|ogleden|обеда",
    "afternoon": "afternoon|nachmittag|nachmittags|namiddag|apres - midi|apres midi|tarde|la tarde|da tarde|a tarde|"
    "pomeriggio|"
    "popodne|posle podne|поподне|после подне|popoludniu|po poludniu|ogleden sonra|ogleden sonradan|дня|днем|после обеда",
    "evening": "evening|abend|abends|avond|soir|soiree|da noite|a noite|sera|serata|vece|veceri|uvece|увече|вечери|wieczor|"
    "wieczorem|wieczora|aksam|aksamdan|вечера|вечером",
    "night": "night|overnight|nacht|nachts|nuit|noche|la noche|noite|madrugada|da madrugada|de madrugada|notte|noc|noci|nocu|"
    "noc|ноћи|nocy|w nocy|gece|geceden|ночи|ночью",
}

# Words that name a part and its day at once; day 0 of a night is the night that is nearest before the receipt.
PART_DAYS: dict[tuple[str, int], str] = {
    ("morning", 0): "this morning|heute morgen|heute fruh|heute vormittag|vanochtend|vanmorgen|ce matin|esta manana|"
    "esta manha|"
    "hoje de manha|stamattina|questa mattina|stamani|jutros|od jutros|јутрос|dzis rano|dzisiaj rano|"
    "dzisiejszego ranka|bu sabah|"
    "bu sabahtan|сегодня утром|сегодняшнего утра|утра сегодня",
    ("lunch", 0): "this lunchtime|heute mittag|vanmiddag rond de middag|ce midi|dzis w poludnie|bu ogle|bu ogleden",
    ("afternoon", 0): "this afternoon|heute nachmittag|vanmiddag|cet apres - midi|cet apres midi|esta tarde|oggi pomeriggio|"
    "questo pomeriggio|danas popodne|dzis po poludniu|bugun ogleden sonra|сегодня днем",
    ("evening", 0): "this evening|heute abend|vanavond|ce soir|stasera|questa sera|veceras|вечерас|dzis wieczorem|bu aksam|"
    "сегодня вечером|hoje a noite",
    ("night", 0): "this night|tonight|last night|overnight|heute nacht|letzte nacht|vannacht|afgelopen nacht|cette nuit|"
    "la nuit derniere|esta noche|esta noite|esta madrugada|stanotte|questa notte|la scorsa notte|nocas|ноћас|sinoc kasno|"
    "dzis w nocy|dzisiejszej nocy|bu gece|dun gece|dun geceden|сегодня ночью|этой ночью|anoche|ontem a noite|prosle noci",
    ("evening", -1): "sinoc|синоћ|gisteravond|wczoraj wieczorem|hier soir|ieri sera|dun aksam|dun aksamdan|last evening",
    ("afternoon", -1): "gistermiddag",
    ("morning", -1): "gisterochtend|gistermorgen|yesterday morning",
    ("night", -1): "yesterday night|gisternacht",
}

FIXED_CLOCKS: dict[int, str] = {
    12: "noon|12 noon|high noon",
    0: "midnight|mitternacht|middernacht|minuit|medianoche|meia - noite|mezzanotte|ponoci|ponoc|поноћи|polnocy|"
    "полуночи|gece yarisi",
}

NUMBERS: tuple[str, ...] = (
    "one/a/an|two/couple/a couple/a couple of/couple of|three/few/a few/the few|four|five|six|seven|eight|nine|ten|"
    "eleven|twelve",
    "ein/eine/einer/einem/eins|zwei|drei/ein paar/einigen/einige|vier|funf/fuenf|sechs|sieben|acht|neun|zehn|elf|zwolf/zwoelf",
    "een|twee|drie/een paar/enkele|vier|vijf|zes|zeven|acht|negen|tien|elf|twaalf",
    "un/une|deux|trois/quelques|quatre|cinq|six|sept|huit|neuf|dix|onze|douze",
    "una/un|dos/un par de|tres/unas|cuatro|cinco|seis|siete|ocho|nueve|diez|once|doce",
    "uma/um|duas/dois|tres/algumas/alguns|quatro|cinco|seis|sete|oito|nove|dez|onze|doze",
    "un'/una/un|due/un paio di|tre/alcune/qualche|quattro|cinque|sei|sette|otto|nove|dieci|undici|dodici",
    "jedan/jednog/jedan|dva/dve|tri/par/nekoliko|cetiri|pet|sest|sedam|osam|devet|deset|jedanaest|dvanaest",
    "један|два/две|три/пар/неколико|четири|пет|шест|седам|осам|девет|десет|једанаест|дванаест",
    "jedna/jednej|dwa/dwie/dwoch/drugiej|trzy/kilka/kilku/trzeciej|cztery/czwartej|piec/piatej|szesc/szostej|siedem/siodmej|"
    "osiem/osmej|dziewiec/dziewiatej|dziesiec/dziesiatej|jedenastej|dwunastej",
    "bir|iki/birkac|uc|dort|bes|alti|yedi|sekiz|dokuz|saat on|on bir|on iki",
    "один/одного/одну/первого|два/две/двух/второго|три/трех/несколько/нескольких/третьего|четыре/четырех/четвертого|"
    "пять/пяти/пятого|шесть/шести/шестого|семь/седьмого|восемь/восьмого|девять/девятого|десять/десяти/десятого|"
    "одиннадцать/одиннадцатого|двенадцать/двенадцатого",
)
DUTCH_ROW = 2
EXTRA_NUMBERS: dict[int, str] = {
    15: "fifteen|funfzehn|vijftien|quinze|quince|quindici|petnaest|петнаест|pietnascie|on bes|пятнадцать",
    20: "twenty|zwanzig|twintig|vingt|veinte|vinte|venti|dvadeset|двадесет|dwadziescia|yirmi|двадцать",
    30: "thirty|dreisig|dertig|trente|treinta|trinta|trenta|trideset|тридесет|trzydziesci|otuz|тридцать",
    40: "forty|vierzig|veertig|quarante|cuarenta|quarenta|quaranta|cetrdeset|четрдесет|czterdziesci|kirk|сорок",
    50: "fifty|funfzig|vijftig|cinquante|cincuenta|cinquanta|pedeset|педесет|piecdziesiat|elli|пятьдесят",
    13: "thirteen",
    14: "fourteen",
    16: "sixteen",
    17: "seventeen",
    18: "eighteen",
    19: "nineteen",
    25: "twenty - five|twenty five",
    35: "thirty - five|thirty five",
    45: "forty - five|forty five",
}

UNITS: dict[int, str] = {
    1: "second|seconds|sec|secs|sekunden|sekunde|seconden|secondes|segundos|secondi|sekundi|sekund|saniye|секунд|s",
    60: "minute|minutes|min|mins|minuten|minuut|minuto|minutos|minuti|minuta|minut|minuty|minute|dakika|dakikadir|"
    "минут|минута|"
    "минуты|минуту|мин",
    3600: "hour|hours|hr|hrs|stunde|stunden|uur|uren|uurtjes|heure|heures|hora|horas|ora|ore|sat|sata|sati|сат|сата|"
    "сати|godzine|"
    "godziny|godzin|saat|saattir|час|часа|часов",
    86400: "day|days|tag|tage|tagen|dag|dagen|jour|jours|dia|dias|giorno|giorni|dan|dana|дан|дана|dzien|dni|gun|"
    "gundur|день|дня|"
    "дней",
    604800: "week|weeks|woche|wochen|weken|semaine|semaines|semana|semanas|settimana|settimane|nedelju dana|"
    "nedelje dana|недељу дана|"
    "tydzien|tygodnie|hafta|haftadir|неделю|недели|недель",
}

QUANTITIES: dict[int, str] = {
    1800: "half an hour|half hour|a half hour|half a hour|halben stunde|halbe stunde|half uur|halfuur|demi - heure|"
    "demi heure|"
    "media hora|meia hora|meia - hora|mezz'ora|mezzora|mezza ora|pola sata|пола сата|pol sata|pol godziny|yarim saat|"
    "yarim saattir|полчаса|получаса",
    5400: "hour and a half|an hour and a half|one and a half hours|anderthalb stunden|eineinhalb stunden|"
    "anderhalf uur|heure et demie|"
    "hora y media|hora e meia|ora e mezza|sat i po|sat i pol|сат и по|poltorej godziny|bir bucuk saat|полтора часа",
    900: "quarter of an hour|a quarter of an hour|viertelstunde|kwartier|quart d'heure|cuarto de hora|quarto d'ora|"
    "cetvrt sata|"
    "kwadrans|ceyrek saat|четверть часа",
    2700: "three quarters of an hour|dreiviertelstunde|drie kwartier|trois quarts d'heure",
}

# Minutes that a word adds to the hour before it ("y media"), and to the hour after it ("half past", "halb").
AFTER_HOUR: dict[int, str] = {
    30: "et demie|y media|e mezza|e mezzo|e meia|i po|i pol|и по|bucuk|bucukta|bucuktan|с половинои",
    15: "et quart|y cuarto|e un quarto|e quinze|e um quarto|i petnaest|и петнаест",
    -15: "moins le quart|menos cuarto|meno un quarto|menos um quarto",
}
BEFORE_HOUR: dict[int, str] = {
    30: "half past",
    15: "quarter past|a quarter past|quarter after|viertel nach|kwart over|cetvrt posle|kwadrans po",
    -15: "quarter to|a quarter to|quarter of|quarter before|quarter till|viertel vor|kwart voor|petnaest do|"
    "петнаест до|za kwadrans|"
    "за пятнадцать|без четверти|cetvrt do",
    -30: "halb|pola|пола|wpol do|w pol do|пол",
}
HALF = "half"
PAST = "past|after|nach|over|posle|minutes past|min past|minuten nach"
TO = "to|till|vor|voor|do|до|minutes to|minutes before|min to|minuten vor"

OCLOCK = (
    "o'clock|o clock|oclock|uhr|uur|h|hrs|hours|heures|heure|horas|sati|sata|casova|casa|часова|часа|сати|сата|часов|час|"
    "godz|sularinda|hundred hours"
)
OCLOCK_BEFORE = (
    "godz|godziny|godziny|godzinie|saat|saati|klokke|kl|alle ore|dalle ore|ore|a las|las|desde las|as|desde as|alle|dalle"
)
AT = "at|um|om|gegen|ab|a|u|u oko|о|o|w|в|kell|at about|at around|at approximately|у"

AGO_AFTER = (
    "ago|back|earlier|geleden|fa|or sono|orsono|temu|once|oncesinden|once basladi|evvel|назад|тому назад|atras|ranije|zuvor"
)
AGO_BEFORE = "vor|il y a|voila|ça fait|ca fait|hace|desde hace|ha|faz|pre|od pre|пре|od pred|przed"
LASTING = (
    "past|the past|for the past|over the past|last|the last|for the last|in the last|these last|within the last|"
    "already|schon|"
    "bereits|den letzten|letzten|al|reeds|ultimas|ultimos|las ultimas|las ultimos|derniers|dernieres|ultime|ultimi|vec|већ|"
    "poslednjih|последњих|ostatnich|ostatnie|od|juz od|son|уже|последние|в последние|в течение|depuis|desde|da|seit|"
    "since|sinds|"
    "from|от|есть|a partir de|mas de|plus de|gia da|seit etwa|piu di"
)
LASTING_WEAK = "for|fur|pendant|durante|por|per|tijdens|tokom|przez"
LASTING_AFTER = (
    "now|already|jetzt|nu|maintenant|ya|agora|ormai|vec|već|already now|juz|suredir|boyunca|dir|уже|"
    "straight|and counting|so far"
)
JUST_NOW = (
    "just now|a moment ago|moments ago|right now just|gerade eben|soeben|zojuist|a l'instant|ahora mismo|agora mesmo|poco fa|"
)
JUST_NOW += "malopre|upravo|малопре|przed chwila|az once|demin|только что"
APPROX = (
    "about|around|approximately|approx|roughly|circa|ca|c|some|or so|or thereabouts|thereabouts|ish|nearly|almost|"
    "maybe|probably|"
    "i think|etwa|ungefahr|gegen|zirka|rund|ongeveer|rond|omstreeks|vers|environ|aux alentours de|hacia|sobre|alrededor de|"
    "aproximadamente|mas o menos|por volta de|por volta das|por volta da|cerca de|cerca das|verso|circa alle|"
    "intorno a|intorno alle|"
    "verso le|oko|otprilike|око|отприлике|okolo|mniej wiecej|kolo|yaklasik|civarinda|civari|sularinda|sularindan|"
    "примерно|около|приблизительно|где - то|some time|sometime|like|somewhere"
)
FILLERS = (
    "at|on|in|the|of|it|was|um|am|den|der|im|a|o|u|op|om|de|van|le|la|las|el|los|les|du|l'|à|al|alle|dalle|dal|do|da|"
    "das|dos|em|"
    "na|no|nel|nella|di|del|della|il|w|we|od|dnia|o godz|c|в|во|у|на|по|је|je|je bilo|yaklasik|tarihinde|gunu|so|"
    "local|this|dia|il giorno|"
    "cest|circa|ai|alla|delle|ab|around|about|morning|s|and|as|last|past|vom|zum|zur|diese|dieser|giorno|early|late|"
    "ayin|г|года|god|"
    "godine|um ca|gegen|r|hours|hrs|uhr|ta|te|da|de|den|tan|ten|dan|from|since|just|dnia|года|'s|right|von|vor|h|time|"
    "same|lokal|"
    "our|your|its|jour|heute|sharp|exactly|punkt"
)
AMPM: dict[str, str] = {"am": "a m|a . m|vorm", "pm": "p m|p . m|nachm"}
