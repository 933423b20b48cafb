"""First words that lean on the sentence before: "However, ", "This means", "They".

openers.json has, by language: `loose`, connectives that can go without a change of fact (or of
word order, so German has few); `with_comma`, the same where a comma must follow ("Still, ..." but
not "Still water ..."); `leaning`, words that point back; `starts`, the same for scripts without
blanks; `contrast`, words that take something back from the sentence before.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

from videos.writing.quotations import is_quoted, speaker_in
from videos.writing.wordsets import wordset

_WORDS: dict[str, dict[str, list[str]]] = json.loads(
    Path(__file__).with_suffix(".json").read_text(encoding="utf-8")
)
_LEANING = {language: frozenset(words.get("leaning", ())) for language, words in _WORDS.items()}

# "It takes a day to dry", "There are ten kinds", "This week": nothing before is meant.
_FREE = {
    "en": re.compile(
        r"It(?: is|'s|’s| was| takes| took| has been| can be| may be| would be) "
        r"(?:\w+ ){0,4}?(?:to|that|for)\b"
        r"|There (?:is|are|was|were|has|have|will|can|may|isn|aren)\b"
        r"|(?:This|Next|Later this|These|Once) (?:week|month|year|morning|afternoon|evening|spring"
        r"|summer|autumn|winter|article|guide|page|post|recipe|text|days|story|video|upon a)\b"
        r"|(?:Some|Most|Each|All|Almost|Only|One|While|Even) "
        r"(?!(?:of )?(?:these|those|them|this|that|such)\b)(?:\w+[ ,]){2}"
    ),
    "de": re.compile(
        r"Es (?:gibt|gab|ist|war|dauert|regnet)\b"
        r"|Das (?!ist|war|sind|heißt|macht|hat|bedeutet|liegt|gilt|geht|kann|wird)[A-ZÄÖÜa-zäöüß]+"
        r"|(?:Diese|Dieses) (?:Woche|Jahr)"
    ),
}
# Words further in that point back all the same.
_POINTING = {
    "en": re.compile(
        r"\b(?:(?:[Uu]ntil|[Bb]y|[Ss]ince|[Ff]rom|[Bb]ack) then\b"
        r"|there(?! (?:is|are|was|were|has|have|had|will|would|can|could|may|might|must|seems?"
        r"|remains?|isn|aren|wasn)\b)|these|those(?! who| of| with| in)"
        r"|such an?|the (?:former|latter|same)"
        r"|this(?! (?:week|month|year|morning|day|century|way|article|guide|recipe|video)\b))\b"
    ),
    "de": re.compile(r"\b(?:diese[nmrs]?|solche[nmrs]?|dieser|letztere[nrs]?)\b"),
    "es": re.compile(r"\b(?:est[aeo]s?|es[aeo]s?|dich[ao]s?|ell[ao]s)\b"),
    "fr": re.compile(r"\b(?:cet(?:te)?|ces|celui|celle|ceux|ceci|cela)\b"),
}
# "... found a way to catch it." What, is said in the sentence before.
_FINAL = re.compile(r"\b(?:it|them)[.!?]$")
_JOINED = re.compile(r"[,;:—–]|\b(?:and|but|or|if|when|who|that|which|to \w+ing)\b")
_THING = re.compile(r"(?:[\w'’-]+ ){1,5}?(?:it|them)\b")
_DETERMINED = re.compile(r"\b(?:the|an?|each|every|its|his|her|their|my|our|your|no)\s", re.I)
_LIGHT = wordset("you we i people if when then in on at for to by do can could may who how what")
_SO = re.compile(
    r"So (?=(?:every|each|the|an?|all|most|many people|people|it|they|he|she|we|you|I|in|on|when"
    r"|if|to|no|nobody|everyone)\b)"
)
_PERSON = {"en": re.compile(r"\b(?:he|she|him|his|her|hers|they)\b", re.I)}
_NUMBERED = re.compile(r"(First|Second|Third|Fourth|Fifth|Firstly|Secondly|Thirdly|Lastly), ")


@dataclass(frozen=True)
class Opening:
    """`leans`: makes no sense without the sentence before. `alone`: how it reads by itself."""

    leans: bool
    alone: str


def opening(sentence: str, language: str) -> Opening:
    if is_quoted(sentence):
        return Opening(True, sentence)  # who says so stands before it
    if speaker_in(sentence, language):
        return Opening(False, sentence)
    if starts := _WORDS.get(language, {}).get("starts"):
        return Opening(sentence.lstrip("「“").startswith(tuple(starts)), sentence)
    alone = _without_connective(sentence, language)
    free = _FREE.get(language)
    if free and free.match(alone):
        return Opening(False, alone)
    return Opening(_leans(alone, language), alone)


def contrasts(sentence: str, language: str) -> bool:
    """Without it, the sentence before would say too much."""
    words = _WORDS.get(language, {}).get("contrast", ())
    return any(
        sentence.startswith(word) and not sentence[len(word) : len(word) + 1].isalpha()
        for word in words
    ) or (language in {"ja", "zh"} and sentence.startswith(tuple(words)))


def _without_connective(sentence: str, language: str) -> str:
    """ "However, the sea ..." becomes "The sea ...": only a linking word is lost."""
    words = _WORDS.get(language, {})
    if language == "en" and (so := _SO.match(sentence)):
        return sentence[so.end()].upper() + sentence[so.end() + 1 :]
    for kind, gaps in (("loose", (", ", " ")), ("with_comma", (", ",))):
        for word in words.get(kind, ()):
            gap = next((gap for gap in gaps if sentence.startswith(word + gap)), "")
            rest = sentence[len(word) + len(gap) :]
            if gap and len(rest) > 20 and rest[0].isalpha():
                return rest[0].upper() + rest[1:]
    return sentence


def _leans(sentence: str, language: str) -> bool:
    pointing = _POINTING.get(language)
    if pointing and pointing.search(sentence):
        return True
    if language == "en" and _nothing_before(sentence):
        return True
    if language in _PERSON and _nobody_before(sentence, _PERSON[language]):
        return True
    first = sentence.lstrip("\"“„«'‘¿¡(").partition(" ")[0].rstrip(",.:;!?").casefold()
    return first in _LEANING.get(language, frozenset()) or bool(_NUMBERED.match(sentence))


def _nobody_before(sentence: str, person: re.Pattern[str]) -> bool:
    """ "In 1759 he built": a pronoun, and no name or noun of many before it in the sentence."""
    found = person.search(sentence)
    if not found or "“" in sentence[: found.start()] or '"' in sentence[: found.start()]:
        return False
    before = sentence[: found.start()].split()
    named = any(word[:1].isupper() for word in before[1:])
    many = any(word.rstrip(",").endswith(("s", "people", "men", "women", "ren")) for word in before)
    someone = any(word.casefold() in {"who", "man", "woman", "person", "one"} for word in before)
    return not (named or someone or (many and found[0].casefold() == "they") or len(before) > 7)


def _nothing_before(sentence: str) -> bool:
    """ "Sailors could see it": nothing in the sentence that "it" could be."""
    if _FINAL.search(sentence) and not _JOINED.search(sentence):
        return True
    found = _THING.match(sentence)
    if not found or _DETERMINED.search(found[0]):
        return False
    first = found[0].partition(" ")[0]
    return first.endswith("s") or first.casefold() in _LIGHT
