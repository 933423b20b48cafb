"""Idempotency-Key: a program repeats a POST whose answer it never saw, and it happens once.

1. A claim with a lease is committed before anything is done.
2. The verb and the note of what it made are one transaction: either both stand or neither.
3. A repeat finds the note and rebuilds the answer from the row's id; while the first is at work
   it is refused; a claim whose lease has passed (its process died) may be taken over.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from django.db import IntegrityError
from django.db.models import F, Model, QuerySet
from django.db.models.functions import Now

from config.kit.database import after, verb
from config.kit.errors import Refused
from config.kit.models import IdempotencyKey, IdempotencyState

LEASE = timedelta(seconds=120)
KEPT = timedelta(hours=48)
LONGEST = 255
M = TypeVar("M", bound=Model)


class InProgress(Refused):
    code = "idempotency_in_progress"


class Reused(Refused):
    code = "idempotency_key_reused"
    status = 422


def claim(owner: str, key: str, fingerprint: str) -> IdempotencyKey:
    """The row, ours (claimed) or with what came of it (done). Raises InProgress, Reused."""
    try:
        return _insert(owner, key, fingerprint)
    except IntegrityError:
        return _existing(owner, key, fingerprint)


@verb
def _insert(owner: str, key: str, fingerprint: str) -> IdempotencyKey:
    return IdempotencyKey.objects.create(
        owner=owner, key=key, fingerprint=fingerprint, lease_until=after(LEASE)
    )


@verb
def _existing(owner: str, key: str, fingerprint: str) -> IdempotencyKey:
    found = IdempotencyKey.objects.filter(owner=owner, key=key).first()
    if found is None:  # freed a moment ago
        raise InProgress("The first request with this key has just ended: send it again.")
    if found.fingerprint != fingerprint:
        raise Reused("This Idempotency-Key came with another request before: take a new one.")
    if found.state == IdempotencyState.DONE:
        return found
    mine = IdempotencyKey.objects.filter(
        pk=found.pk, fence=found.fence, state=IdempotencyState.CLAIMED, lease_until__lt=Now()
    )
    if not mine.update(fence=F("fence") + 1, lease_until=after(LEASE)):
        raise InProgress("The first request with this key has not ended yet: ask again soon.")
    found.fence += 1
    return found


def perform(claimed: IdempotencyKey, act: Callable[[], M]) -> M:
    """Calls the verb and notes what it made in one transaction; a refusal frees the key."""

    @verb
    def together() -> M:
        made = act()
        done = _mine(claimed).update(state=IdempotencyState.DONE, answer_id=str(made.pk))
        if not done:
            raise InProgress("Another request with this key was faster: ask again soon.")
        return made

    try:
        return together()
    except Exception:
        free(claimed)
        raise


@verb
def free(claimed: IdempotencyKey) -> None:
    _mine(claimed).delete()


def _mine(claimed: IdempotencyKey) -> "QuerySet[IdempotencyKey]":
    return IdempotencyKey.objects.filter(
        pk=claimed.pk, fence=claimed.fence, state=IdempotencyState.CLAIMED
    )


@verb
def prune() -> None:
    IdempotencyKey.objects.filter(created_at__lt=after(-KEPT)).delete()
