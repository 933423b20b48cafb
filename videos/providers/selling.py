"""Voices as a vendor lists them for an account."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Category = Literal["premade", "cloned", "professional", "generated", "own"]
LISTED: Mapping[str, Category] = {  # by what lists of voices call it
    "premade": "premade",
    "cloned": "cloned",
    "professional": "professional",
    "generated": "generated",
}


@dataclass(frozen=True)
class SoldVoice:
    """`cloned` and `professional` are copies of a person's voice, `own` is of a speech server of
    one's own that does not say what it is. Without languages it speaks those
    of its vendor."""

    voice_id: str
    name: str
    languages: tuple[str, ...]
    category: Category
    about: str = ""
    preview_url: str = ""
