"""A script out of the source's own sentences: nothing is written, only chosen, cut and shown."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable

from config.kit.errors import Rejected, Stopped
from videos.contracts import Order, SceneText, Script
from videos.writing import scripts, visuals
from videos.writing.checks import clean
from videos.writing.cleaning import has_end
from videos.writing.commands import TO_A_PROGRAM
from videos.writing.counts_in_prose import LONGEST_PASSAGE, chart_of
from videos.writing.cutting import Cut, cut
from videos.writing.headlines import Phrases, shortened
from videos.writing.illustration import Illustrator, Shown
from videos.writing.languages import (
    find_language,
    glue,
    is_unspaced,
    seconds_of,
    terms,
    words_in,
)
from videos.writing.material import Material, Piece, gather
from videos.writing.selection import HIGH, SCENE_S, choose
from videos.writing.sources import read_source

TITLE = 100
HONEST = "Assembled from your text, not written: the words are the text's own."


def extract(order: Order, stopping: Callable[[], bool] = lambda: False) -> Script:
    document = read_source(order.source, order.source_kind)
    language = find_language(document.texts(), order.language)
    material = gather(document, language, list_s=order.seconds * 0.35)
    _refuse_nothing(material, order.source)
    phrases = Phrases([piece.text for piece in material.usable()], language)
    title = _title(order, material, phrases)
    said_title = _as_sentence(title, language)
    spare = seconds_of(said_title, language) + SCENE_S
    chosen = choose(material, max(3.0, order.seconds - spare), stopping)
    if stopping():
        raise Stopped
    return _told(order, material, phrases, title, chosen)


def _told(
    order: Order, material: Material, phrases: Phrases, title: str, chosen: list[Piece]
) -> Script:
    language = material.language
    lead, cuts = _lead_and_rest(material, chosen, title)
    illustrator = Illustrator(material, phrases, order.pictures)
    opening = illustrator.opening(title)
    first_words = _opening_words(title, lead, language)
    skipped = visuals.picture_of(visuals.write(opening.card))
    shown = [opening, *illustrator.scenes(cuts, skip_picture=skipped)]
    narrations = [clean(text) for text in (first_words, *(one.narration(language) for one in cuts))]
    scenes = _scenes(narrations, shown)
    notes = _notes(order, material, cuts, narrations)
    return Script(
        title=clean(title),
        language=language,
        method="assembled",
        scenes=scenes,
        description=clean(_description(lead, cuts, language)),
        tags=_tags(material),
        notes=notes,
    )


def _scenes(narrations: list[str], shown: list[Shown]) -> tuple[SceneText, ...]:
    ids = scripts.scene_ids(narrations)
    return tuple(
        SceneText(name, narration, clean(one.headline), visuals.normalise(visuals.write(one.card)))
        for name, narration, one in zip(ids, narrations, shown, strict=True)
    )


def _lead_and_rest(material: Material, chosen: list[Piece], title: str) -> tuple[str, list[Cut]]:
    """The opening sentence joins the title's scene; a thing that leans on it comes along."""
    lead: list[Piece] = []
    rest = list(chosen)
    spare = 13.5 - seconds_of(title, material.language)
    while rest and rest[0].kind == "sentence" and not (lead and not rest[0].leans):
        length = sum(piece.seconds for piece in lead) + rest[0].seconds
        if length > spare or (lead and rest[0].place != lead[-1].place + 1):
            break
        is_said = title.casefold() in rest[0].text.casefold()
        if not is_said and _opens_a_chart(rest, material.language):
            break
        lead.append(rest.pop(0))
    told = Cut(tuple(lead)).narration(material.language) if lead else ""
    return told, cut(material, rest, before=lead[-1].place if lead else -2)


def _opens_a_chart(rest: list[Piece], language: str) -> bool:
    """The title's scene could not show it."""
    runs = Cut(tuple(rest[:LONGEST_PASSAGE])).passages(LONGEST_PASSAGE)
    return any(run[0] == rest[0].alone and chart_of(run, language) for run in runs)


def _opening_words(title: str, lead: str, language: str) -> str:
    """Title and first sentence; a sentence that begins with the title says it already."""
    repeated = (
        lead.casefold().startswith(title.casefold().rstrip(".!?"))
        or title.casefold() in lead.casefold()
    )
    if repeated:
        return lead
    said = _as_sentence(title, language)
    return said if not lead else f"{said}{glue(language)}{lead}"


def _as_sentence(title: str, language: str) -> str:
    return title if has_end(title) else title + ("。" if language in {"ja", "zh"} else ".")


def _title(order: Order, material: Material, phrases: Phrases) -> str:
    titles = (clean(title) for title in (order.title, material.title))
    named = next((title for title in titles if any(map(str.isalnum, title))), "")
    if named:
        return shortened(" ".join(named.split()), TITLE, material.language)
    heading = material.sections[0].heading
    first = [piece.alone for piece in material.usable()[:3]]
    first.sort(key=lambda text: chart_of([text], material.language) is not None)
    ways = [heading, *(phrases.best([text], 60, names=False) for text in first)]
    ways.append(shortened(first[0], 60, material.language))
    return next(way for way in ways if any(map(str.isalnum, way))).rstrip(".。…")


def _refuse_nothing(material: Material, source: str) -> None:
    if material.usable():
        return
    only_links = not re.sub(r"\S+://\S+|www\.\S+", "", source[:20_000]).strip()
    if material.dropped[TO_A_PROGRAM]:
        why = "The text speaks to a program and tells people nothing. Give another one"
    elif (material.dropped["code blocks"] or material.dropped["code"]) and not only_links:
        why = "The text is only code. Add some sentences that explain it"
    elif material.dropped["links"] or re.search(r"https?://|www\.", source[:2000]):
        why = "The text is only links. Paste the article itself, not its address"
    elif not re.search(r"[^\W\d_]", source):
        why = "The text has no words. Write or paste some sentences"
    else:
        why = "The text has no whole sentences. Write or paste some that end with a full stop"
    raise Rejected(f"{why}; a minute of video takes about 150 words.")


def _notes(
    order: Order, material: Material, cuts: list[Cut], narrations: list[str]
) -> tuple[str, ...]:
    notes = [HONEST]
    if material.read < 0.995:
        notes.append(f"The text is very long: {material.read:.0%} of it was read, from all parts.")
    left = [f"{name} ({count})" for name, count in sorted(material.dropped.items()) if count]
    if left:
        notes.append(f"Could not be used: {', '.join(left)}.")
    trimmed = sum(
        text != piece.text
        for one in cuts
        for text, piece in zip(one.texts(), one.pieces, strict=True)
    )
    if trimmed:
        notes.append(f"Linking words such as “However” were taken off {trimmed} sentence(s).")
    length = sum(seconds_of(text, material.language) + SCENE_S for text in narrations)
    if length < order.seconds * 0.88:
        notes.append(
            f"The text is enough for about {length:.0f} s of the {order.seconds} s asked for."
        )
    if length > order.seconds * (HIGH + 0.05):
        notes.append(f"The shortest that makes sense is about {length:.0f} s.")
    return tuple(notes)


def _description(lead: str, cuts: list[Cut], language: str) -> str:
    texts = [
        lead,
        *(text for one in cuts if one.pieces[0].kind == "sentence" for text in one.texts()),
    ]
    told = ""
    for text in texts:
        if len(told) + len(text) > 320:
            break
        told = f"{told}{glue(language)}{text}".strip()
    return told


def _tags(material: Material) -> tuple[str, ...]:
    """The words that the text comes back to most, as they are written most."""
    if is_unspaced(material.language):
        return ()
    forms: dict[str, Counter[str]] = {}
    for piece in material.usable():
        for word in words_in(piece.text):
            stems = terms(word, material.language)
            if stems and len(word) > 3 and not word[0].isdigit():
                forms.setdefault(stems[0], Counter())[word] += 1
    often = sorted(forms.values(), key=lambda form: (-form.total(), min(form)))
    tops = [form for form in often if form.total() > 2][:8]
    return tuple(min(form, key=lambda word: (-form[word], word)).lower() for form in tops)
