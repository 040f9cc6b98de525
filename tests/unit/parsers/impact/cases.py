"""Sentences of other customers than those of the corpus, with the class that a careful reader writes down."""

from __future__ import annotations

ENGLISH = """
SA|The MPLS link to our Dublin warehouse went dark an hour ago and is still dark.
SA|Our circuit is completely down.
SA|We cannot reach anything beyond your gateway.
SA|There is no light on the receive side.
SA|Nothing works here.
SA|The leased line has been dead since noon.
SA|None of our branches can connect to the data centre.
SA|The port is up but we have no traffic in either direction.
SA|Our router shows loss of signal on the handoff.
SA|Total outage at the Leipzig plant.
SA|100% packet loss to every destination.
SA|The service is unavailable since this morning.
SA|We lost all connectivity at 14:20.
SA|The whole campus is offline.
SA|Users cannot log in to anything.
SA|The primary circuit is down and the backup is down too.
SA|The ethernet handoff has no sync.
SA|Our site is isolated from the rest of the network.
SA|The server does not respond on any port.
SA|We don't have internet.
SA|The line stopped working at 8 am.
SA|Not a single packet gets through.
SA|Internet is not working.
SA|There has been no dial tone since Monday.
SA|Voice and data are both dead, there is no backup here.
SA|Impact: service affecting
SA|Service affecting: yes
SA|Please treat this as service affecting.
SA|Severity: [x] service affecting [ ] degraded [ ] none
SA|Hard down. Please dispatch.
DG|The connection is very slow today.
DG|We see 7% packet loss towards Amsterdam.
DG|Latency has doubled and calls are choppy.
DG|It still works but downloads crawl.
DG|We only get 40 Mbps of our 500 Mbps.
DG|Video keeps freezing, although we are still up.
DG|High jitter on the voice VLAN.
DG|The link does not work properly.
DG|Throughput is 30 Mbps instead of 300 Mbps.
DG|Service is degraded.
DG|I would call it a degradation and not an outage.
DG|Impact: degradation
DG|The internet is sluggish but usable.
DG|We are running on the backup line and the backup is slow.
DG|Not an outage, but web pages load slowly.
DG|Partial outage of the service.
DG|Severe congestion on your peering.
DG|Our throughput is terrible, poor performance all over.
NSA|The primary fibre is down, all traffic runs over the backup.
NSA|The backup circuit is down, primary works fine.
NSA|Not service affecting.
NSA|Service affecting: N
NSA|Impact: none
NSA|No customer impact so far.
NSA|We lost redundancy but nobody noticed.
NSA|Link A failed over to link B, users are not affected.
NSA|Our secondary line is dead, the main one carries everything.
NSA|There is no impact on production.
NSA|The circuit is down but everything failed over as designed.
NSA|No user has noticed anything, the standby path took over.
NSA|The wave is dark. Traffic was rerouted and customers are unaffected.
NSA|This is non-service-affecting.
-|The link is flapping.
-|The LED on the NTE is amber.
-|The CRC counter keeps growing.
-|No packet loss was seen.
-|We have a problem with the line.
-|Please call me back.
-|There is trouble with circuit 7.
-|The line will be down on Sunday for planned maintenance.
-|If the line goes down we will call you.
-|Is the circuit down?
-|The link might be down tomorrow.
-|Everything is fine, nothing is down.
-|The fault is fixed, thank you.
-|What is the price of a second port?
-|We see input errors on the interface.
-|The link is not slow.
-|I cannot tell you what works.
-|Interface is up, light is good.
-|Is any downtime needed for the upgrade?
-|There are no errors and no loss.
-|The interface bounces every ten minutes.
-|Please do not reply to this address.
-|Could you check whether the port is unreachable?
"""

OTHER = """
SA|de|Die Leitung ist seit heute früh komplett ausgefallen.
SA|de|Wir haben kein Internet.
SA|de|Der Standort ist nicht erreichbar.
SA|de|Nichts geht mehr.
DG|de|Die Verbindung ist sehr langsam.
DG|de|Wir sehen Paketverlust von 5 % nach Frankfurt.
NSA|de|Die Hauptleitung ist unterbrochen, wir laufen auf der Ersatzleitung.
NSA|de|Keine Auswirkungen auf die Kunden.
-|de|Die Leitung ist nicht langsam.
SA|nl|De lijn ligt eruit.
SA|nl|Wij hebben geen internet.
SA|nl|De verbinding werkt niet meer.
SA|nl|Het kantoor is onbereikbaar.
DG|nl|De verbinding is erg traag.
DG|nl|Er is pakketverlies naar Brussel.
NSA|nl|De hoofdlijn is plat maar het verkeer loopt via de backup.
NSA|nl|Geen impact voor klanten.
SA|fr|La liaison est coupée depuis ce matin.
SA|fr|Nous n'avons plus d'accès internet.
SA|fr|Le site est injoignable.
SA|fr|Le lien ne fonctionne plus.
DG|fr|La connexion est très lente.
DG|fr|Nous constatons une perte de paquets de 12 %.
NSA|fr|Le lien principal est coupé, le trafic est basculé sur le secours.
NSA|fr|Sans impact pour les utilisateurs.
SA|es|El enlace está caído desde las 9.
SA|es|No tenemos internet.
SA|es|La oficina está sin servicio.
SA|es|La línea no funciona.
DG|es|La conexión va muy lenta.
DG|es|Hay pérdida de paquetes del 10 %.
NSA|es|El enlace principal está caído pero trabajamos por el enlace de respaldo.
NSA|es|Sin impacto para los clientes.
SA|pt|O circuito está fora do ar.
SA|pt|Estamos sem internet desde ontem.
SA|pt|O link não funciona.
SA|pt|A unidade está inacessível.
DG|pt|A conexão está muito lenta.
DG|pt|Temos perda de pacotes no link.
NSA|pt|O link principal caiu, o tráfego comutou para o backup.
NSA|pt|Sem impacto para os clientes.
SA|it|La linea è caduta alle 9.
SA|it|Siamo senza internet.
SA|it|La sede è irraggiungibile.
SA|it|Il collegamento non funziona.
DG|it|La connessione è molto lenta.
DG|it|C'è perdita di pacchetti verso Milano.
NSA|it|La linea principale è caduta ma siamo sul backup.
NSA|it|Nessun impatto sugli utenti.
SA|sr|Link je pao jutros.
SA|sr|Nemamo internet.
SA|sr|Опсег је недоступан од 8.
SA|sr|Ništa ne radi.
DG|sr|Internet je jako spor.
DG|sr|Имамо губитак пакета ка Франкфурту.
NSA|sr|Glavni link je u prekidu, radimo preko rezervnog linka.
NSA|sr|Nema uticaja na korisnike.
SA|pl|Łącze nie działa od rana.
SA|pl|Brak internetu w biurze.
SA|pl|Oddział jest niedostępny.
SA|pl|Całkowita awaria usługi.
DG|pl|Internet działa bardzo wolno.
DG|pl|Mamy straty pakietów do Warszawy.
NSA|pl|Główne łącze padło, ruch idzie przez zapasowe.
NSA|pl|Bez wpływu na klientów.
SA|tr|Hat tamamen kesildi.
SA|tr|İnternet yok.
SA|tr|Sunucuya ulaşılamıyor.
SA|tr|Bağlantı çalışmıyor.
DG|tr|İnternet çok yavaş.
DG|tr|Yüzde 10 paket kaybı var.
NSA|tr|Ana hat koptu, yedek hat üzerinden çalışıyoruz.
NSA|tr|Müşterilere etkisi yok.
SA|ru|Канал лежит с утра.
SA|ru|Нет интернета.
SA|ru|Сервер недоступен.
SA|ru|Ничего не работает.
DG|ru|Интернет очень медленный.
DG|ru|Потери пакетов 10 % до Москвы.
NSA|ru|Основной канал упал, работаем через резервный.
NSA|ru|Без влияния на клиентов.
"""

PATTERN = """
I|The link is flapping.
I|It comes and goes.
I|Every evening around eight it gets bad.
I|The tunnel drops again and again.
I|Up and down all morning.
I|It keeps disconnecting.
I|Sporadic loss, a few times a day.
I|Fault pattern: intermittent
I|Die Leitung bricht immer wieder ab.
I|La ligne tombe par intermittence.
I|La linea va e viene.
I|Veza puca povremeno.
I|Связь периодически пропадает.
I|Bağlantı gidip geliyor.
C|The line has been down since 9:04.
C|It is still dead.
C|The loss is constant.
C|It does not come and go, it is slow all the time.
C|Pattern: constant
C|The circuit went down at 3 and has not come back.
C|No light since midnight.
C|Seit gestern ist die Leitung tot.
C|Le lien est toujours coupé.
C|El enlace sigue caído.
C|Linija je i dalje u prekidu.
C|Канал до сих пор не работает.
-|The internet is slow since lunch.
-|Please call me.
-|The circuit was down last night from 2:13 to 2:51 and came back.
-|There is a problem with the line.
-|If it is intermittent, tell us.
"""


def rows(table: str) -> list[tuple[str, ...]]:
    """The lines of a table, split at its bars (a bar inside a text stays)."""
    return [tuple(line.split("|")) for line in table.strip().splitlines()]
