"""For tests: the stand-in for YouTube in a process of its own, and what it says of itself."""

import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.doubles.running import Running, started

CLIENT_ID = "416237008899-double.apps.googleusercontent.com"
CLIENT_SECRET = "GOCSPX-double"


def environment(address: str) -> dict[str, str]:
    """What leads a studio to the stand-in."""
    return {
        "GOOGLE_CLIENT_ID": CLIENT_ID,
        "GOOGLE_CLIENT_SECRET": CLIENT_SECRET,
        "GOOGLE_OAUTH_BASE": address,
        "YOUTUBE_API_BASE": address,
        "YOUTUBE_UPLOAD_BASE": address,
    }


class _Stays(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


class StandIn(Running):
    def environment(self) -> dict[str, str]:
        return environment(self.address)

    def reset(self) -> None:
        """No faults, no log, no videos; the accounts of the beginning, the clock of the machine."""
        self.control("reset", {})

    def channels(self) -> dict[str, str]:
        """Title -> id."""
        accounts = self.control("accounts")
        return {one["title"]: one["id"] for account in accounts for one in account["channels"]}

    def set_account(self, **told: Any) -> None:
        """`email`, `state` (active, suspended, closed), `channels`: titles or objects."""
        self.control("accounts", [told])

    def grant(self, channel: str = "Northlight", **told: Any) -> dict[str, Any]:
        """A token endpoint's answer for a channel by its title, as if somebody had consented.
        `account` instead, for one without a channel; `scopes` for fewer than all."""
        who = told if "account" in told else {"channel": self.channels()[channel], **told}
        return self.control("grant", who)

    def revoke(self, channel: str = "Northlight") -> None:
        self.control("revoke", {"channel": self.channels()[channel]})

    def consent(self, url: str, channel: str, scopes: Sequence[str] | None = None) -> str:
        """Clicks through the page of that address: where it leads back to, code and all.
        `channel`: an id, or `account:EMAIL`; `scopes`: those that stay ticked, all if None."""
        asked = urllib.parse.parse_qs(urllib.parse.urlsplit(url).query)
        ticked = asked["scope"][0].split() if scopes is None else scopes
        form = [("decision", "allow"), ("channel", channel), *(("scope", one) for one in ticked)]
        request = urllib.request.Request(url, urllib.parse.urlencode(form).encode())  # noqa: S310
        try:
            urllib.request.build_opener(_Stays).open(request, timeout=30)
        except urllib.error.HTTPError as error:
            if error.code == 302:
                return error.headers["Location"]
            raise
        raise AssertionError("the page led nowhere")

    def quota(self, **told: Any) -> dict[str, dict[str, int]]:
        """Bucket -> limit and used, of the Pacific day. `limits`, `used` and `per_minute` set."""
        return self.control("quota", told or None)["buckets"]

    def clock(self, **told: Any) -> str:
        """`advance_s` or `at`; answers what time it is there."""
        return self.control("clock", told or None)["now"]

    def settings(self, **told: Any) -> None:
        """`processing`, `consent`, `redirects`, `session_life_s`, `token_life_s`."""
        self.control("settings", told)

    def videos(self) -> list[dict[str, Any]]:
        return self.control("videos")

    def sessions(self) -> list[dict[str, Any]]:
        return self.control("sessions")

    def violations(self) -> list[str]:
        """Of Google's own description, in all requests since the reset."""
        return [one for line in self.log() for one in line["violations"]]


@contextmanager
def stand_in(folder: Path, *options: str) -> Iterator[StandIn]:
    """In a process that ends with this one. `options` as on its command line."""
    log = folder / "youtube.jsonl"
    with started("tests.doubles.youtube", log, *options) as address:
        yield StandIn(address, log)
