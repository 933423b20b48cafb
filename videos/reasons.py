"""Why a video stands still: every code that `Video.reason_code` may hold, by the state it is in."""

from collections.abc import Mapping

from billing.balances import OVER_BUDGET
from billing.prices import PRICE_UNKNOWN
from channels_app.actions import AlreadyOut
from videos import braked, conclusions, consented, moves, refusals, rules, scripts
from videos.models import VideoState
from videos.stages import catalogue


def codes() -> Mapping[VideoState, frozenset[str]]:
    """A failed stage is told by its name."""
    refused = {rules.BlockedTopic.code, consented.ConsentWithdrawn.code, AlreadyOut.code}
    stopped = {braked.STOPPED, conclusions.STOPPED, OVER_BUDGET, PRICE_UNKNOWN}
    asked = {moves.OUTCOME_UNKNOWN, rules.ClaimsOpen.code, refusals.AccountFirst.code}
    against_rules = {rules.BlockedTopic.code, rules.WORDS, rules.ClaimsOpen.code}
    return {
        VideoState.QUEUED: frozenset({scripts.TO_BE_BOUGHT}),
        VideoState.REVIEW: frozenset({conclusions.QUALITY, conclusions.APPROVAL}),
        VideoState.BLOCKED: frozenset(refused | stopped | asked),
        VideoState.FAILED: frozenset({conclusions.PUBLISH, *against_rules, *catalogue.names()}),
    }


def described() -> str:
    """For the reference."""
    told = sorted(frozenset().union(*codes().values()))
    return f"Why it stands still, where it does: {', '.join(told)}."
