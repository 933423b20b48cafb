"""The money of the part at hand: held before anything is asked, ended once, however that ends."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import cast

from billing import ledger, prices
from billing.models import Hold
from billing.prices import PriceUnknown
from config.kit.errors import OutcomeUnknown, ProviderError, Rejected, Spend, Stopped, Unavailable
from config.kit.money import Use, vendor_of
from videos import holds, own_machines, replies, runs
from videos.contracts import JOB, SENT, Former, Made, Part
from videos.models import StageRun
from videos.own_machines import Meter


class Unsure(Exception):
    """A request may have been served and billed, and asking again may cost as much again."""

    def __init__(self, held: Hold, why: BaseException) -> None:
        super().__init__(f"hold {held.pk}: outcome unknown")
        self.held, self.why = held, why


class Purchase:
    """What one part costs. Without a part, or where it is free, there is no hold."""

    def __init__(
        self, run: StageRun, part: str = "", key: str = "", *, keeps_answers: bool = False
    ) -> None:
        self._team_id, self._key = run.team_id, key
        self._run, self._part = run, part
        self._why = runs.purpose(run, part)
        self._sent = set[str]() if keeps_answers else None  # None: nobody knows what was sent
        self._kept: set[str] = set()
        self._has_job = False  # somebody works on it, whatever was said since
        self.held: Hold | None = None
        self._meter: Meter | None = None

    def take_time(self, part: Part) -> None:
        """Of machines of our own: how much it was is known however the part ends."""
        self._meter = own_machines.meter(self._run.stage)
        if self._meter:
            self.hold(own_machines.uses(part), own_machines.request(self._run, part.id))

    def timed(self, made: Made) -> Made:
        return replace(made, spent=self._with_time(made.spent)) if self._meter else made

    def _with_time(self, spent: Sequence[Spend]) -> Sequence[Spend]:
        return [*spent, *self._meter.spent()] if self._meter else spent

    def hold(self, uses: Sequence[Use], request: ledger.Request) -> None:
        """Sets aside what this can cost at most. Raises Stopped when the lease is lost, a person
        must be asked first, or money or a price is lacking."""
        try:
            most = prices.Book().cost(uses).high
        except PriceUnknown as refusal:
            holds.wait_for(self._run, refusal)
            raise Stopped(f"run {self._run.pk} waits for a price") from refusal
        if not most:
            return
        self.held = holds.hold(self._run, self._part, most, request)
        if self.held is None:
            raise Stopped(f"run {self._run.pk} waits for a person's word")

    def once(self, request: str) -> Path | None:
        earlier = replies.found(self._team_id, request)
        if request.endswith((SENT, JOB)):
            self._has_job |= earlier is not None and request.endswith(JOB)
        elif earlier is None:
            self._sent = {*(self._sent or ()), request}
        return earlier

    def keep(self, request: str, reply: Path) -> None:
        if request.endswith(SENT):
            self._has_job = False  # whatever was at work before is over
        try:
            replies.keep(self._team_id, request, self._key, reply)
        except Unavailable as error:  # bought, and lost before anybody read it
            raise OutcomeUnknown(error.message) from error
        if not request.endswith((SENT, JOB)):
            self._kept.add(request)
        self._has_job |= request.endswith(JOB)

    def learn(self, request: str, spent: Sequence[Spend], answer: str | None = None) -> None:
        ledger.learn(self._team_id, request, spent, answer)

    def former(self, request: str) -> Former | None:
        found = ledger.former(self._team_id, request)
        if found is None:
            return None
        first, last, now = (at.timestamp() for at in (found.first, found.last, found.now))

        def is_taken(answer: str) -> bool:
            return replies.is_taken(self._vendor, answer, request)

        return Former(first, last, now, found.is_booked, is_taken, found.is_accepted)

    def claim(self, request: str, answer: str, *, is_another: bool) -> None:
        if answer:
            replies.claim(self._vendor, answer, request)
        if self.held is None:
            return
        is_open = ledger.name(self.held, answer, is_another=is_another)
        if not answer and not is_open:  # given up by the sweep: nothing is sent any more
            raise Stopped(f"hold {self.held.pk} has ended")

    @property
    def _vendor(self) -> str:
        return vendor_of(self.held.provider) if self.held else ""

    def to_settle(self) -> Hold | None:
        """The hold that the part is settled with; one under which nothing was sent ends before."""
        if self._sent == set():
            self.end(())
        return self.held

    def end(self, spent: Sequence[Spend], *, is_final: bool = False) -> None:
        """By what is known to have been spent."""
        held, self.held = self.held, None
        try:
            if held is None:
                ledger.book(self._why, spent)
            elif spent:
                ledger.settle(held, self._why, spent)
            else:
                ledger.refund(held, is_final=is_final)
        except ledger.NotOpen:  # given up by the sweep while this worker was still alive
            ledger.book_late(cast(Hold, held), self._why, spent)

    def refuse(self, error: ProviderError) -> None:
        """A no. One that names no cost is not believed once an answer has come, nor of a job that
        is still being done, unless it is final."""
        if self._meter:
            self.end(self._with_time(error.spent))
            return
        is_open = self._has_job and not isinstance(error, Rejected)
        if (self._kept or is_open) and not error.spent:
            self.lose()
        else:
            self.end(error.spent, is_final=isinstance(error, Rejected) and self._sent != set())

    def lose(self) -> Hold | None:
        """Nobody knows what was spent. Answers a hold if asking again may cost as much again."""
        if self._meter:
            self.end(self._with_time(()))
            return None
        if self.held is None or self._sent == set():
            self.end(())
            return None
        held, self.held = self.held, None
        with suppress(ledger.NotOpen):
            ledger.give_up(held)
        all_kept = self._sent is not None and self._sent <= self._kept
        return None if held.is_repeatable or all_kept else held
