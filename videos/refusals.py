"""What becomes of a run whose provider says no: it waits, goes elsewhere, or fails."""

import logging
from contextlib import suppress
from typing import Protocol

from config.kit import jobs
from config.kit.errors import (
    AccountFault,
    Busy,
    OutcomeUnknown,
    ProviderError,
    Refused,
    Stopped,
    Unanswered,
    Unavailable,
    VendorTrouble,
)
from videos import clusters, holds, owed, resting, runs, troubles, waits
from videos.limits import Full
from videos.models import StageRun
from videos.resting import Resting

log = logging.getLogger("showrunner.pipeline")


class AccountFirst(Refused):
    """What waits until an operator has mended the account at a vendor."""

    code = "provider_account"


class AtWork(Protocol):
    """What is known of the run beside its row."""

    @property
    def asked(self) -> str: ...  # `kind:vendor`; "" where nobody was

    def unmade(self, kind: str) -> set[str]: ...  # requests for what is left


def refused(run: StageRun, error: ProviderError, at_work: AtWork | None) -> None:
    """By a provider: later, never, or once an operator has seen to the account."""
    asked = at_work.asked if at_work else ""
    if isinstance(error, Unavailable):
        _put_off(run, error, at_work)
    elif isinstance(error, AccountFault):
        _wait_for_account(run, error)
        troubles.count(run.stage, "account", asked)
    else:
        runs.fail(run, error.message)
        log.warning("video %s %s failed: %s", run.video_id, run.stage, error.message)
        troubles.count(run.stage, "rejected", asked)


def _put_off(run: StageRun, error: Unavailable, at_work: AtWork | None) -> None:
    if jobs.stopping() and runs.give_back(run):  # its children heard of the end as well
        return
    asked = at_work.asked if at_work else ""
    was_asked = not isinstance(error, (Full, Resting))
    if was_asked:
        troubles.count(run.stage, "unavailable", asked)
        log.warning("video %s %s put off: %s", run.video_id, run.stage, error.message)
    if _is_tired(run, error, asked) and at_work is not None and _left(run, error, at_work):
        return
    if was_asked and isinstance(error, Busy):
        waits.wait(run, error.message, error.retry_after_s)
    else:
        runs.put_off(run, error.message, at_least_s=error.retry_after_s, is_attempt=was_asked)


def _left(run: StageRun, error: Unavailable, at_work: AtWork) -> bool:
    """Whether it went elsewhere, or waits for what the one that rests still owes."""
    kind = at_work.asked.partition(":")[0]
    unmade = at_work.unmade(kind)
    if not owed.is_owed(run.team_id, unmade):
        return resting.go_elsewhere(run, kind, error.message)
    return owed.wait(run, unmade, error.message, error.retry_after_s)


def _is_tired(run: StageRun, error: Unavailable, asked: str) -> bool:
    """Counts what is the vendor's trouble; being asked to wait is that in the long run. True: it
    rests."""
    if isinstance(error, Full) or not clusters.is_remote(asked):
        return False
    if isinstance(error, Resting):
        return True
    if isinstance(error, Busy):
        is_over = not waits.is_borne(run)
        return is_over and resting.failed(asked, error.message, is_over=True) >= resting.FAILURES
    is_trouble = isinstance(error, VendorTrouble)
    return is_trouble and resting.failed(asked, error.message) >= resting.FAILURES


def unanswered(run: StageRun, error: OutcomeUnknown, asked: str) -> None:
    """It was sent, nobody knows what became of it, and asking again is not billed again."""
    count_unanswered(error, asked)
    runs.put_off(run, error.message)
    troubles.count(run.stage, "outcome_unknown", asked)


def count_unanswered(error: BaseException, asked: str) -> None:
    """Where it is the vendor's trouble that no answer came."""
    if isinstance(error, Unanswered) and clusters.is_remote(asked):
        resting.failed(asked, error.message)


def _wait_for_account(run: StageRun, error: AccountFault) -> None:
    """The video stands still until a person has seen to it, and nothing that was made is lost."""
    with suppress(Stopped):
        holds.wait_for(run, AccountFirst(error.message))
    log.warning("video %s %s waits: %s", run.video_id, run.stage, error.message)
