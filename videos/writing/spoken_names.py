"""Rules for what is no number: abbreviations, links, acronyms, Roman numerals, signs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

import stopwordsiso

from videos.writing import spoken_numbers as numbers
from videos.writing.spoken_amounts import Read, core_at, is_number
from videos.writing.spoken_tables import Tongue, any_of
from videos.writing.spoken_tokens import Token

TOP_LEVELS = (
    "com|org|net|edu|gov|info|io|ai|dev|app|co|tv|me|eu|uk|us|de|fr|es|it|pt|br|ru|nl|pl"
    "|ch|at|ca|au|in|jp"
)
FILE_KINDS = (
    "json|py|js|ts|html|css|md|txt|toml|yaml|yml|xml|csv|pdf|png|jpg|svg|mp3|mp4|wav|zip|sh"
)
SAID_AS_WORDS = any_of("com org net info json zip dev app me gov")
WORDS_IN_CAPITALS = any_of(
    "NASA NATO OTAN OPEC UNESCO UNICEF FIFA UEFA AIDS SARS COVID RAM ROM PIN SIM GIF JPEG "
    "LASER NASDAQ OK ONU UNO SIDA ASCII IKEA LEGO ESA CERN SWOT YOLO ASAP CAD LAN WAN GAN"
)
SPELLED = any_of("USDA IEEE UCLA MOOC IATA SAAS UNHCR")
SPELLED_THOUGH_WORDS = frozenset({"US", "IT", "WHO", "AM", "PM", "AI"})
NEVER_ENDS = any_of(
    "dr mr mrs ms prof gen col sgt capt lt rev gov sen rep mt vs e.g i.e eg ie approx fig "
    "figs vol ch pp p no nos nr z.b d.h u.a bzw ca ggf evtl inkl vgl sog m mm mme mlle pr env "
    "n° sr sra srta dra ud núm т.е т.к напр см рис ок проф им ул стр np tzw ul sig dott bijv "
    "dhr mevr hr fr st av abb s"
)
NEED_NUMBER = any_of(
    "no nos fig figs vol ch p pp sec min mar jan sat mon jun max s m st es n sun kap cap "
    "pag pág av r г гг в вв"
)
NEED_NO_DOT = any_of("dr mr mrs ms prof vs etc phd ph.d w/ w/o mme mlle n° nº mio mrd млн млрд тыс")
CARDINAL_BEFORE = any_of(
    "war chapter part volume act phase type class level title section article book episode "
    "stage tier kapitel band teil chapitre tome capítulo tomo parte capitolo глава часть"
)
CENTURIES = frozenset({"s", "siglo", "siglos", "secolo", "século", "séculos"})
KINGS = any_of(
    "louis henry elizabeth george charles edward william james philip john paul pius benedict "
    "napoleon alexander nicholas peter catherine frederick leo gregory"
)
ROMAN = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}


def phrase(tokens: Sequence[Token], at: int, t: Tongue) -> Read | None:
    whole = tokens[at].display.lower().lstrip("(„“«").rstrip(",;:!?)”»“")
    return Read((t.phrases[whole],), "may end") if whole in t.phrases else None


def abbreviation(tokens: Sequence[Token], at: int, t: Tongue) -> Read | None:
    token = tokens[at]
    said = t.short.get(token.low)
    dotted = "." in token.tail or "." in token.core
    if said is None or not (dotted or token.low in NEED_NO_DOT):
        return None
    if token.low in NEED_NUMBER and not _beside_number(tokens, at, t):
        return _saint(tokens, at, t)
    return Read((said,), "belongs" if token.low in NEVER_ENDS else "may end")


def _saint(tokens: Sequence[Token], at: int, t: Tongue) -> Read | None:
    """`St. John` and `M. Dupont` want a name instead of a number; `Main St.` is a street."""
    if tokens[at].low not in ("st", "m", "av", "г"):
        return None
    if core_at(tokens, at + 1)[:1].isupper():
        said = "город" if tokens[at].low == "г" else t.short[tokens[at].low]
        return Read((said,), "belongs")
    return Read(("Street",), "may end") if t.code == "en" else None


def _beside_number(tokens: Sequence[Token], at: int, t: Tongue) -> bool:
    after, before = core_at(tokens, at + 1), core_at(tokens, at - 1)
    return is_number(after, t) or is_number(before, t) or _is_numbered(after, before)


def _is_numbered(after: str, before: str) -> bool:
    """`pp. 3–5`, `Mar. 5th`, `ch. IV`, `1941–1945 гг.`"""
    ends = re.match(r"\d+(?:[-–]\d|st|nd|rd|th)|[IVX]+$", after)
    return bool(ends or re.fullmatch(r"\d+[-–]\d+", before))


def link(tokens: Sequence[Token], at: int, t: Tongue) -> Read | None:
    """Only the host of an address is said: nobody follows a path by ear."""
    core = tokens[at].core
    mail = re.fullmatch(r"([\w.+-]+)@([\w-]+(?:\.[\w-]+)+)", core)
    if mail:
        return Read((f"{_dotted(mail[1], t)} {t.at or '@'} {_dotted(mail[2], t)}",))
    host = re.fullmatch(
        rf"(?:https?://)?(?:www\.)?((?:[\w-]+\.)+(?:{TOP_LEVELS}))(?:[/?#:]\S*)?", core
    )
    if host or re.match(r"https?://", core):
        address = host[1] if host else re.sub(r"https?://(www\.)?|[/?#].*", "", core)
        return Read((_dotted(address, t) or "link",))
    if re.fullmatch(rf"[\w-]+\.(?:{FILE_KINDS})", core):
        return Read((_dotted(core, t),))
    name = re.fullmatch(r"([@#])(\w*[^\W\d_]\w*)", core)
    if name:
        sign = (t.at if name[1] == "@" else "") or ""
        return Read((f"{sign} {name[2].replace('_', ' ')}".strip(),))
    return None


def _dotted(address: str, t: Tongue) -> str:
    parts = re.split(r"\.", address)
    ends = [part if part in SAID_AS_WORDS or len(part) > 3 else spelled(part) for part in parts[1:]]
    said = [re.sub(r"[-_+]+", " ", part) for part in [parts[0], *ends]]
    return (f" {t.dot} " if t.dot else " ").join(part for part in said if part)


def spelled(letters: str) -> str:
    """`A.P.I`: every engine reads single letters with points between them as letters."""
    return ".".join(letters.upper()) if letters.isalpha() else letters


def acronym(tokens: Sequence[Token], at: int, t: Tongue) -> Read | None:
    """Short words in capitals are spelled, unless they are known as words or all is shouted."""
    found = re.fullmatch(r"([A-Z]{2,5})(?:['’]?(s))?", tokens[at].core)
    if found is None or found[1] in WORDS_IN_CAPITALS or _is_shouted(tokens, at):
        return None
    if not _is_spelled(found[1], t):
        return None
    said = spelled(found[1])
    return Read((f"{said}'s" if found[2] else said,))


def _is_spelled(word: str, t: Tongue) -> bool:
    if word in SPELLED or (t.code == "en" and word in SPELLED_THOUGH_WORDS):
        return True
    if len(word) > 3:
        return not re.search("[AEIOUY]", word)
    return word.lower() not in _common_words(t.code)


@cache
def _common_words(code: str) -> frozenset[str]:
    return frozenset(stopwordsiso.stopwords(code)) if stopwordsiso.has_lang(code) else frozenset()


def _is_shouted(tokens: Sequence[Token], at: int) -> bool:
    beside = (core_at(tokens, at - 1), core_at(tokens, at + 1))
    return any(len(core) > 3 and core.isupper() and re.search("[AEIOU]", core) for core in beside)


def roman(tokens: Sequence[Token], at: int, t: Tongue) -> Read | None:
    """`World War II`, `Louis XIV`, `siglo XX`, `XIXe siècle`, `XX век`: only beside such words."""
    core, before, after = tokens[at].core, core_at(tokens, at - 1), core_at(tokens, at + 1).lower()
    if t.code == "fr" and (found := re.fullmatch(r"([IVX]+)(e|ème)", core)):
        return Read((numbers.ordinal(_value(found[1]), t),))
    if not re.fullmatch(r"[IVXL]+", core):
        return None
    if before.lower() in CARDINAL_BEFORE | CENTURIES:
        return Read((numbers.cardinal(_value(core), t),))
    if t.code == "en" and before.istitle() and before.lower() in KINGS and core != "I":
        return Read((f"the {numbers.ordinal(_value(core), t)}",))
    forms = {"век": {}, "века": {"case": "g"}, "веке": {"case": "p"}}
    if t.code == "ru" and after in forms:
        return Read((numbers.ordinal(_value(core), t, **forms[after]),))
    return None


def _value(letters: str) -> int:
    values = [ROMAN[letter] for letter in letters]
    pairs = zip(values, [*values[1:], 0], strict=True)
    return sum(-value if value < following else value for value, following in pairs)


def sign(tokens: Sequence[Token], at: int, t: Tongue) -> Read | None:
    """A sign that stands alone as a word."""
    names = {
        "&": numbers.and_word(t),
        "+": t.plus,
        "=": t.equals,
        "×": t.times,
        "@": t.at,
        "→": t.to,
        "~": t.about,
        "≈": t.about,
        "#": t.number,
        "№": t.number,
    }
    said = names.get(tokens[at].core, "")
    return Read((said,)) if said else None


def mixed(tokens: Sequence[Token], at: int, t: Tongue) -> Read | None:
    """`COVID-19`, `B2B`, `C++`, `and/or`, `R&D`: the pieces one after another."""
    core = tokens[at].core
    if not re.search(r"[\d&+#/_]", core) or not any(letter.isalpha() for letter in core):
        return None
    core = re.sub(r"^[nN][°º](?=\d)", f"{t.number} ", core)
    core = {"C#": "C sharp", "C++": "C plus plus", "F#": "F sharp"}.get(core, core)
    core = core.replace("&", f" {numbers.and_word(t)} ").replace("+", f" {t.plus} ")
    pieces = re.findall(
        rf"{numbers.number_pattern(t)}|[^\d/_]+",
        re.sub(r"(?<=\D)-(?=\d)|(?<=\d)-(?=\D)", " ", core),
    )
    said = [_piece(piece, t) for piece in pieces]
    return Read((" ".join(" ".join(said).split()),)) if any(said) else None


def _piece(piece: str, t: Tongue) -> str:
    parts = numbers.parsed(piece, t)
    if parts:
        return numbers.words(*parts, t)
    bare = piece.strip(" -–.,")
    return (
        spelled(bare)
        if re.fullmatch("[A-Z]{2,4}", bare) and bare not in WORDS_IN_CAPITALS
        else bare
    )
