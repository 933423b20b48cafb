"""How a text is read aloud: a table of cases a language, and rules that hold for any text."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from videos.contracts import Word
from videos.writing.spoken import spoken_words

ENGLISH = [
    ("It costs $5,633.", "It costs five thousand six hundred thirty-three dollars."),
    ("It costs $5.99!", "It costs five dollars and ninety-nine cents!"),
    ("Only $0.50", "Only fifty cents"),
    ("£1 or €10", "one pound or ten euros"),
    ("$5 million", "five million dollars"),
    ("a $3.2bn deal", "a three point two billion dollars deal"),
    ("$5–10 million", "five to ten million dollars"),
    ("3 USD, or EUR 5", "three dollars, or five euros"),
    ("-$5", "minus five dollars"),
    ("up 5.5% from 62 %", "up five point five percent from sixty-two percent"),
    ("10-20%", "ten to twenty percent"),
    ("5–10 km", "five to ten kilometers"),
    ("1 km, 2 km", "one kilometer, two kilometers"),
    ("60mph", "sixty miles per hour"),
    ("20°C and 45°", "twenty degrees Celsius and forty-five degrees"),
    ("16 GB", "sixteen gigabytes"),
    ("5G and 4K and 3D", "five G and four K and three D"),
    ("10k users", "ten thousand users"),
    ("1.5M downloads", "one point five million downloads"),
    ("In 1990 and 2024", "In nineteen ninety and twenty twenty-four"),
    ("In 2005, in 1066", "In two thousand five, in ten sixty-six"),
    ("1990–1995", "nineteen ninety to nineteen ninety-five"),
    ("the 1990s and the 80s", "the nineteen nineties and the eighties"),
    ("1,500 years", "one thousand five hundred years"),
    ("March 5, 2024", "March fifth, twenty twenty-four"),
    ("5 March", "fifth of March"),
    ("Sept. 3rd", "September third"),
    ("2024-03-05", "March fifth, twenty twenty-four"),
    ("3/5/2024", "March fifth, twenty twenty-four"),
    ("at 3:30", "at three thirty"),
    ("at 7:05 p.m. today", "at seven oh five P.M today"),
    ("at 9am", "at nine A.M"),
    ("at 3:00", "at three o'clock"),
    ("I am here at 5 am", "I am here at five A.M"),
    ("the 21st", "the twenty-first"),
    ("Dr. Smith and Mr. Jones", "Doctor Smith and Mister Jones"),
    ("cats, e.g. lions", "cats, for example lions"),
    ("cats vs. dogs, etc.", "cats versus dogs, et cetera."),
    ("St. John on Main St.", "Saint John on Main Street."),
    ("No. 5 says no.", "number five says no."),
    ("World War II, Louis XIV", "World War two, Louis the fourteenth"),
    ("I saw it. V", "I saw it. V"),
    ("the CPU and two APIs", "the C.P.U and two A.P.I's"),
    ("NASA and HTML", "NASA and H.T.M.L"),
    ("NEVER DO THAT", "NEVER DO THAT"),
    ("see https://www.example.com/a/b?c=d now", "see example dot com now"),
    ("mail info@example.co.uk", "mail info at example dot C.O dot U.K"),
    ("in package.json", "in package dot json"),
    ("R&D & more", "R and D and more"),
    ("B2B, COVID-19, GPT-4", "B two B, COVID nineteen, G.P.T four"),
    ("C++ and C#", "C plus plus and C sharp"),
    ("1/2, 3/4 and 2½", "one half, three quarters and two and a half"),
    ("24/7", "twenty-four seven"),
    ("1920x1080", "nineteen twenty by ten eighty"),
    ("10x faster", "ten times faster"),
    ("v2.0.1", "version two point zero point one"),
    ("~30 of 007", "about thirty of zero zero seven"),
    ("#1", "number one"),
    ("5 – 10 dogs", "five to ten dogs"),
    ("kelp—a seaweed", "kelp, a seaweed"),
    ("“Really?” (yes) …", "Really? yes…"),
    ("🚀 Go! 🎉", "Go!"),
    ("U.S. law", "U.S. law"),
    ("the mid-1990s", "the mid nineteen nineties"),
    ("a 15-year-old 1st-class ship", "a fifteen year old first class ship"),
    ("$1,000-a-day", "one thousand dollars a day"),
    ("1.5 million km", "one point five million kilometers"),
    ("300 km/s", "three hundred kilometers per second"),
    ("pp. 3–5 on Sat. 5 Jan.", "pages three to five on Saturday fifth of January."),
]
GERMAN = [
    ("Am 5. März 2024", "Am fünften März zweitausendvierundzwanzig"),
    ("1.234,50 €", "eintausendzweihundertvierunddreißig Euro fünfzig"),
    ("5 % von 1 km", "fünf Prozent von ein Kilometer"),
    ("um 15:45 Uhr", "um fünfzehn Uhr fünfundvierzig"),
    ("um 15.30 Uhr", "um fünfzehn Uhr dreißig"),
    ("z. B. ca. 3,14", "zum Beispiel zirka drei Komma eins vier"),
    ("im 19. Jahrhundert", "im neunzehnten Jahrhundert"),
    ("der 1. Platz", "der erste Platz"),
    ("seit 1990", "seit neunzehnhundertneunzig"),
    ("5 Mio. Euro", "fünf Millionen Euro"),
    ("5 Mrd. €", "fünf Milliarden Euro"),
    ("Dr. Müller, Nr. 5", "Doktor Müller, Nummer fünf"),
    ("die USA und die EU", "die U.S.A und die E.U"),
    ("5.3.2024", "fünfter März zweitausendvierundzwanzig"),
    ("5–10 kg usw.", "fünf bis zehn Kilogramm und so weiter."),
    ("am 3.5.2024", "am dritten Mai zweitausendvierundzwanzig"),
    ("Ich habe 3. Du auch.", "Ich habe drei. Du auch."),
]
FRENCH = [
    ("le 1er mars 2024", "le premier mars deux mille vingt-quatre"),
    ("à 15h30", "à quinze heures trente"),
    ("1 234,50 €", "mille deux cent trente-quatre euros cinquante"),
    ("5 % et 3,14", "cinq pour cent et trois virgule quatorze"),
    ("M. Dupont, n° 5", "Monsieur Dupont, numéro cinq"),
    ("au XIXe siècle", "au dix-neuvième siècle"),
    ("la 2e fois, la 1re", "la deuxième fois, la première"),
    ("5 millions €", "cinq millions d'euros"),
    ("10 km/h & plus", "dix kilomètres par heure et plus"),
    ("p. ex. la SNCF", "par exemple la S.N.C.F"),
]
SPANISH = [
    ("el 5 de marzo de 2024", "el cinco de marzo de dos mil veinticuatro"),
    ("1.234,50 €", "mil doscientos treinta y cuatro euros cincuenta"),
    ("5 % y 3,14", "cinco por ciento y tres coma catorce"),
    ("el siglo XIX", "el siglo diecinueve"),
    ("los EE. UU.", "los Estados Unidos."),
    ("1.º y 3ª", "primero y tercera"),
    ("5 millones €", "cinco millones de euros"),
    ("10 km/h y 1 km", "diez kilómetros por hora y un kilómetro"),
    ("Sr. López", "señor López"),
    ("el 1er piso a las 20:00", "el primer piso a las veinte horas"),
    ("el s. XX", "el siglo veinte"),
]
RUSSIAN = [
    ("в 1990 году", "в тысяча девятьсот девяностом году"),
    ("5 марта 2024 года", "пятого марта две тысячи двадцать четвёртого года"),
    ("5 % и 1 %", "пять процентов и один процент"),
    ("21 км, 2 км", "двадцать один километр, два километра"),
    ("5 млн руб. в год", "пять миллионов рублей в год"),
    ("XX век, в XIX веке", "двадцатый век, в девятнадцатом веке"),
    ("1-й, 2-я, 1990-е", "первый, вторая, тысяча девятьсот девяностые"),
    ("т. е. так", "то есть так"),
    ("г. Москва в 2021 г. и позже", "город Москва в две тысячи двадцать первом году и позже"),
    ("№ 5", "номер пять"),
    ("3,14", "три целых четырнадцать сотых"),
    ("$5 млн", "пять миллионов долларов"),
]
OTHERS = [
    ("it", "1.234,50 € e 5%", "milleduecentotrentaquattro euro cinquanta e cinque percento"),
    ("pt", "no século XX, 5 km", "no século vinte, cinco quilômetros"),
    ("nl", "5 km en 3,14", "vijf kilometer en drie komma één vier"),
    ("pl", "5 km", "pięć kilometrów"),
    ("sv", "1 234 km", "etttusen tvåhundratrettiofyra kilometer"),
    ("zh", "2024年有5%。", "2024年有5%."),
    ("xx", "5 km & 20%", "5 km & 20%"),
]


def said(text: str, language: str) -> str:
    return " ".join(word.spoken for word in spoken_words(text, language))


@pytest.mark.parametrize(("text", "wanted"), ENGLISH)
def test_english_is_read_as_people_say_it(text, wanted):
    assert said(text, "en") == wanted


@pytest.mark.parametrize(("text", "wanted"), GERMAN)
def test_german_is_read_as_people_say_it(text, wanted):
    assert said(text, "de") == wanted


@pytest.mark.parametrize(("text", "wanted"), FRENCH)
def test_french_is_read_as_people_say_it(text, wanted):
    assert said(text, "fr") == wanted


@pytest.mark.parametrize(("text", "wanted"), SPANISH)
def test_spanish_is_read_as_people_say_it(text, wanted):
    assert said(text, "es") == wanted


@pytest.mark.parametrize(("text", "wanted"), RUSSIAN)
def test_russian_is_read_as_people_say_it(text, wanted):
    assert said(text, "ru") == wanted


@pytest.mark.parametrize(("language", "text", "wanted"), OTHERS)
def test_other_languages_get_what_the_libraries_know_and_else_keep_their_digits(
    language, text, wanted
):
    assert said(text, language) == wanted


def test_captions_keep_the_words_as_written():
    words = spoken_words("It cost $5 — really.", "en")
    assert words == [
        Word("It", "It"),
        Word("cost", "cost"),
        Word("$5 —", "five dollars,"),
        Word("really.", "really."),
    ]


def test_a_text_without_spaces_is_cut_into_short_pieces():
    words = spoken_words("你好世界，这是一个很长的中文句子没有空格的。", "zh")
    assert "".join(word.text for word in words) == "你好世界，这是一个很长的中文句子没有空格的。"
    assert max(len(word.text) for word in words) <= 8


def test_a_thai_vowel_stays_with_its_consonant():
    words = spoken_words("สวัสดีชาวโลกนี่คือข้อความภาษาไทย", "th")
    assert len(words) > 3
    assert all(word.text[-1] not in "เแโใไ" for word in words)


def test_a_text_without_letters_has_no_words():
    assert spoken_words("… — 🎉 !!!", "en") == []


MIXED_BAG = (
    "Dr.|z.|B.|5|€|%|km|million|Mio.|–|&|XIX|II|век|году|am|March|März|May|1er|Uhr|млн|руб."
    "|€;|30|1990|12:30|1,000|005|1/2|½|#1|@x|a.b.com|漢字かな|สวัสดี|🚀"
)
PIECES = st.one_of(
    st.text(max_size=12),
    st.from_regex(
        r"[-$€#+]?\d{1,4}([.,:/–-]\d{1,4}){0,2}(%|km|k|th|er|s|x|°C|h)?[.,)]?", fullmatch=True
    ),
    st.sampled_from(MIXED_BAG.split("|")),
)
LANGUAGES = [
    "en",
    "de",
    "fr",
    "es",
    "ru",
    "it",
    "pt",
    "nl",
    "pl",
    "ja",
    "th",
    "sv",
    "hi",
    "ar",
    "xx",
]


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=8), st.sampled_from(LANGUAGES))
def test_no_word_is_lost_and_none_with_letters_is_silent(pieces, language):
    text = " ".join(pieces)
    words = spoken_words(text, language)
    if words or any(letter.isalnum() for letter in text):
        shown = "".join("".join(word.text for word in words).split())
        assert shown == "".join(text.split())
    assert all(word.spoken for word in words if any(map(str.isalpha, word.text)))
