"""What the server and its vendors say to each other."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from tests.doubles.ai.faults import Fault
from tests.doubles.ai.state import State

Number = int | float


@dataclass(frozen=True)
class Asked:
    """A request as it came. Names of headers are in lower case."""

    id: int
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    raw: bytes
    address: str  # where the server answers, for links that it gives
    fault: Fault | None = None

    @cached_property
    def body(self) -> dict[str, Any]:
        """Raises Trouble where it is no JSON object."""
        try:
            found = json.loads(self.raw)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise Trouble("bad_request", "We could not parse the JSON body of your request.")
        return found

    @property
    def bearer(self) -> str:
        return self.headers.get("authorization", "").removeprefix("Bearer ").strip()

    @property
    def times(self) -> int:
        """How often what it would be told is to be told over."""
        return self.fault.factor if self.fault and self.fault.how == "overlong" else 1

    def is_to(self, how: str) -> bool:
        """Whether a fault of the content was ordered for this request."""
        return self.fault is not None and self.fault.how == how


@dataclass(frozen=True)
class Answer:
    """`units` are what it bills, by the rates of `model`. `refund` gives money back."""

    body: bytes
    kind: str = "application/json"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    model: str = ""
    units: Mapping[str, Number] = field(default_factory=dict)
    refund_micros: int = 0
    is_served: bool = True


def told(content: Any, **more: Any) -> Answer:
    return Answer(json.dumps(content, ensure_ascii=False).encode(), **more)


@dataclass
class Trouble(Exception):
    """What a vendor refuses. Each says it in a shape of its own.

    kind: `wrong_key`, `no_credit`, `unknown_model`, `bad_request`, `not_found`, `too_long`,
    `refused`, `rate_limit`, `server_error`, `unavailable`, `overloaded`.
    """

    kind: str
    message: str = ""
    param: str | None = None
    status: int = 0  # another than the vendor's own
    retry_after_s: float = 0


@dataclass(frozen=True)
class Route:
    method: str
    pattern: str  # a regular expression for the whole path; its groups are given to `answer`
    answer: Callable[..., Answer]
    costs: bool = False  # an account without credit is refused here
    needs: str = ""  # a header that tells it from another vendor's route


@dataclass(frozen=True)
class Vendor:
    name: str
    routes: tuple[Route, ...]
    key: Callable[[Asked], str]
    problem: Callable[[Trouble, Asked], Answer]
    manners: Callable[[Asked, State], dict[str, str]]  # headers of every answer
