"""Quantities in folded words of all languages: numbers, ordinals, fractions, what is counted and what becomes of it."""

from __future__ import annotations


def _table(rows: str) -> dict[str, float]:
    """ "3 three drei": each word of a row stands for its number."""
    return {word: float(row.split()[0]) for row in rows.strip().splitlines() for word in row.split()[1:]}


NUMBERS = _table("""
1 one ein eine einer eines einen een un une uno una um uma jedan jedna jedno jeden один одна одно један
1 једна bir biri
2 two zwei twee deux dos dois duas due dva dve dwa dwie два две двух iki ikisi
3 three drei drie trois tres tre tri trzy три трех uc ucu
4 four vier quatre cuatro quatro quattro cetiri cztery четыре четири dort dordu
5 five funf fuenf vijf cinq cinco cinque pet piec пять пяти пет bes besi
6 six sechs zes seis sei sest szesc шесть шест alti
7 seven sieben zeven sept siete sete sette sedam siedem семь седам yedi
8 eight acht huit ocho oito otto osam osiem восемь осам sekiz
9 nine neun negen neuf nueve nove devet dziewiec девять девет dokuz
10 ten zehn tien dix diez dez dieci deset dziesiec dziesieciu десять десяти десет
12 twelve zwolf twaalf douze doce doze dodici dvanaest dwanascie двенадцать дванаест
15 fifteen funfzehn vijftien quinze quince quindici petnaest пятнадцать петнаест
20 twenty zwanzig twintig vingt veinte vinte venti dvadeset dwadziescia dwudziestu двадцать двадцати
20 двадесет yirmi
30 thirty dreissig dertig trente treinta trinta trenta trideset trzydziesci тридцать тридесет otuz
40 forty vierzig veertig quarante cuarenta quarenta quaranta cetrdeset czterdziesci сорок четрдесет kirk
50 fifty funfzig vijftig cinquante cincuenta cinquenta cinquanta pedeset piecdziesiat пятьдесят педесет elli
60 sixty sechzig zestig soixante sesenta sessenta sessanta sezdeset шездесет шестьдесят
70 seventy siebzig zeventig setenta settanta sedamdeset седамдесет семьдесят
80 eighty achtzig tachtig ochenta oitenta ottanta osamdeset осамдесет восемьдесят
90 ninety neunzig negentig noventa novanta devedeset деведесет девяносто
100 hundred hundert honderd cent cien cem cento sto ста сто стотину yuz
1000 thousand tausend duizend mille mil hiljadu tysiac тысячи хиљаду bin
""")
ORDINALS = _table("""
2 other second zweite zweiter zweites zweiten zweitem tweede segundo segunda secondo drugi druga drugo
2 drugie втори второи вторая второе други друга deuxieme ikinci ander andere
3 third dritte dritter drittes dritten derde tercer tercera terceiro terza terzo treci treca trzeci trzecia
3 trzecie третии третья трећи трећа troisieme ucuncu
4 fourth vierte vierter viertes vierten vierde cuarto cuarta quarto cetvrti czwarty czwarta четвертыи
4 четвертая четврти dorduncu
5 fifth funfte funfter funftes funften vijfde quinto quinta peti piaty piata пятыи пятая пети besinci
10 tenth zehnte zehnter zehntes zehnten tiende decimo deseti dziesiaty десятыи десятая десети onuncu
""")
FRACTIONS = _table("""
0.5 half halve halb halbe halfte haelfte helft moitie mitad metade meta polovina polovinu pola polowa polowe
0.5 половина половину пола yarisi
0.33 third drittel derde tiers tercio terco terzo trecina trecinu трећина трећину треть trzecia trzecią ucte
0.25 quarter viertel kwart quart cuarta quarto cetvrtina cetvrtinu четвртина четвртину четверть cwierc dortte
0.6 most meisten meeste plupart mayoria maioria maggior vecina vecinu wiekszosc большинство већина cogu
0.3 many viele vieler veel beaucoup muchos muchas muitos muitas molti molte mnogi mnoge mnogo wiele duzo
0.3 много часть teil deo czesc neke неке bircok lots lot
""")
ALL = frozenset(
    """
all every each both alle allen samtliche jeder jedes jede jedem elke elk ieder iedere tous toutes chaque todos todas
cada tutti tutte ogni svi sve svaki svaka сви све сваки wszystkie kazdy kazde все каждыи каждая tum butun her
""".split()
)
EVERY = frozenset(
    """
every each jede jeder jedes jeden jedem elke elk iedere ieder chaque cada ogni svaki svaka svako co kazdy каждыи
каждая каждое сваки свака her
""".split()
)
OF = frozenset(
    """
of in von van op sur de su od na z ze iz из од em aus per
""".split()
)
FILL = frozenset(
    """
das dos da do degli la le lo il el
out the our all every each cada den der des de die unsere unserer alle onze les nos los las nuestros os as nossos
gli i nostri nasih svih svakih каждых наших всех naszych wszystkich dei delle of those these dem del von van about
around single inbound outbound incoming outgoing voice test data
""".split()
)
PERCENT = frozenset(
    """
% percent pct prozent procent procenta procenata procenat percento процентов процента процент посто cento ciento
yuzde
""".split()
)
NOT = frozenset(
    """
not never no nicht kein keine nie niet geen ne pas jamais non nao nunca neither nor не ни nijedan без without
""".split()
)
# Beginnings of the words for what is lost, what arrives and what is counted.
LOST = tuple(
    """
bricht brech abbrech abgebroch valt vallen coup cort cade cadono caem cai puca zrywa обрыва пуца пада kesil sacrif echoue cuelg
lost lose losing fail vanish disappear drop missing timeout timing unanswered discarded die verlor verlier
verschwind fehl scheiter kwijt mislukk verdwijn wegval perdu perd echou disparai pierd fall desaparec falh somem
perso persi spari gin gubi zgub utrac przepada теря потер пропада исчез gube izgub nesta propada губ изгуб неста
kaybol kayip dusuyor verloren swallow rejected
""".split()
)
ARRIVE = tuple(
    """
arriv come comes came coming make makes made through answer return reach surviv deliver komm ankomm beantwort aankom
komt komen respond repond rispond lleg cheg docier dochodz wraca доход проход возвращ stiz stig dolaz prolaz vraca
стиж стиг долаз пролаз ulas gelmi
""".split()
)
THINGS = tuple(
    """
packet paket pakket paquet pacote pacchett pakiet пакет ping пинг frame call anruf gesprach oproep gesprek appel
llamada chamada ligac chiamat poziv позив rozmow звонк вызов arama cagri request anfrage verzoek requete solicitud
richiest zahtev захтев запрос session sitzung sessie sesion sesij сесси probe transaction attempt versuch
""".split()
)
