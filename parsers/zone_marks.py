"""The lines that begin quotes, forwards, signatures and disclaimers, in the main languages."""

from __future__ import annotations

import re

FORWARD = re.compile(
    r"(?i)^[>\s]*(?:-{2,}\s*(?:forwarded message|weitergeleitete nachricht|message transf[ée]r[ée]|mensaje reenviado"
    r"|messaggio inoltrato"
    r"|doorgestuurd bericht|mensagem encaminhada|prosleđena poruka|prosledjena poruka|przekazana wiadomość"
    r"|пересылаемое сообщение"
    r"|пересланное сообщение|iletilen mesaj|vidarebefordrat meddelande)\b.*|begin forwarded message:?\s*"
    r"|anfang der weitergeleiteten.*"
    r"|début du message (?:transféré|réexpédié).*|inizio messaggio inoltrato.*)$"
)
ORIGINAL = re.compile(
    r"(?i)^[>\s]*-{2,}\s*(?:original message|original appointment|ursprüngliche nachricht|originalnachricht"
    r"|message d'origine|mensaje original"
    r"|messaggio originale|oorspronkelijk bericht|mensagem original|originalna poruka|oryginalna wiadomość"
    r"|исходное сообщение|özgün ileti"
    r"|ursprungligt meddelande)\s*-*\s*$"
)
WROTE = re.compile(
    r"(?i)(?:\bwrote|schrieb|a écrit|escribió|ha scritto|schreef|escreveu|napisa[oał(/]\S*|je pisa\S*|написа\S*|пиш[еу]\S*"
    r"|yazdı|skrev|écrit)\b"
    r".{0,80}:\s*$"
)
WHO = re.compile(r"<?[\w.+-]+@[\w.-]+\.\w+>?")
DATEISH = re.compile(r"\b\d{1,4}[./-]\d{1,2}[./-]\d{1,4}\b|\b20\d\d\b|\d{1,2}[:.]\d{2}")
HEAD_FROM = re.compile(r"(?i)^[>\s]*\*?(?:from|von|da|de|van|od|от|kimden|från|fra|差出人|发件人|送信者)\s?\*?\s?[::]\*?\s*\S")
HEAD_OTHER = re.compile(
    r"(?i)^[>\s]*\*?(?:sent|date|to|cc|subject|gesendet|datum|an|betreff|envoy[ée]|à|objet|enviado(?: el)?|para|asunto"
    r"|assunto|inviato|data|a|oggetto"
    r"|verzonden|aan|onderwerp|poslato|za|predmet|naslov|wysłano|do|temat|отправлено|дата|кому|тема|gönderildi|tarih|kime"
    r"|konu|skickat|till|ämne"
    r"|送信日時|宛先|件名|日時)\s?\*?\s?[::]\*?"
)
QUOTE = re.compile(r"^ {0,3}(?:[A-Z]{0,3}>(?!>?>?\s*$)|>)")
SUBJECT_FORWARD = re.compile(
    r"(?i)^\s*(?:(?:re|aw|antw|sv)\s*:\s*)*(?:fwd?|wg|tr|rv|enc|i|doorst|pd|iltm|yml|vs|prosl|пересл|прослеђено)\s*:"
)
SIGN_OFF = re.compile(
    r"(?i)^\s*(?:(?:with )?(?:kind|best|warm|many)?\s*(?:regards|wishes|thanks)|(?:thanks|thank you)(?: (?:and|&|very much"
    r"|so much|a lot|in advance).*)?|thx|cheers|ta"
    r"|(?:yours )?(?:sincerely|faithfully)(?: yours)?|rgds|br|mit freundlichen? gr(?:ü|ue)(?:ß|ss)en?|(?:viele|beste|liebe"
    r"|freundliche|schöne)\s+gr(?:ü|ue)(?:ß|ss)e"
    r"|(?:vielen dank und )?(?:freundliche |viele )?gr(?:ü|ue)(?:ß|ss)e?|mfg|vg|lg|danke|(?:bien )?cordialement|cdlt"
    r"|salutations|bien à vous|merci(?: d'avance)?|(?:un )?saludos?(?: cordiales)?"
    r"|atentamente|gracias|(?:cordiali|distinti)?\s*saluti|cordialmente|grazie|met vriendelijke groet(?:en)?"
    r"|(?:vriendelijke )?groet(?:en|jes)?|mvg|gr|atenciosamente|att|abraços?"
    r"|obrigad[oa]|(?:srdačan )?pozdrav|s poštovanjem|srdačno|hvala(?: unapred)?|(?:срдачан )?поздрав|с поштовањем|хвала"
    r"|z poważaniem|pozdrawiam|pozdrowienia|с уважением|спасибо"
    r"|saygılar(?:ımla|ımızla)?|iyi çalışmalar|teşekkürler|med vänlig hälsning(?:ar)?|mvh|敬具|よろしくお願いします|此致)"
    r"(?:\s*(?:[/&+,]|and|und|et|e|y|en|i)\s*(?:kind |best )?(?:regards|saluti|saludos|cordialement|thanks|grüße|pozdrav"
    r"|freundliche grüße).*)?\s*[,.!:)]*\s*$"
)
SENT_FROM = re.compile(
    r"(?i)^\s*(?:sent from (?:my|gmail|outlook|mail|yahoo|samsung)\b.*|sent (?:via|using) .*|get outlook for .*"
    r"|von meinem \S+ gesendet.*|gesendet (?:von|mit) .*|envoyé (?:de|depuis) mon .*|enviado desde mi .*"
    r"|inviato da(?:l mio)? .*|verstuurd vanaf .*|verzonden vanaf .*|enviado do meu .*|poslato sa .*|wysłane z .*"
    r"|отправлено с .*|послато са .*|.*cihazımdan gönderildi.*|iphone'umdan gönderildi.*)$"
)
DISCLAIMER = re.compile(
    r"(?is)(?:confidential|vertraulich|confidentiel|confidencial|riservat|vertrouwelijk|poverljiv|poufn|конфиденциальн|gizli)"
    r".*(?:intended|recipient|privileged|empfänger|destinatair|destinatari|geadresseerde|ontvanger|primaoc|primalac"
    r"|adresat|получател|alıcı|disclos|notify)"
    r"|(?:intended recipient|all business is subject to|registered in england|please consider the environment"
    r"|think before you print)"
)
CONTACT_LINE = re.compile(
    r"(?i)(?:^|\s)(?:tel|phone|fax|mob|mobile|cell|direct|did|ext|kvk|vat|ust-?id|pib|nip|uen|siret|www\.|https?://"
    r"|sip:)\b|\+\d[\d\s()./-]{7,}|\|\s*.+\|"
)
POINTER = re.compile(
    r"(?i)\b(?:(?:please )?(?:see|find|check|read|look at|refer to)(?:\s+\S+){0,8}?\s+(?:below|underneath)|(?:details"
    r"|info(?:rmation)?|mail|message|report|answers?|replies|comments|form|data|rest|everything)"
    r"(?:\s+(?:is|are|of|from|our|the|in|\w+)){0,6}\s+below|for the below|(?:the )?below is from|as (?:described|written"
    r"|stated|reported) below|(?:answers?|replies|comments) (?:are )?(?:inline|in line|in red|in blue|between)"
    r"|siehe (?:\S+ ){0,4}?unten|(?:siehe|s\.) u\.|wie unten|(?:antworten|angaben)\s+(?:\S+\s+){0,3}unten"
    r"|voir (?:\S+ ){0,5}?(?:ci-dessous|plus bas)|(?:ver|véase|vea|mire) (?:\S+ ){0,5}?(?:abajo|más abajo)"
    r"|vedi (?:\S+ ){0,5}?(?:sotto|qui sotto)|zie (?:\S+ ){0,5}?(?:onder|hieronder|onderstaande?)|(?:ver|veja"
    r"|segue) (?:\S+ ){0,5}?abaixo|vidi(?:te)? (?:\S+ ){0,4}?(?:ispod|dole)|(?:patrz|zob\."
    r"|zobacz) (?:\S+ ){0,4}?(?:poniżej|niżej)"
    r"|(?:см\.?|смотрите) (?:\S+ ){0,4}?ниже|aşağıda)"
)
ANSWERED = re.compile(
    r"(?i)\b(?:answers?|replies|reply|comments|responses|filled|completed|antwort\w*|ausgefüllt|réponses?|respuestas?"
    r"|risposte|antwoorden|respostas?|odgovor\w*|odpowied\w*|ответ\w*|cevap\w*)\b"
)
POINTER_NO = re.compile(
    r"(?i)\b(?:nothing to do|not related|unrelated|ignore|old|different|automatic|received only|only)\b[^.\n]{0,60}\bbelow"
)
