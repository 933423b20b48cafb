"""Voices as a vendor lists them for an account."""

from dataclasses import dataclass
from typing import Literal

Category = Literal["premade", "cloned", "professional", "generated"]


@dataclass(frozen=True)
class SoldVoice:
    """`cloned` and `professional` are copies of a person's voice. Without languages it speaks those
    of its vendor."""

    voice_id: str
    name: str
    languages: tuple[str, ...]
    category: Category
    about: str = ""
    preview_url: str = ""
