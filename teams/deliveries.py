"""Sends events to webhooks: rows with a due time, claimed with a lease, tried for a day and a half.

An address that fails rests between attempts, whatever waits for it, and no more than two workers
wait for one address: a dead one holds nobody else up.
"""

import json
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from time import monotonic
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import Coalesce, Now
from prometheus_client.metrics_core import Metric
from standardwebhooks.webhooks import Webhook as Signer

from config.kit import jobs, metrics, outbound
from config.kit.database import after, retry_db, unless_away, verb
from config.kit.errors import Rejected, Unavailable
from config.kit.sealed import Unreadable
from teams import webhooks
from teams.events import without_costs
from teams.models import Delivery, DeliveryState, Event, Webhook
from teams.webhooks import PING, WORK

log = logging.getLogger("showrunner.webhooks")
PAUSES_S = (5, 300, 1800, 2 * 3600, 5 * 3600, 10 * 3600, 14 * 3600)  # after the first attempt
RESTS_S = (0, 5, 30, 120, 300)  # of an address, by its failures in a row
PATIENCE = timedelta(hours=30)  # so long nothing was taken, and it fails again: it is disabled
LEASE = timedelta(seconds=60)
AT_ONCE = 2  # deliveries to one address
TURN_S = 30  # then others may have the worker
EXCERPT = 2_048
LONGEST_WAIT_S = 24 * 3600  # that a Retry-After may ask for
KEPT = timedelta(days=30)
TRY_AGAIN = frozenset({408, 429, *range(500, 600)})
GONE = 410


@dataclass(frozen=True)
class Outcome:
    """What came of one attempt."""

    status: int | None = None
    response: str = ""
    error: str = ""
    took_ms: int | None = None
    retry_after_s: float = 0
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def is_taken(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def may_pass(self) -> bool:
        """Whether trying again may help."""
        return self.status is None or self.status in TRY_AGAIN


def hear(team_id: int, events: Sequence[Event]) -> None:
    """The handler: a delivery for each webhook that wants an event."""
    for hook in Webhook.objects.filter(team_id=team_id, is_active=True).order_by("id"):
        wanted = [
            (event.seq, event.kind)
            for event in events
            if event.seq > hook.since_seq and (not hook.kinds or event.kind in hook.kinds)
        ]
        webhooks.put_on_their_way(hook, wanted)
    jobs.enqueue(WORK, to="publish")


@unless_away(log)
def work() -> None:
    """Sends what is due, one after the other."""
    ends = monotonic() + TURN_S
    while not jobs.stopping():
        delivery = _claim()
        if delivery is None:
            return
        settle(delivery, _attempt(delivery))
        if monotonic() > ends:
            _go_on()
            return


@verb
def _go_on() -> None:
    jobs.enqueue(WORK, to="publish")


def sweep() -> None:
    _give_up_lost()
    if _due().exists():
        _go_on()


@verb
def _give_up_lost() -> None:
    """What died with its worker on the way to a webhook that is off by now."""
    lost = Delivery.objects.filter(state=DeliveryState.SENDING, lease_until__lt=Now())
    of_off = lost.filter(webhook__is_active=False).exclude(kind=PING)
    of_off.update(state=DeliveryState.FAILED, error=webhooks.OFF, ended_at=Now())


def backlog(cluster: str) -> tuple[int, float]:
    served = cluster == jobs.cluster("publish")
    return jobs.backlog(_due()) if served else (0, 0.0)


def _due() -> QuerySet[Delivery]:
    """What may be sent now: a test at any time, the rest to who is active and does not rest."""
    is_there = Q(state=DeliveryState.WAITING, due_at__lte=Now())
    is_lost = Q(state=DeliveryState.SENDING, lease_until__lt=Now())
    rested = Q(webhook__rests_until=None) | Q(webhook__rests_until__lte=Now())
    may = Q(kind=PING) | Q(webhook__is_active=True) & rested
    # asked once, not for each row: tens of thousands may wait for one address
    sending = Delivery.objects.filter(state=DeliveryState.SENDING, lease_until__gte=Now())
    counted = sending.order_by().values("webhook").annotate(n=Count("pk"))
    busy = counted.filter(n__gte=AT_ONCE).values("webhook")
    return Delivery.objects.filter(is_there | is_lost, may).exclude(webhook__in=busy)


@verb
def _claim() -> Delivery | None:
    for found in _due().order_by("due_at", "id")[:10]:
        mine = Delivery.objects.filter(pk=found.pk, fence=found.fence, state=found.state)
        taken = mine.update(
            state=DeliveryState.SENDING,
            attempt=F("attempt") + 1,
            fence=F("fence") + 1,
            lease_until=after(LEASE),
        )
        if taken:
            return Delivery.objects.select_related("webhook").get(pk=found.pk)
    return None


def _attempt(delivery: Delivery) -> Outcome:
    hook = delivery.webhook
    body = body_of(delivery)
    if body is None:
        return Outcome(status=GONE_HERE, error="The event was pruned from the journal.")
    try:
        headers = {"Content-Type": "application/json", **signed(hook, str(delivery.uid), body)}
        answer = outbound.send("POST", hook.url, headers=headers, body=body, most=EXCERPT)
    except (Unavailable, Rejected) as error:
        return Outcome(error=error.message)
    except Unreadable as error:
        log.error("webhook %s can't be signed: %s", hook.pk, error)
        return Outcome(error="Its secret can't be read: make a new one.")
    return Outcome(
        status=answer.status,
        response=answer.body.decode("utf-8", "replace").replace("\0", "�"),
        took_ms=round(1000 * answer.took_s),
        error="" if 200 <= answer.status < 300 else _told(answer.status),
        retry_after_s=_retry_after(answer.headers.get("Retry-After", "")),
    )


GONE_HERE = 0  # no status of HTTP: the event is not there any more


def _told(status: int) -> str:
    if 300 <= status < 400:
        return f"It answered {status}: redirects are not followed. Write the final address."
    return f"It answered {status}."


def body_of(delivery: Delivery) -> bytes | None:
    """The same bytes at every attempt, but that amounts of money are left out from the moment on in
    which the webhook's maker may not see them. None: there is no such event any more."""
    team_id = delivery.webhook.team_id
    if delivery.event_seq is None:
        kind, at, data = PING, delivery.created_at, {"webhook_id": delivery.webhook_id}
        seq = None
    else:
        event = Event.objects.filter(team_id=team_id, seq=delivery.event_seq).first()
        if event is None:
            return None
        kind, at, data, seq = event.kind, event.at, event.payload, event.seq
        bare = without_costs(data)
        if bare != data and not webhooks.sees_costs(delivery.webhook):
            data = bare
    told = {
        "type": kind,
        "timestamp": at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "team_id": team_id,
        "seq": seq,
        "data": data,
    }
    return json.dumps(told, separators=(",", ":"), sort_keys=True).encode()


def signed(hook: Webhook, message_id: str, body: bytes) -> dict[str, str]:
    """The headers of Standard Webhooks; after a change of the secret with both, for a day."""
    now = datetime.now(UTC)
    secrets = [hook.secret]
    if hook.old_secret and hook.old_until and hook.old_until > now:
        secrets.append(hook.old_secret)
    signatures = [Signer(one).sign(message_id, now, body.decode()) for one in secrets]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def _retry_after(told: str) -> float:
    """Seconds, or a date; 0 for what is neither."""
    try:
        wait_s = float(told) if told.strip().isdecimal() else _until(told)
    except (ValueError, TypeError, OverflowError):
        return 0
    return min(max(wait_s, 0), LONGEST_WAIT_S)


def _until(told: str) -> float:
    return (parsedate_to_datetime(told) - datetime.now(UTC)).total_seconds()


@retry_db
@verb
def settle(delivery: Delivery, outcome: Outcome) -> None:
    """What came of an attempt. Who has lost the lease meanwhile changes nothing."""
    seen: dict[str, Any] = {
        "last_status": outcome.status or None,
        "response": outcome.response,
        "error": outcome.error[:300],
        "took_ms": outcome.took_ms,
        "lease_until": None,
    }
    pause_s = _pause_s(delivery, outcome)
    if outcome.is_taken:
        seen |= {"state": DeliveryState.DELIVERED, "ended_at": Now()}
    elif pause_s is None:
        seen |= {"state": DeliveryState.FAILED, "ended_at": Now()}
    else:
        seen |= {"state": DeliveryState.WAITING, "due_at": after(timedelta(seconds=pause_s))}
    mine = Delivery.objects.filter(
        pk=delivery.pk, fence=delivery.fence, state=DeliveryState.SENDING
    )
    if mine.update(**seen) and delivery.kind != PING and outcome.status != GONE_HERE:
        _note(delivery.webhook_id, outcome)


def _pause_s(delivery: Delivery, outcome: Outcome) -> float | None:
    """Until the next attempt; None: there is none."""
    tried = delivery.attempt
    if delivery.kind == PING or not outcome.may_pass or tried > len(PAUSES_S):
        return None
    return max(PAUSES_S[tried - 1], outcome.retry_after_s)


def _note(webhook_id: int, outcome: Outcome) -> None:
    """What an attempt says of the address itself."""
    hook = Webhook.objects.filter(pk=webhook_id)
    if outcome.is_taken:
        hook.exclude(failures=0).update(failures=0, failing_since=None, rests_until=None)
        return
    if outcome.status == GONE:
        webhooks.disable(webhook_id, "It answered 410: nobody wants these events any more.")
        return
    found = hook.first()
    if found is None:
        return
    if not found.is_active:
        webhooks.give_up(webhook_id, webhooks.OFF)
        return
    rest_s = max(RESTS_S[min(found.failures, len(RESTS_S) - 1)], outcome.retry_after_s)
    hook.update(
        failures=F("failures") + 1,
        failing_since=Coalesce("failing_since", Now()),
        rests_until=after(timedelta(seconds=rest_s)),
    )
    if hook.filter(failing_since__lt=after(-PATIENCE)).exists():
        webhooks.disable(webhook_id, f"It took nothing for more than a day. {outcome.error}")


@verb
def prune() -> None:
    """Once a day."""
    Delivery.objects.filter(ended_at__lt=after(-KEPT)).delete()


def measures() -> Iterator[Metric]:
    waiting = Delivery.objects.filter(
        state__in=[DeliveryState.WAITING, DeliveryState.SENDING]
    ).count()
    yield metrics.gauge("deliveries_waiting", "Deliveries to webhooks", [], [([], waiting)])
    off = Webhook.objects.filter(is_active=False).exclude(disabled_reason="").count()
    about = "Webhooks that were switched off because they failed"
    yield metrics.gauge("webhooks_disabled", about, [], [([], off)])
