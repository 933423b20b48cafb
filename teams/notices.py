"""What people are told: in the studio, by mail, as each of them chose for each kind.

Listeners call `tell`; letters leave folded. The first waits some minutes for what else comes, the
next leaves half an hour later at the earliest, so ten thousand failures are a few letters.
"""

import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from django.conf import settings
from django.db.models import Count, Exists, F, Max, OuterRef, Q
from django.db.models.functions import Now
from django.utils.text import Truncator

from config.kit import jobs, mail, rows
from config.kit.cache import cache_result
from config.kit.database import after, unless_away, verb
from config.kit.live import hints
from teams.access import Actor, Forbidden
from teams.models import (
    Event,
    Membership,
    NoticeChoice,
    NoticeKind,
    Notification,
    Role,
    User,
)

log = logging.getLogger("showrunner.notices")
WORK = "teams.notices.work"
RUNG = "bells"  # the topic of hints: what these people of a team have unread may have changed
FOLDS_FOR = timedelta(minutes=2)  # what comes meanwhile goes into the same letter
APART = timedelta(minutes=30)  # letters to one person
SHOWN_EACH = 5  # of a kind, in a letter
MOST_COUNTED = 100
KEPT_READ, KEPT = timedelta(days=60), timedelta(days=180)
ADMINS = (Role.OWNER, Role.ADMIN)
EDITORS = (*ADMINS, Role.EDITOR)


@dataclass(frozen=True)
class Ways:
    in_app: bool
    by_mail: bool


BOTH, APP = Ways(in_app=True, by_mail=True), Ways(in_app=True, by_mail=False)
USUAL: Mapping[str, Ways] = MappingProxyType(
    dict.fromkeys(NoticeKind.values, BOTH)
    | {NoticeKind.VIDEO_PUBLISHED: APP, NoticeKind.MEMBER_JOINED: APP}
)


@dataclass(frozen=True)
class Notice:
    """Something that happened, as the people `to` whom it matters read it."""

    kind: NoticeKind
    text: str
    url: str  # a path of this site
    event_seq: int
    to: frozenset[int]


def editors(members: Iterable[Membership]) -> frozenset[int]:
    return frozenset(one.user_id for one in members if one.role in EDITORS)


def admins(members: Iterable[Membership]) -> frozenset[int]:
    return frozenset(one.user_id for one in members if one.role in ADMINS)


def approvers(members: Iterable[Membership]) -> frozenset[int]:
    return frozenset(one.user_id for one in members if one.role in ADMINS or one.can_approve)


def members(team_id: int) -> list[Membership]:
    """Who can be told anything."""
    found = Membership.objects.filter(team_id=team_id, user__is_active=True)
    return list(found.select_related("user").order_by("id"))


@verb
def tell(team_id: int, notices: Sequence[Notice]) -> None:
    """Told again it changes nothing."""
    chosen = _chosen({user_id for notice in notices for user_id in notice.to})
    told = []
    for notice in notices:
        for user_id in sorted(notice.to):
            ways = chosen.get((user_id, notice.kind), USUAL[notice.kind])
            if ways.in_app or ways.by_mail:
                told.append(_row(team_id, user_id, notice, ways))
    Notification.objects.bulk_create(told, ignore_conflicts=True, batch_size=500)
    _ring(team_id, {one.user_id for one in told if one.is_shown})


def _ring(team_id: int, user_ids: Iterable[int]) -> None:
    users = sorted(user_ids)
    if users:
        hints.after_commit(RUNG, team=team_id, users=users)


def _row(team_id: int, user_id: int, notice: Notice, ways: Ways) -> Notification:
    return Notification(
        team_id=team_id,
        user_id=user_id,
        kind=notice.kind,
        text=Truncator(" ".join(notice.text.split())).chars(500),  # one line: also a subject
        url=notice.url,
        event_seq=notice.event_seq,
        is_shown=ways.in_app,
        mail_due_at=after(FOLDS_FOR) if ways.by_mail else None,
    )


def _chosen(user_ids: Collection[int]) -> dict[tuple[int, str], Ways]:
    found = NoticeChoice.objects.filter(user__in=user_ids)
    return {(one.user_id, one.kind): Ways(one.in_app, one.by_mail) for one in found}


# --- what a person does with them


@cache_result(ttl=300, of=(Notification,))
def unread(team_id: int, user_id: int) -> int:
    """For the bell, which says no more than 99+."""
    return Notification.objects.of(user_id, team_id).unread()[:MOST_COUNTED].count()


Owner = tuple[int, int]  # of a bell: a person in a team


@dataclass(frozen=True)
class Bell:
    unread: int  # MOST_COUNTED at most
    newest: int  # the last of them; 0: none


SILENT = Bell(unread=0, newest=0)


def bells(owners: Collection[Owner]) -> dict[Owner, Bell]:
    """As things stand, in one query; who has read everything is left out."""
    users, teams = ({one[place] for one in owners} for place in (0, 1))
    theirs = Notification.objects.filter(user__in=users, team__in=teams, is_shown=True)
    rows = theirs.unread().order_by().values_list("user", "team")
    counted = rows.annotate(count=Count("pk"), newest=Max("pk"))
    return {
        (user_id, team_id): Bell(min(count, MOST_COUNTED), newest)
        for user_id, team_id, count, newest in counted
    }


@verb
def mark(
    *, by: Actor, notification: Notification, is_read: bool, version: int | None = None
) -> Notification:
    """One's own. Marked again it stays as it is."""
    if (notification.user_id, notification.team_id) != (by.user_id, by.team_id):
        raise Forbidden("This was told to somebody else.")
    rows.refuse_stale(notification, version)
    mine = Notification.objects.filter(pk=notification.pk, read_at__isnull=is_read)
    # who has read it here needs no letter of it
    told: dict[str, Any] = {"read_at": Now(), "mail_due_at": None} if is_read else {"read_at": None}
    if mine.update(**told, version=F("version") + 1):
        _ring(notification.team_id, [notification.user_id])
    return Notification.objects.get(pk=notification.pk)


@verb
def mark_all(*, by: Actor) -> int:
    """How many were unread."""
    mine = Notification.objects.of(by.user_id, by.team_id).unread()
    marked = mine.update(read_at=Now(), mail_due_at=None, version=F("version") + 1)
    if marked and by.user_id:
        _ring(by.team_id, [by.user_id])
    return marked


def ways_of(user_id: int) -> dict[str, Ways]:
    """By kind, what a person has chosen or is usual."""
    chosen = _chosen([user_id])
    return {kind: chosen.get((user_id, kind), USUAL[kind]) for kind in NoticeKind.values}


@verb
def choose(*, by: Actor, ways: Mapping[str, Ways]) -> None:
    """For all teams of the person."""
    if by.user_id is None:
        raise Forbidden("A command is told nothing.")
    NoticeChoice.objects.bulk_create(
        [
            NoticeChoice(user_id=by.user_id, kind=kind, in_app=way.in_app, by_mail=way.by_mail)
            for kind, way in ways.items()
        ],
        update_conflicts=True,
        unique_fields=["user", "kind"],
        update_fields=["in_app", "by_mail"],
    )


# --- letters


def sweep() -> None:
    if _to_write_to():
        jobs.enqueue(WORK, to="publish")


@unless_away(log)
def work() -> None:
    """Writes to everybody whose letter is due, one after the other."""
    for user_id in _to_write_to():
        if jobs.stopping():
            return
        _write_to(user_id)


def _to_write_to() -> list[int]:
    lately = Notification.objects.filter(user=OuterRef("user"), mailed_at__gt=after(-APART))
    due = Notification.objects.filter(mail_due_at__lte=Now()).exclude(Exists(lately))
    return sorted(set(due.order_by().values_list("user_id", flat=True).distinct()))


@verb
def _write_to(user_id: int) -> None:
    user = User.objects.select_for_update(no_key=True).get(pk=user_id)
    if user_id not in _to_write_to():  # another worker was faster
        return
    waiting = Notification.objects.filter(user=user, mail_due_at__isnull=False)
    of_team = Membership.objects.filter(user=user, team=OuterRef("team"), user__is_active=True)
    told = list(waiting.filter(Exists(of_team)).select_related("team").order_by("-id"))
    waiting.update(mail_due_at=None, mailed_at=Now())
    if told:
        mail.post(to=user.email, letter="notices", context=_letter(told))


def _letter(told: Sequence[Notification]) -> dict[str, Any]:
    """By team and kind, the newest of each."""
    groups: dict[tuple[str, str], list[Notification]] = {}
    for one in told:
        groups.setdefault((one.team.name, one.get_kind_display()), []).append(one)
    parts = [
        {
            "title": f"{kind} · {team}",
            "count": len(found),
            "lines": [(one.text, settings.PUBLIC_URL + one.url) for one in found[:SHOWN_EACH]],
            "more": max(0, len(found) - SHOWN_EACH),
        }
        for (team, kind), found in groups.items()
    ]
    first = told[0]
    subject = first.text if len(told) == 1 else f"{len(told):,} things in {_teams(told)}"
    where = f"{settings.PUBLIC_URL}/notifications/"
    return {"subject": subject, "parts": parts, "link": where}


def _teams(told: Sequence[Notification]) -> str:
    names = sorted({one.team.name for one in told})
    return names[0] if len(names) == 1 else f"{len(names)} teams"


@verb
def prune() -> None:
    """Once a day."""
    old = Q(created_at__lt=after(-KEPT)) | Q(read_at__lt=after(-KEPT_READ))
    Notification.objects.filter(old).delete()


# --- what the team itself tells


def hear(team_id: int, events: Sequence[Event]) -> None:
    """The handler of the team's own kinds."""
    people = members(team_id)
    tell(team_id, [_KINDS[event.kind](event, people) for event in events])


def _joined(event: Event, people: Sequence[Membership]) -> Notice:
    user_id = event.payload["user_id"]
    person = User.objects.filter(pk=user_id).first()
    name = person.get_short_name() if person else "A person"
    text = f"{name} joined the team, as {event.payload['role']}."
    to = admins(people) - {user_id}
    return Notice(NoticeKind.MEMBER_JOINED, text, "/team/", event.seq, to)


def _braked(event: Event, people: Sequence[Membership]) -> Notice:
    told = event.payload
    whose = "on this whole server" if told["is_everywhere"] else "in this team"
    why = f" (“{told['why']}”)" if told["why"] else ""
    text = f"{told['what'].capitalize()} was stopped {whose}{why}."
    to = editors(people) - {told["by_id"]}
    return Notice(NoticeKind.BRAKE_PULLED, text, "/settings/#brake", event.seq, to)


def _disabled(event: Event, people: Sequence[Membership]) -> Notice:
    text = f"The webhook to {event.payload['host']} was switched off: {event.payload['reason']}"
    url = f"/team/webhooks/{event.payload['webhook_id']}/"
    return Notice(NoticeKind.WEBHOOK_DISABLED, text, url, event.seq, admins(people))


_KINDS: Mapping[str, Callable[[Event, Sequence[Membership]], Notice]] = MappingProxyType(
    {
        "teams.member_joined": _joined,
        "teams.brake_pulled": _braked,
        "teams.webhook_disabled": _disabled,
    }
)
KINDS = frozenset(_KINDS)
