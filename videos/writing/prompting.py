"""Prompts: versioned files in `prompts/`, filled with material that can't break out of its tags."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Template

FOLDER = Path(__file__).with_name("prompts")
_VERSION = re.compile(r"version: (\d+)\n\n")
_MARKS = str.maketrans({"<": "‹", ">": "›"})  # what is given can neither open nor close a tag
_NUMBERED = re.compile(r"^\s*\[(?=\d+\])")


@dataclass(frozen=True)
class Form:
    """`name` says version too, for the key of what is made with it."""

    name: str
    rules: Template
    said: Template

    def filled(self, values: Mapping[str, object]) -> tuple[str, str]:
        """Rules and material. Values are put in once, so none of them is taken for a place."""
        return self.rules.substitute(values).strip(), self.said.substitute(values).strip()


@cache
def form(name: str) -> Form:
    text = (FOLDER / f"{name}.md").read_text(encoding="utf-8")
    version = _VERSION.match(text)
    if version is None:
        raise ValueError(f"{name}.md must begin with its version")
    rules, _, said = text[version.end() :].partition("\n---\n")
    return Form(f"{name} {version[1]}", Template(rules), Template(said))


def material(text: str) -> str:
    """A line of what others wrote: it closes no tag and numbers no sentence."""
    return _NUMBERED.sub("(", " ".join(text.translate(_MARKS).split()))


def block(text: str) -> str:
    """As `material`, where lines count."""
    return "\n".join(material(line) for line in text.splitlines())


def wish(text: str, otherwise: str) -> str:
    """What a person of the team asked for, on one line and bounded."""
    return material(text)[:300] or otherwise
