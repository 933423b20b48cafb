"""What goes wrong, for which request, and how often.

Neither served nor billed: `rate_limit` (429), `server_error` (500), `unavailable` (503),
`overloaded` (529), `wrong_key`, `no_credit`, `unknown_model`, `bad_request`, `too_long` (each as
the vendor says it), `html` (a proxy's page), `hang` (no answer until the client leaves),
`reset_before` (the connection is reset).
Served and billed: `slow` (works for `seconds`, then bills and answers), `late` (works and bills at
once, answers after `seconds`), `cut` (half of the body), `malformed` (a whole answer that is no
JSON), `reset_after` (the connection is reset instead of the answer), `gateway` (a proxy's page
instead of the answer, 504), `drip` (the answer byte by byte, `seconds` apart).
In the content: `refused`, `empty`, `length` (ended by its limit), `garbled` (JSON that ends early),
`off_schema` (a required name is missing), `unfit` (a chat is refused since what the model wrote
does not fit the schema, as Groq does, and billed), `uncounted` (a chat's answer tells no usage),
`overlong` (`factor` times too much), `obeyed` (tells
what a hostile source orders), `failed` and `stuck` (of a job).
"""

from dataclasses import dataclass

from tests.doubles import script

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
class Fault(script.Fault):
    """`seconds` and `factor` (of an overlong text) are what some faults take."""

    retry_after_s: float | None = None  # 0: none is told; unset: 1 where the limit is met
    factor: int = 10

    def known(self) -> set[str]:
        return KNOWN
