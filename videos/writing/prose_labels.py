"""Names of what is compared in running text; anything unclear has no name here."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from videos.writing.prose_series import VALUE, YEAR, Grammar

WORD = rf"[^\W\d_{VALUE}{YEAR}][\w'’.-]*"
_LONGEST = 28
_PARTICLES = frozenset({"of", "de", "del", "du", "la", "von"})
Kind = Literal["proper", "common", ""]


@dataclass(frozen=True)
class Label:
    """`kind` is "" where a capital letter says nothing: at the start of a sentence."""

    text: str
    kind: Kind
    has_article: bool


def read_label(words: str, grammar: Grammar, *, opens: bool) -> Label | None:
    """None unless it is a short name of something. `opens`: it begins its sentence."""
    article = re.match(rf"{grammar.one_of('articles')} |l['’](?=\w)", words, re.I)
    named = words[article.end() :] if article else words
    if len(named) > _LONGEST or not re.fullmatch(rf"{WORD}(?: {WORD}){{0,3}}", named):
        return None
    said = named.split()
    kind = _kind(said, grammar, opens=opens and not article)
    inner = said[1:-1] if kind == "proper" else []
    told = {word.casefold() for word in said if not (word in inner and word in _PARTICLES)}
    adverb = grammar.language == "en" and re.search(r"\b[a-z]+ly\b", named)
    if kind is None or adverb or grammar.words("unclear") & told:
        return None
    return Label(named[:1].upper() + named[1:], kind, bool(article))


def _kind(said: list[str], grammar: Grammar, *, opens: bool) -> Kind | None:
    """None for a mixture of names and other words."""
    large = [word[0].isupper() or word in _PARTICLES for word in said]
    if opens and len(said) == 1:
        return ""
    if all(large):
        return "proper"
    if any(large[1:]) or len(said) > 2 or grammar.language == "de":
        return None
    return "common"


def last_name(words: str, grammar: Grammar) -> Label | None:
    """The capitals at the end, if it is clear where the name begins."""
    run = re.search(r"(?<!\S)[A-ZÀ-Þ][\w'’-]*(?: [A-ZÀ-Þ][\w'’-]*)*$", words)
    if not run:
        return None
    most = 1 if grammar.language == "de" or run.start() == 0 else 3
    if len(run[0].split()) > most:
        return None
    return read_label(run[0], grammar, opens=False)


def are_alike(labels: Sequence[Label]) -> bool:
    """All names or all common words, and these all with an article or all without."""
    kinds = {label.kind for label in labels} - {""}
    articles = {label.has_article for label in labels}
    return len(kinds) <= 1 and (kinds == {"proper"} or len(articles) == 1)
