"""A page of the web as a source: its text below a few lines on where it is from."""

from __future__ import annotations

import re
from dataclasses import replace

from config.kit.errors import Rejected
from videos.contracts import Order, Page, Script
from videos.writing import contacts
from videos.writing.languages import english_name, other_language

MOST_DESCRIPTION = 5_000
MOST_READ = 20_000  # characters suffice to tell a language
_TOLD = ("kind", "title", "author", "site", "date", "licence", "url")
_LICENCE = re.compile(r"https?://creativecommons\.org/[\w./-]{1,80}")
_TAGS = re.compile(r"<[^>]{0,500}>")
_FRONT = re.compile(r"---\n(.*?)\n---\n\n", re.S)


def as_source(page: Page) -> str:
    """When it was fetched is left out: equal pages are equal bytes."""
    told = {name: getattr(page, name) for name in _TOLD}
    front = "\n".join(f"{name}: {value}" for name, value in told.items() if value)
    text = page.text.strip()
    if page.title and not text.startswith("# "):
        mark = "# " if page.kind == "markdown" else ""
        text = f"{mark}{page.title}\n\n{text}"
    return f"---\n{front}\n---\n\n{text}\n"


def ordered(order: Order, source: str) -> Order:
    """As if the text of the page had been given."""
    told, text = _parted(source)
    is_plain = told.get("kind") == "text"
    return replace(order, source=text, source_kind="text" if is_plain else "markdown")


def refuse_other_language(order: Order, what: str) -> None:
    """Read out by a voice of another language, nobody would understand it. `what` is given: page or
    text. Raises Rejected."""
    if told := in_other_language(order.source, order.language, what):
        raise Rejected(f"{told}, or give a {what} in {english_name(order.language)}.")


def in_other_language(source: str, language: str, what: str) -> str:
    """The beginning of a sentence that says so and what to do; "" where it is not certain."""
    found = other_language([_TAGS.sub(" ", source[:MOST_READ])], language) if language else ""
    if not found:
        return ""
    said, wanted = english_name(found), english_name(language)
    return (
        f"This {what} is in {said} and the video is ordered in {wanted}: order it in {said} "
        f"({found})"
    )


def credited(script: Script, source: str) -> Script:
    """With a last line in the description that says whose words these are. What a page says of
    itself is left out where it leads elsewhere."""
    told, _ = _parted(source)
    given = [told[name] for name in ("author", "title", "site", "licence") if name in told]
    kept = [one for one in given if _LICENCE.fullmatch(one) or not contacts.contacts(one)]
    named = [*kept, told.get("url", "")]
    description = f"{script.description}\n\nSource: {', '.join(named)}".strip()
    if len(description) > MOST_DESCRIPTION:
        return script
    return replace(script, description=description)


def _parted(source: str) -> tuple[dict[str, str], str]:
    front = _FRONT.match(source)
    if front is None:
        return {}, source
    return dict(line.partition(": ")[::2] for line in front[1].split("\n")), source[front.end() :]
