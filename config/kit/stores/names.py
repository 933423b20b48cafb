"""What stores call the things that they keep."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Kept:
    """A file of a store; what is unfinished has a name that is no sha256."""

    name: str
    size: int  # bytes
    age_s: float

    @property
    def team_id(self) -> int:
        return int(self.name.partition("/")[0])

    @property
    def sha256(self) -> str:
        return self.name.rpartition("/")[2]


def name_of(team_id: int, sha256: str) -> str:
    return f"{team_id}/{sha256[:2]}/{sha256}"
