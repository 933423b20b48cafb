"""What an upload's worker does with the uploader: keep the session's address, go on, begin anew.

`python -m tests.channels_app.youtube.carrying ADDRESS TOKEN FILE KEPT` is such a worker, to kill.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from channels_app.youtube.answers import Done, Outcome, Progress, SessionGone
from channels_app.youtube.line import Line
from channels_app.youtube.uploader import STEP, Order, Patience, Started, Token, Uploader

RESOURCE = {
    "snippet": {"title": "Kelp", "categoryId": "27"},
    "status": {"privacyStatus": "private"},
}
ROUNDS = 40


def uploader(address: str, tokens: Callable[[str], Token], **more: Any) -> Uploader:
    line = Line(more.pop("answer_s", 20.0))
    told = {"chunk": STEP, "patience": Patience(), "pause": lambda _s: None, **more}
    return Uploader(address, tokens, line, **told)


def lasting(value: str) -> Callable[[str], Token]:
    return lambda _refused: Token(value, time.time() + 3_600)


class Worker:
    """Of one video. `found` looks among the channel's uploads for it."""

    def __init__(
        self, made: Uploader, path: Path, found: Callable[[], dict[str, Any] | None]
    ) -> None:
        self.made, self.path, self.found = made, path, found
        self.session, self.began, self.outcomes = "", 0, list[Outcome]()

    def deliver(self) -> dict[str, Any]:
        """Until the video is there: however often it has to be taken up again."""
        for _ in range(ROUNDS):
            video = self.found_or_sent()
            if video:
                return video
        raise AssertionError(self.outcomes)

    def found_or_sent(self) -> dict[str, Any] | None:
        size, held = self.path.stat().st_size, None
        if not self.session:
            self.began += 1
            outcome = self.made.start(Order(RESOURCE, size))
            self.outcomes.append(outcome)
            if not isinstance(outcome, Started):
                return None
            self.session, held = outcome.session, 0
        with self.path.open("rb") as file:
            for outcome in self.made.carry(self.session, file, size, held=held):
                self.outcomes.append(outcome)
        if isinstance(outcome, SessionGone):
            self.session = ""
            return self.found()
        return dict(outcome.resource) if isinstance(outcome, Done) else None


def main(address: str, token: str, path: str, kept: str) -> None:
    made, place = uploader(address, lasting(token)), Path(kept)
    size, held = Path(path).stat().st_size, None
    if not place.exists():
        started = made.start(Order(RESOURCE, size))
        assert isinstance(started, Started), started
        place.write_text(started.session)
        held = 0
    with Path(path).open("rb") as file:
        for outcome in made.carry(place.read_text(), file, size, held=held):
            assert isinstance(outcome, Progress | Done), outcome


if __name__ == "__main__":
    main(*sys.argv[1:])
