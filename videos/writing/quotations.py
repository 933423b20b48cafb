"""Somebody's words inside a sentence, with the name that the sentence gives."""

from __future__ import annotations

import re

_SAID = {
    "en": r"said|says|wrote|writes|told|explains|explained|recalls|recalled|added|adds|asks|asked"
    r"|remembers|warned|warns|noted|notes|insists|insisted|replied|argues|argued",
    "de": r"sagt|sagte|schrieb|schreibt|erklärt|erklärte|erinnert sich|meint|meinte|betont|betonte",
    "es": r"dijo|dice|escribió|explica|explicó|recuerda|afirma|afirmó|asegura|aseguró",
    "fr": r"dit|a dit|écrit|écrivait|explique|a expliqué|raconte|affirme|selon",
}
_QUOTED = re.compile(r"[“\"„«]\s?([^“”\"„»«]{20,260}?)\s?[”\"“»]")
_SPOKEN = re.compile(r"[“\"„«][^“”\"„»«]{2,260}[”\"“»]")
_NAME = (
    r"(?:[A-ZÀ-ÖØ-Þ][\w.'’-]*|de|van|von|der|la|al|bin)"
    r"(?:\s(?:[A-ZÀ-ÖØ-Þ][\w.'’-]*|de|van|von|der|la|al|bin)){0,4}"
)


def quotation_in(sentence: str, language: str) -> tuple[str, str]:
    """(words, name); ("", "") unless both are there."""
    said = _SAID.get(language)
    quoted = _QUOTED.search(sentence)
    if not said or not quoted or len(quoted[1].split()) < 5:
        return "", ""
    name = speaker_in(sentence, language)
    words = quoted[1].strip().rstrip(",")
    return (words[:1].upper() + words[1:], name) if name else ("", "")


def is_quoted(sentence: str) -> bool:
    """Nothing but somebody's words, from the first mark to the last."""
    text = sentence.strip()
    return text[:1] in '“"„«「' and text.rstrip(".")[-1:] in '”"“»」' and len(text) > 2


def speaker_in(sentence: str, language: str) -> str:
    """The name that the sentence gives to a quotation in it, or ""."""
    said, quoted = _SAID.get(language), _SPOKEN.search(sentence)
    if not said or not quoted:
        return ""
    outside = f"{sentence[: quoted.start()]} | {sentence[quoted.end() :]}"
    after = re.search(rf"\b(?:{said}),?\s+(?:the\s[\w-]+\s)?({_NAME})(?=[\s,.|]|$)", outside)
    before = re.search(rf"({_NAME})(?:,[^,|]{{3,60}},)?\s+(?:{said})\b", outside)
    found = after or before
    name = found[1].strip(" ,.") if found else ""
    if len(name) < 4 or name.casefold() in {"then", "when", "they", "that", "this", "what", "here"}:
        return ""
    return name
