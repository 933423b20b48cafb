"""What goes wrong in a stand-in, for which request, and how often."""

import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from fnmatch import fnmatchcase
from typing import Any, Generic, TypeVar


@dataclass
class Fault:
    """`path` and the values of `headers` are patterns with `*`; `says` is a text of the body."""

    how: str
    path: str = "*"
    method: str = "POST"  # `*` for any
    headers: dict[str, str] = field(default_factory=dict)
    says: str = ""
    nth: int = 1  # the first request that it meets, of those that no earlier fault took
    times: int = 1  # 0: from there on, always
    seconds: float = 5
    status: int = 0  # another than the vendor's own
    met: int = 0

    def __post_init__(self) -> None:
        if self.how not in self.known():
            raise ValueError(f"no fault is named {self.how!r}: {', '.join(sorted(self.known()))}")

    def known(self) -> set[str]:
        raise NotImplementedError

    def fits(self, method: str, path: str, headers: Mapping[str, str], raw: bytes) -> bool:
        return (
            self.method in ("*", method)
            and fnmatchcase(path, self.path)
            and all(
                fnmatchcase(headers.get(name.lower(), ""), value)
                for name, value in self.headers.items()
            )
            and self.says.encode() in raw
        )

    def is_due(self) -> bool:
        """Counts a request that it fits."""
        self.met += 1
        return self.met >= self.nth and (not self.times or self.met < self.nth + self.times)


F = TypeVar("F", bound=Fault)


def read(kind: type[F], told: Any) -> list[F]:
    """From JSON: one or a list. Raises ValueError with a sentence."""
    found = told if isinstance(told, list) else [told]
    names = {one.name for one in fields(kind)} - {"met"}
    for one in found:
        unknown = set(one) - names if isinstance(one, dict) else {str(one)}
        if unknown:
            raise ValueError(f"a fault is an object with {sorted(names)}, not with {unknown}")
        if "how" not in one:
            raise ValueError("a fault needs its how")
    return [kind(**one) for one in found]


class Script(Generic[F]):
    """The faults that are set, in their order: a request goes to the first that is due."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._faults: list[F] = []

    def add(self, faults: list[F]) -> None:
        with self._turn:
            self._faults += faults

    def forget(self) -> None:
        with self._turn:
            self._faults.clear()

    def take(self, method: str, path: str, headers: Mapping[str, str], raw: bytes) -> F | None:
        with self._turn:
            fitting = (one for one in self._faults if one.fits(method, path, headers, raw))
            return next((one for one in fitting if one.is_due()), None)

    def told(self) -> list[dict[str, Any]]:
        with self._turn:
            return [asdict(one) for one in self._faults]
