"""What goes wrong, for which request, and how often.

Neither served nor charged: `unavailable` (503), `server_error` (500), `bad_gateway` (502), `html`
(a proxy's page), `hang` (no answer until the client leaves), `reset_before` (the connection is
reset), `refused` (what `status`, `reason`, `domain` and `says_so` tell), and the names of REFUSALS:
each as Google says it.
In the middle of a chunk, after `part` of it was read: `cut` (what was read is kept, the connection
is reset), `cut_lost` (nothing of it is kept), `unauthorized_within` (401; nothing is kept),
`short` (all of it is read, `part` of it is kept: 308 tells how much).
Of a session: `gone` (it is forgotten: 404, or `status` 410).
Served: `slow` (waits `seconds`, then works), `late` (works, answers after `seconds`), `lost` (the
connection is reset instead of the answer), `half` (half of the answer), `drip` (the answer comes
byte by byte, one in `seconds`), `malformed` (a whole answer that is no JSON).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from tests.doubles import script

QUOTA = (
    "Quota exceeded for quota metric '{metric}' and limit '{metric} per {span}' of service "
    "'youtube.googleapis.com' for consumer 'project_number:416237008899'."
)
POOL = (
    "The request cannot be completed because you have exceeded your "
    '<a href="/youtube/v3/getting-started#quota">quota</a>.'
)
# name -> status, reason, domain, message
REFUSALS: Mapping[str, tuple[int, str, str, str]] = {
    "uploads_per_day": (
        429,
        "rateLimitExceeded",
        "global",
        QUOTA.format(metric="Video Uploads", span="day"),
    ),
    "searches_per_day": (
        429,
        "rateLimitExceeded",
        "global",
        QUOTA.format(metric="Search Queries", span="day"),
    ),
    "per_minute": (
        429,
        "rateLimitExceeded",
        "global",
        QUOTA.format(metric="Queries", span="minute per user"),
    ),
    "quota": (403, "quotaExceeded", "youtube.quota", POOL),
    "daily_limit": (
        403,
        "dailyLimitExceeded",
        "usageLimits",
        "Daily Limit Exceeded. The quota will be reset at midnight Pacific Time (PT).",
    ),
    "rate": (403, "rateLimitExceeded", "usageLimits", "Rate Limit Exceeded"),
    "user_rate": (403, "userRateLimitExceeded", "usageLimits", "User Rate Limit Exceeded"),
    "upload_limit": (
        400,
        "uploadLimitExceeded",
        "youtube.video",
        "The user has exceeded the number of videos they may upload.",
    ),
    "unauthorized": (401, "authError", "global", "Invalid Credentials"),
    "no_channel": (401, "youtubeSignupRequired", "youtube.header", "Unauthorized"),
    "no_scope": (
        403,
        "insufficientPermissions",
        "global",
        "Request had insufficient authentication scopes.",
    ),
    "forbidden": (403, "forbidden", "youtube.video", "Forbidden"),
    "suspended": (
        403,
        "authenticatedUserAccountSuspended",
        "youtube.common",
        "The authenticated user's YouTube account is suspended.",
    ),
    "closed": (
        403,
        "authenticatedUserAccountClosed",
        "youtube.common",
        "The authenticated user's YouTube account is closed.",
    ),
    "unavailable": (503, "backendError", "global", "The service is currently unavailable."),
    "server_error": (500, "internalError", "global", "Internal error encountered."),
    "bad_gateway": (502, "badGateway", "global", "Bad Gateway"),
}
WITHIN = {"cut", "cut_lost", "unauthorized_within", "short"}
BEFORE = {*REFUSALS, "refused", "invalid_grant", "html", "hang", "reset_before", "gone"}
AFTER = {"slow", "late", "lost", "half", "drip", "malformed"}
KNOWN = BEFORE | WITHIN | AFTER


@dataclass
class Fault(script.Fault):
    """`on` names a step of an upload: `start`, `query` (of the status), `chunk`, `last` (the chunk
    that ends the file), `bytes` (any chunk)."""

    method: str = "*"
    on: str = ""
    part: float = 0.5
    retry_after_s: float = 0  # 0: none is told
    reason: str = "badRequest"
    domain: str = "global"
    says_so: str = ""

    def known(self) -> set[str]:
        return KNOWN

    def fits(self, method: str, path: str, headers: Mapping[str, str], raw: bytes) -> bool:
        fits = super().fits(method, path, headers, raw)
        return fits and (not self.on or self.on in steps(method, path, headers))


def steps(method: str, path: str, headers: Mapping[str, str]) -> set[str]:
    """Which steps of a resumable upload a request is."""
    if "/upload/" not in path:
        return set()
    if method == "POST":
        return {"start"}
    told = headers.get("content-range", "").removeprefix("bytes ")
    if told.startswith("*"):
        return {"query"}
    span, _, total = told.partition("/")
    is_last = not told or (total.isdecimal() and int(span.rpartition("-")[2]) + 1 == int(total))
    return {"bytes", "last"} if is_last else {"bytes", "chunk"}
