"""The languages whose way of reading aloud is known in full."""

from __future__ import annotations

from collections.abc import Mapping

from videos.writing.spoken_tables import Tongue


def _short(text: str) -> dict[str, str]:
    """`dr=Doctor` a word, separated by bars."""
    pairs = (entry.strip().partition("=") for entry in text.split("|"))
    return {left.lower(): right for left, _, right in pairs if left}


ENGLISH = Tongue(
    code="en",
    point="point",
    to="to",
    at="at",
    dot="dot",
    slash="slash",
    minus="minus",
    plus="plus",
    equals="equals",
    times="times",
    about="about",
    number="number",
    degrees="degrees",
    scales=_short(
        "thousand=thousand|million=million|billion=billion|trillion=trillion|k=thousand"
        "|m=million|mn=million|mm=million|b=billion|bn=billion|t=trillion|tn=trillion"
    ),
    short=_short(
        "dr=Doctor|mr=Mister|mrs=Missus|ms=Miz|prof=Professor|vs=versus|etc=et cetera"
        "|e.g=for example|i.e=that is|eg=for example|ie=that is|approx=approximately"
        "|inc=Incorporated|ltd=Limited|corp=Corporation|jr=Junior|sr=Senior|gen=General"
        "|col=Colonel|sgt=Sergeant|capt=Captain|lt=Lieutenant|rev=Reverend|gov=Governor"
        "|sen=Senator|rep=Representative|ave=Avenue|blvd=Boulevard|rd=Road|mt=Mount"
        "|dept=department|est=established|ca=circa|w/=with|w/o=without|ph.d=P.H.D|phd=P.H.D"
        "|a.m=A.M|p.m=P.M|et al=and others|jan=January|feb=February|mar=March|apr=April"
        "|jun=June|jul=July|aug=August|sep=September|sept=September|oct=October"
        "|nov=November|dec=December|mon=Monday|tue=Tuesday|tues=Tuesday|wed=Wednesday"
        "|thu=Thursday|thurs=Thursday|fri=Friday|sat=Saturday|sun=Sunday|min=minutes|hrs=hours|hr=hours|yrs=years"
        "|fig=Figure|figs=Figures|vol=volume|ch=chapter|sec=seconds|pp=pages|p=page"
        "|nos=numbers|no=number|st=Saint|max=maximum|govt=government|assn=association"
    ),
    money={
        "USD": ("dollar", "dollars"),
        "EUR": ("euro", "euros"),
        "GBP": ("pound", "pounds"),
        "JPY": ("yen", "yen"),
        "INR": ("rupee", "rupees"),
        "CHF": ("Swiss franc", "Swiss francs"),
    },
    day_month="{month} {day}, {year}",
)

GERMAN = Tongue(
    code="de",
    decimal=",",
    groups=". '\u202f\xa0",
    point="Komma",
    to="bis",
    at="ät",
    dot="Punkt",
    slash="Schrägstrich",
    minus="minus",
    plus="plus",
    equals="gleich",
    times="mal",
    about="etwa",
    number="Nummer",
    degrees="Grad",
    clock="Uhr",
    clock_words=("uhr",),
    one={"m": "ein", "f": "eine"},
    feminine=frozenset({"t", "h", "min", "s", "sec", "meile", "mi"}),
    scales=_short(
        "tausend=tausend|million=Million|millionen=Millionen|milliarde=Milliarde"
        "|milliarden=Milliarden|billionen=Billionen|mio=Millionen|mrd=Milliarden|tsd=tausend"
    ),
    short=_short(
        "dr=Doktor|prof=Professor|hr=Herr|fr=Frau|nr=Nummer|st=Sankt|str=Straße|usw=und so weiter"
        "|bzw=beziehungsweise|ca=zirka|z.b=zum Beispiel|d.h=das heißt|u.a=unter anderem"
        "|evtl=eventuell|ggf=gegebenenfalls|inkl=inklusive|vgl=vergleiche|etc=et cetera"
        "|sog=sogenannte|mio=Millionen|mrd=Milliarden|abb=Abbildung|s=Seite|kap=Kapitel"
        "|bsp=Beispiel|max=maximal|min=mindestens|jh=Jahrhundert|jhd=Jahrhundert|geb=geboren"
        "|gest=gestorben|tel=Telefon|std=Stunden|allg=allgemein|ungef=ungefähr"
    ),
    phrases={
        "z. b.": "zum Beispiel",
        "d. h.": "das heißt",
        "u. a.": "unter anderem",
        "v. chr.": "vor Christus",
        "n. chr.": "nach Christus",
        "i. d. r.": "in der Regel",
        "u. s. w.": "und so weiter",
    },
    money={
        "USD": ("Dollar", "Dollar"),
        "EUR": ("Euro", "Euro"),
        "GBP": ("Pfund", "Pfund"),
        "JPY": ("Yen", "Yen"),
        "CHF": ("Franken", "Franken"),
    },
    day_month="{day} {month} {year}",
)

FRENCH = Tongue(
    code="fr",
    decimal=",",
    groups=" .\u202f\xa0",
    point="virgule",
    whole_fraction=True,
    to="à",
    at="arobase",
    dot="point",
    slash="barre oblique",
    minus="moins",
    plus="plus",
    equals="égale",
    times="fois",
    about="environ",
    number="numéro",
    degrees="degrés",
    of_money="de",
    clock="heures",
    one={"m": "un", "f": "une"},
    feminine=frozenset({"t", "h", "min", "s", "GBP"}),
    scales=_short(
        "mille=mille|million=million|millions=millions|milliard=milliard|milliards=milliards"
    ),
    short=_short(
        "m=Monsieur|mm=Messieurs|mme=Madame|mmes=Mesdames|mlle=Mademoiselle|dr=Docteur"
        "|pr=Professeur|etc=et cetera|env=environ|p.ex=par exemple|c.-à-d=c'est-à-dire|n°=numéro"
        "|st=Saint|ste=Sainte|av=avenue|bd=boulevard|p=page|pp=pages|chap=chapitre|vol=volume"
        "|fig=figure|tél=téléphone|mrd=milliards"
    ),
    phrases={
        "p. ex.": "par exemple",
        "av. j.-c.": "avant Jésus-Christ",
        "apr. j.-c.": "après Jésus-Christ",
    },
    money={
        "USD": ("dollar", "dollars"),
        "EUR": ("euro", "euros"),
        "GBP": ("livre", "livres"),
        "JPY": ("yen", "yens"),
        "CHF": ("franc suisse", "francs suisses"),
    },
    day_month="{day} {month} {year}",
)

SPANISH = Tongue(
    code="es",
    decimal=",",
    groups=". \u202f\xa0",
    point="coma",
    whole_fraction=True,
    to="a",
    at="arroba",
    dot="punto",
    slash="barra",
    minus="menos",
    plus="más",
    equals="igual a",
    times="por",
    about="unos",
    number="número",
    degrees="grados",
    of_money="de",
    clock_words=("h", "horas"),
    one={"m": "un", "f": "una"},
    feminine=frozenset({"t", "h", "GBP", "mi", "lb", "oz"}),
    scales=_short("mil=mil|millón=millón|millones=millones|billón=billón|billones=billones"),
    short=_short(
        "sr=señor|sra=señora|srta=señorita|dr=doctor|dra=doctora|prof=profesor|d=don|dña=doña"
        "|ud=usted|uds=ustedes|etc=etcétera|núm=número|n.º=número|pág=página|págs=páginas"
        "|aprox=aproximadamente|av=avenida|p.ej=por ejemplo|vs=contra|s=siglo|tel=teléfono"
        "|cap=capítulo|fig=figura|vol=volumen|máx=máximo|mín=mínimo"
    ),
    phrases={
        "ee. uu.": "Estados Unidos",
        "p. ej.": "por ejemplo",
        "a. c.": "antes de Cristo",
        "d. c.": "después de Cristo",
    },
    money={
        "USD": ("dólar", "dólares"),
        "EUR": ("euro", "euros"),
        "GBP": ("libra", "libras"),
        "JPY": ("yen", "yenes"),
    },
    day_month="{day} de {month} de {year}",
)

RUSSIAN = Tongue(
    code="ru",
    decimal=",",
    groups=" .\u202f\xa0",
    at="собака",
    dot="точка",
    slash="слэш",
    minus="минус",
    plus="плюс",
    equals="равно",
    times="на",
    about="около",
    number="номер",
    degrees="градусов",
    one={"m": "один", "f": "одна"},
    feminine=frozenset({"т", "t", "min", "s", "mi"}),
    scales=_short(
        "тыс=тысяч|тысяча=тысяча|тысячи=тысячи|тысяч=тысяч|млн=миллионов|миллион=миллион"
        "|миллиона=миллиона|миллионов=миллионов|млрд=миллиардов|миллиард=миллиард"
        "|миллиарда=миллиарда|миллиардов=миллиардов|трлн=триллионов|триллионов=триллионов"
    ),
    short=_short(
        "т.е=то есть|т.к=так как|т.д=так далее|т.п=тому подобное|др=другие|пр=прочее|г=год"
        "|гг=годы|в=век|вв=века|млн=миллионов|млрд=миллиардов|тыс=тысяч|руб=рублей|коп=копеек"
        "|стр=страница|ул=улица|им=имени|напр=например|см=смотри|рис=рисунок|ок=около|проф=профессор"
        "|акад=академик|им=имени|обл=область|чел=человек|шт=штук|мин=минут|сек=секунд"
    ),
    phrases={
        "т. е.": "то есть",
        "т. к.": "так как",
        "и т. д.": "и так далее",
        "и т. п.": "и тому подобное",
        "т. д.": "так далее",
        "до н. э.": "до нашей эры",
        "н. э.": "нашей эры",
    },
    money={
        "USD": ("доллар", "доллара", "долларов"),
        "EUR": ("евро", "евро", "евро"),
        "GBP": ("фунт", "фунта", "фунтов"),
        "JPY": ("иена", "иены", "иен"),
        "RUB": ("рубль", "рубля", "рублей"),
    },
    day_month="{day} {month} {year}",
)

ITALIAN = Tongue(
    code="it",
    decimal=",",
    groups=".'\u202f\xa0",
    point="virgola",
    whole_fraction=True,
    to="a",
    at="chiocciola",
    dot="punto",
    slash="barra",
    minus="meno",
    plus="più",
    equals="uguale",
    times="per",
    about="circa",
    number="numero",
    degrees="gradi",
    of_money="di",
    one={"m": "un", "f": "una"},
    feminine=frozenset({"t", "h", "GBP"}),
    scales=_short(
        "mila=mila|milione=milione|milioni=milioni|miliardo=miliardo|miliardi=miliardi"
        "|mln=milioni|mld=miliardi"
    ),
    short=_short(
        "sig=signor|sig.ra=signora|dott=dottor|dott.ssa=dottoressa|prof=professor|ecc=eccetera"
        "|es=esempio|pag=pagina|n=numero|ca=circa|vol=volume|cap=capitolo|fig=figura|tel=telefono"
    ),
    phrases={"p. es.": "per esempio", "a. c.": "avanti Cristo", "d. c.": "dopo Cristo"},
    money={
        "USD": ("dollaro", "dollari"),
        "EUR": ("euro", "euro"),
        "GBP": ("sterlina", "sterline"),
    },
    day_month="{day} {month} {year}",
)

PORTUGUESE = Tongue(
    code="pt",
    decimal=",",
    groups=". \u202f\xa0",
    point="vírgula",
    whole_fraction=True,
    to="a",
    at="arroba",
    dot="ponto",
    slash="barra",
    minus="menos",
    plus="mais",
    equals="igual a",
    times="por",
    about="cerca de",
    number="número",
    degrees="graus",
    of_money="de",
    clock="horas",
    one={"m": "um", "f": "uma"},
    feminine=frozenset({"t", "h", "GBP"}),
    scales=_short(
        "mil=mil|milhão=milhão|milhões=milhões|mi=milhões|bilhão=bilhão|bilhões=bilhões"
        "|bi=bilhões|trilhões=trilhões"
    ),
    short=_short(
        "sr=senhor|sra=senhora|dr=doutor|dra=doutora|prof=professor|profa=professora|etc=etcétera"
        "|ex=exemplo|pág=página|av=avenida|n.º=número|nº=número|aprox=aproximadamente|vol=volume"
        "|tel=telefone|máx=máximo|mín=mínimo"
    ),
    phrases={"p. ex.": "por exemplo", "a. c.": "antes de Cristo", "d. c.": "depois de Cristo"},
    money={
        "USD": ("dólar", "dólares"),
        "EUR": ("euro", "euros"),
        "GBP": ("libra", "libras"),
        "BRL": ("real", "reais"),
    },
    day_month="{day} de {month} de {year}",
)

DUTCH = Tongue(
    code="nl",
    decimal=",",
    groups=".\u202f\xa0",
    point="komma",
    to="tot",
    at="apenstaartje",
    dot="punt",
    slash="slash",
    minus="min",
    plus="plus",
    equals="is",
    times="keer",
    about="ongeveer",
    number="nummer",
    degrees="graden",
    clock="uur",
    clock_words=("uur",),
    one={"m": "één", "f": "één"},
    scales=_short(
        "duizend=duizend|miljoen=miljoen|miljard=miljard|mln=miljoen|mld=miljard|mrd=miljard"
    ),
    short=_short(
        "dhr=de heer|mevr=mevrouw|dr=dokter|prof=professor|bijv=bijvoorbeeld|bv=bijvoorbeeld"
        "|enz=enzovoort|etc=et cetera|ca=circa|nr=nummer|d.w.z=dat wil zeggen|o.a=onder andere"
        "|blz=bladzijde|m.b.t=met betrekking tot|max=maximaal|min=minimaal"
    ),
    money={"USD": ("dollar", "dollar"), "EUR": ("euro", "euro"), "GBP": ("pond", "pond")},
    day_month="{day} {month} {year}",
)

POLISH = Tongue(
    code="pl",
    decimal=",",
    groups=" .\u202f\xa0",
    to="do",
    at="małpa",
    dot="kropka",
    slash="ukośnik",
    minus="minus",
    plus="plus",
    equals="równa się",
    times="razy",
    about="około",
    number="numer",
    degrees="stopni",
    scales=_short(
        "tys=tysięcy|tysięcy=tysięcy|tysiące=tysiące|mln=milionów|milionów=milionów"
        "|miliony=miliony|milion=milion|mld=miliardów|miliardów=miliardów|miliardy=miliardy"
    ),
    short=_short(
        "np=na przykład|itd=i tak dalej|itp=i tym podobne|tj=to jest|dr=doktor|prof=profesor"
        "|ok=około|ul=ulica|nr=numer|str=strona|tys=tysięcy|mln=milionów|mld=miliardów|godz=godzina"
        "|m.in=między innymi|tzw=tak zwany|r=rok|św=święty|im=imienia"
    ),
    money={
        "USD": ("dolar", "dolary", "dolarów"),
        "EUR": ("euro", "euro", "euro"),
        "GBP": ("funt", "funty", "funtów"),
        "PLN": ("złoty", "złote", "złotych"),
    },
    day_month="{day} {month} {year}",
)

TONGUES: Mapping[str, Tongue] = {
    tongue.code: tongue
    for tongue in (
        ENGLISH,
        GERMAN,
        FRENCH,
        SPANISH,
        RUSSIAN,
        ITALIAN,
        PORTUGUESE,
        DUTCH,
        POLISH,
    )
}
