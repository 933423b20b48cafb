"""Accounts at vendors: where one is asked, by which key, for which model."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Account:
    """Of one vendor, as the environment names it. `env` is how its names begin, for advice."""

    env: str
    base_url: str
    key: str = field(default="", repr=False)
    model: str = ""
    is_local: bool = False  # a server of one's own, which may ask for no key
    most_tokens: int = 0  # that a model answers with; 0: as its name tells

    @property
    def is_set(self) -> bool:
        return bool(self.key) or self.is_local
