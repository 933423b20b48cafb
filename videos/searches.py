"""Searches for footage: each is counted in its provider's minute, and what it found is kept for a
day, as Pixabay asks (https://pixabay.com/api/docs/, "Rate Limit") and Pexels allows."""

from config.kit import cache
from videos import limits

KEPT_S = 24 * 3_600.0


class KeptSearches:
    """Of one provider, over all teams: what the public finds there is no team's own."""

    def __init__(self, provider: str) -> None:
        self._provider = provider

    def kept(self, asked: str) -> bytes | None:
        found = cache.kept(self._name(asked))
        return found if isinstance(found, bytes) else None

    def keep(self, asked: str, answer: bytes) -> None:
        cache.keep(self._name(asked), answer, KEPT_S)

    def count(self) -> None:
        limits.count(self._provider)

    def _name(self, asked: str) -> str:
        return f"search {self._provider} {asked}"
