"""What the writer must know of a language: which it is, its plain words, how fast it is spoken."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

import stopwordsiso
from babel import Locale
from py3langid.langid import MODEL_FILE, LanguageIdentifier

SURE = 0.6  # below it, function words decide
CERTAIN = 0.97  # of another language than somebody says
LEAST_SAMPLE = 300
_SAMPLE = 6_000  # characters are plenty

# Tags of close relatives that nobody asks for by name, and old or regional tags.
_SAME = {
    "arz": "ar", "ary": "ar", "arb": "ar", "wuu": "zh", "yue": "zh", "cmn": "zh", "nb": "no",
    "nn": "no", "hbo": "he", "iw": "he", "pcm": "en", "in": "id", "als": "de", "bar": "de",
    "lzh": "zh", "hsb": "cs", "srl": "sr", "tgl": "tl", "fil": "tl", "prs": "fa", "pes": "fa",
}  # fmt: skip
_SCRIPTS = (
    ("ja", re.compile(r"[\u3040-\u30ff]")),
    ("ko", re.compile(r"[\uac00-\ud7af\u1100-\u11ff]")),
    ("zh", re.compile(r"[\u3400-\u9fff]")),
    ("th", re.compile(r"[\u0e00-\u0e7f]")),
    ("he", re.compile(r"[\u0590-\u05ff]")),
    ("ar", re.compile(r"[\u0600-\u06ff]")),
    ("el", re.compile(r"[\u0370-\u03ff]")),
    ("hi", re.compile(r"[\u0900-\u097f]")),
    ("ru", re.compile(r"[\u0400-\u04ff]")),
)
_UKRAINIAN = re.compile(r"[іїєґ]", re.I)
_LETTER = re.compile(r"[^\W\d_]")
_DIGIT = re.compile(r"\d")
# Vowel signs and points are no letters to `re`, yet part of words.
_MARKS = (
    r"\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u0900-\u0963\u0970-\u0dff"
    r"\u0e31-\u0e4e"
)
_WORD = re.compile(rf"[^\W_](?:[^\W_]|[{_MARKS}])*(?:['’][^\W\d_]+)?")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")
_RUN = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff]+|[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]+"
    rf"|(?:[^\W_\u3040-\u30ff\u3400-\u9fff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]|[{_MARKS}])+"
)
_STEM = 7  # the first letters of a word stand for its forms; rough, and the same for all languages

# Seconds a letter takes, by timing the engines (docs/decisions/script.md); digits take more.
_LETTER_S = {
    "en": 0.064, "de": 0.064, "es": 0.063, "fr": 0.056, "it": 0.065, "pt": 0.066, "nl": 0.067,
    "sv": 0.070, "no": 0.072, "da": 0.062, "fi": 0.071, "pl": 0.074, "cs": 0.074, "ru": 0.063,
    "uk": 0.060, "tr": 0.073, "el": 0.060, "hu": 0.072, "ro": 0.071, "id": 0.069, "hi": 0.115,
    "he": 0.085, "fa": 0.100, "ar": 0.100, "ja": 0.165, "zh": 0.260, "ko": 0.175, "th": 0.105,
    "lo": 0.105,
}  # fmt: skip
_DEFAULT_LETTER_S = 0.070
DIGIT_S, END_S, COMMA_S = 0.39, 0.28, 0.23
_ENDS = re.compile(r"[.!?…:;](?=[\s”\"’]|$)|[。！？؟।]")
_COMMAS = re.compile(r"[,–—](?=\s)|[、，،]")


def primary(tag: str) -> str:
    """`pt-BR` and `PT` are `pt` here."""
    first = tag.strip().lower().replace("_", "-").partition("-")[0]
    return _SAME.get(first, first)


def find_language(texts: Iterable[str], given: str = "") -> str:
    """The given one if any, else the detected one, else English for Latin letters."""
    if given:
        return primary(given)
    sample = _sample(texts)
    by_script = _of_script(sample)
    ranked = [(primary(tag), share) for tag, share in _identifier().rank(sample)[:6]]
    best, share = ranked[0]
    shared_script = by_script in {"", "ar", "ru", "uk", "hi"}
    if not shared_script:
        return by_script
    if share + sum(more for tag, more in ranked[1:] if tag == best) >= SURE:
        return best
    return by_script or _by_function_words(sample, [tag for tag, _ in ranked])


def other_language(texts: Iterable[str], asked: str) -> str:
    """Which one a longer text is in where that is certainly not the one asked for, else ""."""
    sample = _sample(texts)
    if len(_LETTER.findall(sample)) < LEAST_SAMPLE:
        return ""
    shares: dict[str, float] = {}
    for tag, share in _identifier().rank(sample):
        shares[primary(tag)] = shares.get(primary(tag), 0.0) + share
    best = max(shares, key=lambda tag: shares[tag])
    is_clear = shares[best] >= CERTAIN and shares.get(primary(asked), 0.0) < 1 - CERTAIN
    return best if is_clear and best != primary(asked) else ""


def english_name(tag: str) -> str:
    return str(Locale("en").languages.get(primary(tag), tag))


def is_unspaced(language: str) -> bool:
    return language in {"ja", "zh", "th", "lo", "km", "my"}


def glue(language: str) -> str:
    """What stands between two sentences."""
    return "" if language in {"ja", "zh"} else " "


@cache
def stop_words(language: str) -> frozenset[str]:
    known = stopwordsiso.has_lang(language)
    return frozenset(stopwordsiso.stopwords(language)) if known else frozenset()


def words_in(text: str) -> list[str]:
    """Words as written; a run of a script without blanks counts as one."""
    return _WORD.findall(text)


def count_words(text: str, language: str) -> int:
    """For limits such as "too short": three signs of an unspaced script are about a word."""
    if is_unspaced(language) or _UNSPACED.search(text):
        return round(sum(map(len, _WORD.findall(text))) / 2.5)
    return len(_WORD.findall(text))


def terms(text: str, language: str) -> list[str]:
    """What two sentences are compared by: stems of words that mean something, or pairs of signs."""
    plain = stop_words(language)
    found: list[str] = []
    for run in _RUN.findall(text.casefold()):
        if _UNSPACED.match(run):
            pairs = (run[at : at + 2] for at in range(max(1, len(run) - 1)))
            found.extend(pair for pair in pairs if pair not in plain)
        elif run not in plain and (len(run) > 2 or run.isdigit()):
            found.append(run[:_STEM])
    return found


def seconds_of(text: str, language: str) -> float:
    """How long it takes to say; within a tenth for most sentences of the timed voices."""
    letters = len(_LETTER.findall(text))
    digits = len(_DIGIT.findall(text))
    pauses = END_S * len(_ENDS.findall(text)) + COMMA_S * len(_COMMAS.findall(text))
    return letters * _LETTER_S.get(language, _DEFAULT_LETTER_S) + digits * DIGIT_S + pauses


@cache
def _identifier() -> LanguageIdentifier:
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def _sample(texts: Iterable[str]) -> str:
    taken: list[str] = []
    size = 0
    for text in texts:
        taken.append(text[: _SAMPLE - size])
        size += len(taken[-1])
        if size >= _SAMPLE:
            break
    return " ".join(taken)


def _of_script(sample: str) -> str:
    """The language that a script points at, if at least a third of the letters are of it."""
    letters = max(1, len(_LETTER.findall(sample)))
    kana = len(_SCRIPTS[0][1].findall(sample))
    if kana * 12 > letters:  # Japanese mixes in many Chinese characters
        return "ja"
    if len(_UKRAINIAN.findall(sample)) * 60 > letters:
        return "uk"
    for language, signs in _SCRIPTS[1:]:
        if len(signs.findall(sample)) * 3 > letters:
            return language
    return ""


def _by_function_words(sample: str, candidates: list[str]) -> str:
    words = [word.casefold() for word in _WORD.findall(sample)]

    def hits(language: str) -> int:
        return sum(word in stop_words(language) for word in words)

    best = max(["en", *candidates], key=hits)  # the first of equals, so English
    return best if hits(best) >= 2 else "en"
