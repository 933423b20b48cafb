"""Publishers by name; each takes a finished video somewhere and can be asked twice."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from config.kit.registry import Registry


@dataclass(frozen=True)
class Parcel:
    """What goes out: file name -> path, and the words that go with it."""

    uid: str
    fence: int  # of this attempt: two attempts never write to one place
    shelf: str  # the channel's own place, safe as a relative path
    title: str
    files: Mapping[str, Path]
    metadata: Mapping[str, Any]


class Publisher(Protocol):
    def deliver(self, parcel: Parcel, beat: Callable[[], bool]) -> str:
        """Where it went. A second call with the same parcel changes nothing and answers the same.

        `beat` is called while it moves on; False means: stop, another worker has taken over.
        Raises Unavailable to be tried again, Rejected with what to change, Stopped when told to.
        """


publishers: Registry[Publisher] = Registry("publisher")
