"""First words that lean on the sentence before: "However, ", "This means", "They"."""

from __future__ import annotations

import re
from dataclasses import dataclass

from videos.writing.wordsets import wordset

# Connectives that can go without a change of fact. Longest first, so that "And yet" wins over "And".
_LOOSE = {
    "en": "However|Moreover|Furthermore|In addition|Additionally|Also|Besides|And yet|Even so|And|But"
    "|Yet|Still|Nevertheless|Nonetheless|Meanwhile|Indeed|In fact|Of course|Similarly|Likewise"
    "|For example|For instance|Therefore|Thus|Hence|Consequently|As a result|Accordingly|So|Finally"
    "|On the other hand|In other words|After all|Overall|In short|Put simply|Ultimately|Instead"
    "|Better still|Even better|Naturally|Unsurprisingly|Crucially|Importantly|Surprisingly|More broadly",
    "de": "Jedoch|Außerdem|Zudem|Darüber hinaus|Und|Aber|Doch|Denn|Allerdings|Trotzdem|Zum Beispiel",
    "es": "Sin embargo|Además|Por ejemplo|Por lo tanto|Por tanto|Y|Pero|No obstante|Así pues|También",
    "fr": "Cependant|De plus|En outre|Par exemple|Toutefois|Et|Mais|Or|Ainsi|Donc|Pourtant|En effet",
    "it": "Tuttavia|Inoltre|Per esempio|Ad esempio|E|Ma|Quindi|Però|Infatti",
    "pt": "No entanto|Além disso|Por exemplo|Porém|E|Mas|Portanto|Contudo|Também",
    "nl": "Echter|Bovendien|Bijvoorbeeld|En|Maar|Daarnaast|Toch",
}
# With these a comma must follow: "So far, ..." and "Still water ..." are something else.
_NEEDS_COMMA = wordset(
    "However Also Besides Still Indeed Instead Overall Finally Similarly Likewise Therefore Thus"
    " Hence So Yet Meanwhile Naturally Ultimately Crucially Importantly Surprisingly Jedoch También"
    " Aber Doch Denn Allerdings Zudem Außerdem Trotzdem Así Or Ainsi Donc Echter Bovendien Toch"
)
_LEANING = {
    "en": wordset(
        "it its they them their theirs he she him his her hers this that these those such both neither"
        " either another others then there here otherwise second third fourth next later afterwards"
        " nor because which who one some most each none all ones thereby whereas while that's it's"
        " they're he's she's they've it'll former latter today's again only now even too together"
        " once unlike almost same"
    ),
    "de": wordset(
        "er sie es ihr ihre ihren ihrem sein seine dieser diese dieses diesen diesem jener jene solche"
        " das dies dort hier dann danach dabei dafür damit daraus daran deshalb darum deswegen beide"
        " später sonst ihm ihn dadurch davon dazu dagegen darin zweitens drittens weil auch so"
    ),
    "es": wordset(
        "él ella ellos ellas esto eso este esta estos estas ese esa esos esas su sus ambos allí aquí"
        " entonces luego después así otro otra otros otras porque ello aquel aquella"
    ),
    "fr": wordset(
        "il elle ils elles ce cela ceci cette ces cet son sa ses leur leurs puis ensuite alors là ici"
        " c'est c’est ainsi celui celle ceux celles parce"
    ),
    "it": wordset(
        "esso essa essi esse lui lei loro questo questa questi queste quello quella suo sua suoi"
        " poi quindi così allora lì qui perché"
    ),
    "pt": wordset(
        "ele ela eles elas isso isto este esta estes estas esse essa seu sua seus suas então depois"
        " assim ali aqui outro outra porque"
    ),
    "nl": wordset("hij zij ze het dit deze die zijn haar hun daar hier toen dan daarna beide dat"),
    "ru": wordset("он она оно они это этот эта эти его её их там здесь тогда потом поэтому также"),
    "ar": wordset("هو هي هم هذا هذه ذلك تلك هؤلاء وهو وهي وهذا وهذه ولكن لكن لذلك كما"),
    "he": wordset("הוא היא הם הן זה זו זאת אלה אלו אבל לכן כך"),
}
_LEANING_STARTS = {  # for scripts without blanks
    "ja": (
        "これ",
        "それ",
        "この",
        "その",
        "そこ",
        "ここ",
        "しかし",
        "また",
        "そして",
        "だから",
        "彼",
        "でも",
    ),
    "zh": ("这", "那", "它", "他", "她", "但", "因此", "所以", "而且", "然而", "此外", "這"),
}
# "It takes a day to dry", "There are ten kinds", "This week": nothing before is meant.
_FREE = {
    "en": re.compile(
        r"It(?: is|'s|’s| was| takes| took| has been| can be| may be| would be) (?:\w+ ){0,4}?(?:to|that|for)\b"
        r"|It (?:rained|snowed)|There (?:is|are|was|were|has|have|will|can|may|isn|aren)\b"
        r"|(?:This|Next|Later this|These|Once) (?:week|month|year|morning|afternoon|evening|spring|summer|autumn"
        r"|winter|article|guide|page|post|recipe|text|days|story|video|upon a)\b"
        r"|(?:Some|Most|Each|All|Almost|Only|One|While|Even) (?!of (?:these|those|them)\b|(?:these|those|this|that|such)\b)"
        r"(?:\w+[ ,]){2}"
        r"|One (?:of the (?!most)|in|day\b)|Because [A-Z\w]+ .*,"
    ),
    "de": re.compile(r"Es (?:gibt|gab|ist|war|dauert|regnet)\b|Das (?!ist|war|sind|heißt|macht|hat|bedeutet|liegt|gilt|geht)\w+"
                     r"|Die |Sie (?=[a-zäöü]+ ?en )|(?:Diese|Dieses) (?:Woche|Jahr)|So (?!ist|war)\w+ \w+"),
}  # fmt: skip
_NUMBERED = re.compile(r"(First|Second|Third|Fourth|Fifth|Firstly|Secondly|Thirdly|Lastly), ")


@dataclass(frozen=True)
class Opening:
    """`leans`: makes no sense without the sentence before. `alone`: how it reads by itself."""

    leans: bool
    alone: str


def opening(sentence: str, language: str) -> Opening:
    if starts := _LEANING_STARTS.get(language):
        return Opening(sentence.lstrip("「“").startswith(starts), sentence)
    alone = _without_connective(sentence, language)
    free = _FREE.get(language)
    if free and free.match(alone):
        return Opening(False, alone)
    return Opening(_leans(alone, language), alone)


def _without_connective(sentence: str, language: str) -> str:
    """ "However, the sea ..." becomes "The sea ...": only a linking word is lost."""
    for word in _LOOSE.get(language, "").split("|"):
        rest = _after(sentence, word)
        if len(rest) > 20 and rest[0].isalpha():
            return rest[0].upper() + rest[1:]
    return sentence


def _after(sentence: str, word: str) -> str:
    """What follows the opening `word`, or "" if the sentence opens otherwise."""
    if not word or not sentence.startswith(word):
        return ""
    rest = sentence[len(word) :]
    if rest.startswith(", "):
        return rest[2:]
    return rest[1:] if rest.startswith(" ") and word not in _NEEDS_COMMA else ""


def _leans(sentence: str, language: str) -> bool:
    first = sentence.lstrip("\"“„«'‘¿¡(").partition(" ")[0].rstrip(",.:;!?").casefold()
    return first in _LEANING.get(language, frozenset()) or bool(_NUMBERED.match(sentence))
