"""Verbs of webhooks: where a team's events are sent, and which.

`TeamJournal.hears` holds the kinds that some webhook of the team wants, so that telling the journal
wakes nobody for the others.
"""

import base64
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now

from config.kit import jobs, outbound, rows
from config.kit.database import after, verb
from config.kit.errors import Refused
from teams import events
from teams.access import Actor, Forbidden, team_for_admin
from teams.events import News, publish
from teams.models import (
    Delivery,
    DeliveryState,
    Event,
    ListenerCursor,
    Membership,
    Role,
    Team,
    TeamJournal,
    Webhook,
)

LISTENER = "teams.deliveries.hear"
WORK = "teams.deliveries.work"
MOST = 20
OLD_SECRET_FOR = timedelta(hours=24)
PING = "webhooks.ping"
OFF = "The webhook was switched off."
MOST_REPLAYED = 1_000  # of one request
CHANGES = ("url", "kinds", "is_active")


@dataclass(frozen=True)
class WebhookMade(News):
    kind = "teams.webhook_made"
    webhook_id: int
    host: str


@dataclass(frozen=True)
class WebhookChanged(News):
    kind = "teams.webhook_changed"
    webhook_id: int
    fields: tuple[str, ...]


@dataclass(frozen=True)
class WebhookRemoved(News):
    kind = "teams.webhook_removed"
    webhook_id: int
    host: str


@dataclass(frozen=True)
class WebhookDisabled(News):
    kind = "teams.webhook_disabled"
    webhook_id: int
    host: str
    reason: str


class NothingToReplay(Refused):
    code = "nothing_to_replay"


def visible_to(by: Actor) -> QuerySet[Webhook]:
    """Raises Forbidden for who is no admin: an address may hold a secret."""
    if by.role not in (Role.OWNER, Role.ADMIN):
        raise Forbidden("Only an owner or an admin of this team sees its webhooks.")
    return Webhook.objects.filter(team_id=by.team_id)


@verb
def create(*, by: Actor, url: str, kinds: Collection[str] = ()) -> tuple[Webhook, str]:
    """The row, and its secret, which is shown once. Without kinds it gets all events."""
    team = team_for_admin(by, by.team_id)
    _lock(team.pk)
    if Webhook.objects.filter(team=team).count() >= MOST:
        raise Refused(f"A team has at most {MOST} webhooks: remove one first.")
    outbound.check(url)
    secret = _new_secret()
    hook = Webhook(team=team, url=url, kinds=_known(kinds), secret=secret)
    _refuse_costs(by, hook)
    hook.created_by_id = by.user_id
    rows.refuse_invalid(hook)
    hook.save()
    _tune(team.pk, fresh=hook)
    publish(team, WebhookMade(hook.pk, hook.host))
    return hook, secret


@verb
def change(
    *, by: Actor, webhook: Webhook, settings: Mapping[str, Any], version: int | None = None
) -> Webhook:
    """`settings` names those of url, kinds and is_active that change."""
    team_for_admin(by, webhook.team_id)
    _lock(webhook.team_id)
    hook = Webhook.objects.select_for_update(no_key=True).get(pk=webhook.pk)
    wanted = dict(settings)
    if "url" in wanted:
        outbound.check(wanted["url"])
    if "kinds" in wanted:
        wanted["kinds"] = _known(wanted["kinds"])
    was_active = hook.is_active
    changed = rows.change(hook, wanted, among=CHANGES, version=version)
    if not {"url", "kinds"}.isdisjoint(changed):
        _refuse_costs(by, hook)
    if changed:
        # what it missed while it was off is replayed where that is wanted
        is_fresh = hook.is_active and not was_active
        _tune(hook.team_id, fresh=hook if is_fresh else None)
        begins: dict[str, Any] = {"failures": 0, "failing_since": None, "rests_until": None}
        begins |= {"disabled_reason": ""} if is_fresh else {}
        Webhook.objects.filter(pk=hook.pk).update(**begins)
        if was_active and not hook.is_active:
            give_up(hook.pk, OFF)
        publish(hook.team_id, WebhookChanged(hook.pk, tuple(sorted(changed))))
        hook.refresh_from_db()
    return hook


@verb
def remove(*, by: Actor, webhook: Webhook, version: int | None = None) -> None:
    """With its deliveries."""
    team_for_admin(by, webhook.team_id)
    _lock(webhook.team_id)
    hook = Webhook.objects.select_for_update(no_key=True).get(pk=webhook.pk)
    rows.refuse_stale(hook, version)
    publish(hook.team_id, WebhookRemoved(hook.pk, hook.host))
    hook.delete()
    _tune(webhook.team_id)


@verb
def rotate(*, by: Actor, webhook: Webhook) -> tuple[Webhook, str]:
    """A new secret, shown once. The old one signs beside it for a day."""
    team_for_admin(by, webhook.team_id)
    hook = Webhook.objects.select_for_update(no_key=True).get(pk=webhook.pk)
    secret = _new_secret()
    Webhook.objects.filter(pk=hook.pk).update(
        secret=secret,
        old_secret=hook.secret,
        old_until=after(OLD_SECRET_FOR),
        version=F("version") + 1,
    )
    publish(hook.team_id, WebhookChanged(hook.pk, ("secret",)))
    return Webhook.objects.get(pk=hook.pk), secret


@verb
def disable(webhook_id: int, reason: str) -> None:
    """By the studio itself. Done again it changes nothing."""
    on = Webhook.objects.filter(pk=webhook_id, is_active=True)
    off = {"is_active": False, "disabled_reason": reason[:300], "version": F("version") + 1}
    if not on.update(**off):
        return
    hook = Webhook.objects.get(pk=webhook_id)
    give_up(hook.pk, OFF)
    _tune(hook.team_id)
    publish(hook.team_id, WebhookDisabled(hook.pk, hook.host, hook.disabled_reason))


def give_up(webhook_id: int, why: str) -> None:
    """In the verb that switches a webhook off: nothing is sent to it later by surprise."""
    waiting = Delivery.objects.filter(webhook=webhook_id, state=DeliveryState.WAITING)
    waiting.update(state=DeliveryState.FAILED, error=why, ended_at=Now())


# --- what is sent


@verb
def ping(*, by: Actor, webhook: Webhook) -> Delivery:
    """A test, sent at once also to one that is switched off, and tried once."""
    team_for_admin(by, webhook.team_id)
    made = Delivery.objects.create(webhook=webhook, kind=PING, due_at=Now())
    jobs.enqueue(WORK, to="publish")
    return Delivery.objects.select_related("webhook").get(pk=made.pk)


@verb
def replay(*, by: Actor, delivery: Delivery) -> Delivery:
    """Sends what has ended once more, under the same webhook-id."""
    team_for_admin(by, delivery.webhook.team_id)
    _refuse_inactive(delivery.webhook)
    if not _again(Delivery.objects.filter(pk=delivery.pk)):
        raise NothingToReplay("This delivery is still on its way.")
    jobs.enqueue(WORK, to="publish")
    return Delivery.objects.select_related("webhook").get(pk=delivery.pk)


@verb
def replay_range(*, by: Actor, webhook: Webhook, since_seq: int, until_seq: int) -> int:
    """Sends the events of these numbers, both ends included, of the kinds that the webhook wants
    now; how many. Those that were sent before go out under the same webhook-id."""
    team_for_admin(by, webhook.team_id)
    _refuse_inactive(webhook)
    found = wanted_by(webhook, Event.objects.filter(team_id=webhook.team_id)).filter(
        seq__gte=since_seq, seq__lte=until_seq
    )
    told = list(found.order_by("seq").values_list("seq", "kind")[: MOST_REPLAYED + 1])
    if len(told) > MOST_REPLAYED:
        raise Refused(f"At most {MOST_REPLAYED} events are sent again at once: take fewer.")
    if not told:
        raise NothingToReplay("There is no such event that this webhook wants.")
    seqs = [seq for seq, _ in told]
    _again(Delivery.objects.filter(webhook=webhook, event_seq__in=seqs))
    put_on_their_way(webhook, told)
    jobs.enqueue(WORK, to="publish")
    return len(told)


def put_on_their_way(webhook: Webhook, told: Collection[tuple[int, str]]) -> None:
    """A delivery for each (seq, kind) that has none yet."""
    Delivery.objects.bulk_create(
        [Delivery(webhook=webhook, event_seq=seq, kind=kind, due_at=Now()) for seq, kind in told],
        ignore_conflicts=True,
        batch_size=500,
    )


def wanted_by(webhook: Webhook, found: QuerySet[Event]) -> QuerySet[Event]:
    return found.filter(kind__in=webhook.kinds) if webhook.kinds else found


def _again(found: QuerySet[Delivery]) -> int:
    ended = Q(state__in=[DeliveryState.DELIVERED, DeliveryState.FAILED])
    return found.filter(ended).update(
        state=DeliveryState.WAITING, attempt=0, due_at=Now(), ended_at=None, error=""
    )


def _refuse_inactive(webhook: Webhook) -> None:
    if not Webhook.objects.filter(pk=webhook.pk, is_active=True).exists():
        raise Refused("This webhook is switched off: switch it on first.", code="webhook_is_off")


def _known(wanted: Collection[str]) -> list[str]:
    strange = sorted(set(wanted) - events.kinds())
    if strange:
        raise Refused(f"kinds: there is no event {strange[0]!r}.", code="invalid")
    return sorted(set(wanted))


def _refuse_costs(by: Actor, hook: Webhook) -> None:
    """What somebody may not see is sent to no address of theirs either."""
    told = any(kind.startswith(events.OF_COSTS) for kind in hook.kinds or events.kinds())
    if told and not by.can_see_costs:
        raise Forbidden(
            "You may not see costs: choose events, and none of billing. Without any it gets all."
        )


def sees_costs(hook: Webhook) -> bool:
    """Whether who made it still may; what a command made is the operator's."""
    if hook.created_by_id is None:
        return True
    maker = Membership.objects.filter(team=hook.team_id, user_id=hook.created_by_id)
    return maker.filter(can_see_costs=True, user__is_active=True).exists()


def _new_secret() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def _lock(team_id: int) -> None:
    """So that two changes at once leave `hears` as both want it."""
    list(Team.objects.select_for_update(no_key=True).filter(pk=team_id))


def _tune(team_id: int, *, fresh: Webhook | None = None) -> None:
    """Writes what the team's webhooks want into its journal; `fresh` hears what comes.

    Late in its verb: the journal is the last lock of all.
    """
    active = list(Webhook.objects.filter(team_id=team_id, is_active=True))
    wanted = {kind for hook in active for kind in hook.kinds or [events.ALL]}
    journal = TeamJournal.objects.select_for_update(no_key=True).get(team_id=team_id)
    if not journal.hears:  # nobody has read for a while, nor was there anything to read
        mine = ListenerCursor.objects.filter(listener=LISTENER, team_id=team_id)
        mine.update(seq=journal.seq, attempt=0, due_at=None, error="")
    told = ",".join(sorted(wanted))
    TeamJournal.objects.filter(team_id=team_id).exclude(hears=told).update(hears=told)
    if fresh is not None:
        Webhook.objects.filter(pk=fresh.pk).update(since_seq=journal.seq)
