"""Takes out what can't be read aloud, and says of a sentence why it can't be used."""

from __future__ import annotations

import re

from videos.writing import contacts
from videos.writing.html_blocks import UNSPEAKABLE
from videos.writing.languages import count_words, is_unspaced, seconds_of, stop_words, words_in

LONGEST_S = 26.0
LONGEST = 900  # characters, so that no pattern meets a text made to slow it down
FEWEST_WORDS = 4
_WITH_ARTICLES = frozenset({"en", "de", "es", "fr", "it", "pt", "nl", "sv", "no", "da"})
ENDS = tuple(".!?…。！？｡؟।॥។။")
NO_STOPS = frozenset({"th", "lo"})  # languages that end a sentence with a blank at most
CLOSERS = "\"'”’»)]」』）】"

_EMOJI = re.compile(
    "[\U0001f000-\U0001faff\U0001fb00-\U0001fbff\u2600-\u27bf\u2b00-\u2bff\u2300-\u23ff\ufe0e\ufe0f"
    "\u200d\u20e3\U000e0020-\U000e007f]+"
)
_URL = re.compile(
    r"(?:https?://|ftp://|www\.)\S+|\b[\w-]{1,64}(?:\.[\w-]{1,64}){0,3}\.(?:com|org|net|io|dev|co\.uk)(?:/\S*)?\b"
)
_MAIL = re.compile(r"\b[\w.+-]{1,64}@[\w-]{1,64}\.\w")
_LINK_ASIDE = re.compile(rf"\s*[(<\[]\s*(?:{_URL.pattern}|{_MAIL.pattern})\s*[)>\]]")
_NOTE = re.compile(
    r"\s?\[(?:\d{1,3}(?:\s*[,–-]\s*\d{1,3})*|[a-z]|note \d+|citation needed|edit|sic)\]", re.I
)
_LEFTOVERS = re.compile(r"\*{1,3}|_{2,3}|~~|`+|(?<!\w)_(?=\w)|(?<=\w)_(?!\w)|^#{1,6}\s+|\\(?=\W)")
_NUMBERING = re.compile(
    r"^\s*(?:[-*•‣·►▪–—]+|\(?\d{1,2}(?:\.\d{1,2})*[.)](?=\s+\D)|\([a-z]\)|[a-z]\))\s+"
)
_SPACED_END = re.compile(r"\s+([,;:.!?…](?:\s|$))")
_CODE = re.compile(
    r"[{}<>\\|]|[=!]=|=>|->|::|&&|\w\(\)|\w\[\w*\]|(?<!\w)--?[a-z][\w-]+|\b[a-z]+_[a-z_]+\b"
    r"|\b\w+\.(?:py|js|ts|md|json|ya?ml|txt|html|css|sh|toml|exe|log|cfg)\b|[~.]?/[\w.-]+/[\w./-]*"
    r"|\b[a-z]+[A-Z]\w+\(|\$[A-Z_a-z]\w*"
)
_LABEL = re.compile(r"^[^\W\d][\w /&-]{0,28}:\s")
_SEE = re.compile(r"\b(?:fig(?:ure)?|table|chart|appendix|section|chapter)\.?\s+\d", re.I)
_BOILERPLATE = re.compile(
    r"click (?:here|the link|below)|subscribe|sign up (?:for|to)|follow (?:us|me) on|share this"
    r"|all rights reserved|©|\bcopyright\b|cookie (?:policy|settings)|we use cookies"
    r"|read more|learn more"
    r"|continue reading|advertisement|newsletter|terms of (?:use|service)|privacy policy"
    r"|table of contents|jump to|related (?:articles|posts)|leave a comment"
    r"|photo(?:graph)?(?: by|:)"
    r"|image (?:by|credit|source)|originally (?:published|appeared)|last updated|minutes? read"
    r"|scroll down|(?:see|shown|pictured) (?:below|above|left|right)"
    r"|as (?:shown|seen) (?:below|above|in)"
    r"|following (?:table|figure|code|example|command|image|chart)"
    r"|(?:table|chart|figure|image) (?:below|above)"
    r"|(?:see|visit|check out|refer to) (?:our|the|also)\b|^for (?:more|further|details)\b.*\bsee\b"
    r"|, see [A-Z]|log in|create an account|pull requests?|star (?:us|this)"
    r"|hier klicken|abonnier|newsletter|alle rechte vorbehalten|weiterlesen|folgen sie uns"
    r"|haga clic|haz clic|suscr[ií]b|todos los derechos|leer m[aá]s|s[ií]guenos"
    r"|cliquez|abonnez|tous droits|lire la suite|clicca|iscriviti|clique aqui|inscreva-se",
    re.I,
)


def cleaned(text: str) -> str:
    """A block's text without links in brackets, note marks, emoji, numbering and markup."""
    for pattern in (_LINK_ASIDE, _NOTE, _EMOJI, _LEFTOVERS):
        text = pattern.sub("", text)
    text = _NUMBERING.sub("", " ".join(text.split()))
    text = _SPACED_END.sub(r"\1", text)
    return text.replace("( ", "(").replace(" )", ")").replace("()", "").strip()


def has_end(sentence: str) -> bool:
    return sentence.rstrip(CLOSERS).endswith(ENDS)


def fault(sentence: str, language: str) -> str:
    """Why the sentence can't be spoken or makes no sense alone; "" when it is fine."""
    if len(sentence) > LONGEST:
        return "sentences too long to follow"
    if UNSPEAKABLE in sentence or len(_CODE.findall(sentence)) > _allowed_signs(sentence):
        return "code"
    if _URL.search(sentence) or _MAIL.search(sentence) or contacts.contacts(sentence):
        return "links"
    if _BOILERPLATE.search(sentence) or _SEE.search(sentence):
        return "page furniture"
    if not _is_sentence(sentence, language):
        return "fragments"
    if _unbalanced(sentence):
        return "fragments"
    if seconds_of(sentence, language) > LONGEST_S:
        return "sentences too long to follow"
    return ""


def _allowed_signs(sentence: str) -> int:
    return 0 if len(sentence) < 200 else 1


def _is_sentence(sentence: str, language: str) -> bool:
    fewest = FEWEST_WORDS - is_unspaced(language)
    ended = has_end(sentence) or language in NO_STOPS
    if not ended or count_words(sentence, language) < fewest:
        return False
    first = sentence.lstrip("\"'“”‘’«»„¿¡([「『—–- ")[:1]
    if not first or (first.islower() and first.isascii()):
        return False
    words = words_in(sentence)
    letters = sum(mark.isalpha() for mark in sentence)
    digits = sum(min(2, len(number)) for number in re.findall(r"\d+", sentence))
    shouted = sum(word.isupper() and len(word) > 1 for word in words) * 2 > len(words)
    if shouted or digits * 3 > letters * 2 or _is_stub(sentence, language):
        return False
    plain = stop_words(language) if language in _WITH_ARTICLES else None
    return plain is None or any(word.casefold() in plain for word in words)


def _is_stub(sentence: str, language: str) -> bool:
    """ "Current: three servers." is a note, not a sentence."""
    label = _LABEL.match(sentence)
    if not label:
        return False
    return count_words(sentence[label.end() :], language) < 6 or label[0][:-2].isupper()


def _unbalanced(sentence: str) -> bool:
    return is_open(sentence) or sentence.count(")") != sentence.count("(")


def is_open(text: str) -> bool:
    """Is a quotation begun and not ended (or ended and not begun)?"""
    pairs = (("“", "”"), ("«", "»"), ("「", "」"), ("『", "』"))
    if "„" in text:  # German: „...“
        return text.count("„") != text.count("“") + text.count("”")
    return text.count('"') % 2 == 1 or any(text.count(a) != text.count(b) for a, b in pairs)
