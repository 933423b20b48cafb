"""Counts what went wrong at a stage, for /metrics, and names it in the log and the span."""

from typing import Literal

from config.kit import logs, tallies

STAGE, PROVIDER = "stage_trouble", "provider_error"
Reason = Literal[
    "unavailable", "rejected", "account", "outcome_unknown", "silent", "unexpected", "worker_lost"
]


def count(stage: str, reason: Reason, provider: str = "") -> None:
    """`provider` is the one that was being asked, as `kind:name`; empty: none was."""
    logs.tell(outcome=reason)
    tallies.add(STAGE, stage, reason)
    if provider:
        tallies.add(PROVIDER, provider, reason)
