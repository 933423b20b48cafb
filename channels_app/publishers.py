"""Publishers by name; each takes a finished video somewhere and can be asked twice."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from config.kit.registry import Registry


@dataclass(frozen=True)
class Parcel:
    """What goes out: file name -> path, and the words that go with it."""

    uid: str
    channel: str
    title: str
    files: Mapping[str, Path]
    metadata: Mapping[str, Any]


class Publisher(Protocol):
    def deliver(self, parcel: Parcel) -> str:
        """Where it went. A second call with the same parcel changes nothing and answers the same.

        Raises Unavailable to be tried again, Rejected with what to change.
        """


publishers: Registry[Publisher] = Registry("publisher")
