"""What goes wrong, for which request, and how often.

Neither served nor billed: `rate_limit` (429), `server_error` (500), `unavailable` (503),
`overloaded` (529), `wrong_key`, `no_credit`, `unknown_model`, `bad_request`, `too_long` (each as
the vendor says it), `html` (a proxy's page), `hang` (no answer until the client leaves),
`reset_before` (the connection is reset).
Served and billed: `slow` (works for `seconds`, then bills and answers), `late` (works and bills at
once, answers after `seconds`), `cut` (half of the body), `malformed` (a whole answer that is no
JSON), `reset_after` (the connection is reset instead of the answer), `gateway` (a proxy's page, 504,
instead of the answer), `drip` (the answer byte by byte, `seconds` apart).
In the content: `refused`, `empty`, `length` (ended by its limit), `garbled` (JSON that ends early),
`off_schema` (a required name is missing), `unfit` (a chat is refused since what the model wrote
does not fit the schema, as Groq does, and billed), `uncounted` (a chat's answer tells no usage),
`overlong` (`factor` times too much), `obeyed` (tells
what a hostile source orders), `failed` and `stuck` (of a job).
"""

import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from fnmatch import fnmatchcase
from typing import Any

UNSERVED = {
    "rate_limit",
    "server_error",
    "unavailable",
    "overloaded",
    "wrong_key",
    "no_credit",
    "unknown_model",
    "bad_request",
    "too_long",
}
BEFORE = {*UNSERVED, "html", "hang", "reset_before"}
AFTER = {"slow", "late", "cut", "malformed", "reset_after", "gateway", "drip"}
CONTENT = {
    "obeyed",
    "refused",
    "empty",
    "length",
    "garbled",
    "off_schema",
    "unfit",
    "uncounted",
    "overlong",
    "failed",
    "stuck",
}
KNOWN = BEFORE | AFTER | CONTENT


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
    retry_after_s: float | None = None  # 0: none is told; unset: 1 where the limit is met
    status: int = 0  # another than the vendor's own
    factor: int = 10
    met: int = 0

    def __post_init__(self) -> None:
        if self.how not in KNOWN:
            raise ValueError(f"no fault is named {self.how!r}: {', '.join(sorted(KNOWN))}")

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


def read(told: Any) -> list[Fault]:
    """From JSON: one or a list. Raises ValueError with a sentence."""
    found = told if isinstance(told, list) else [told]
    names = {one.name for one in fields(Fault)} - {"met"}
    for one in found:
        unknown = set(one) - names if isinstance(one, dict) else {str(one)}
        if unknown:
            raise ValueError(f"a fault is an object with {sorted(names)}, not with {unknown}")
        if "how" not in one:
            raise ValueError("a fault needs its how")
    return [Fault(**one) for one in found]


class Script:
    """The faults that are set, in their order: a request goes to the first that is due."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._faults: list[Fault] = []

    def add(self, faults: list[Fault]) -> None:
        with self._turn:
            self._faults += faults

    def forget(self) -> None:
        with self._turn:
            self._faults.clear()

    def take(self, method: str, path: str, headers: Mapping[str, str], raw: bytes) -> Fault | None:
        with self._turn:
            fitting = (one for one in self._faults if one.fits(method, path, headers, raw))
            return next((one for one in fitting if one.is_due()), None)

    def told(self) -> list[dict[str, Any]]:
        with self._turn:
            return [asdict(one) for one in self._faults]
