"""The brake: stops all spending or all publishing, of a team or of the whole installation.

Who starts something that a brake may stop calls `refuse` in the transaction that starts it, or
looks at `Brake.objects.over` after `hold_off`. Both take a lock together that a pull takes alone:
once a pull has committed nothing starts any more, and what had started by then has committed too.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db import DatabaseError
from django.db.models.functions import Now

from config.kit import rows, sweeps
from config.kit.database import verb
from config.kit.errors import Refused
from config.kit.locks import lock, locking
from config.kit.registry import Finding, Verdict
from config.kit.together import Statement, ask
from teams.access import Actor, Forbidden, team_for_admin
from teams.events import News, publish, publish_everywhere
from teams.models import Brake, Stops, Team

LOCK = 7_264_002  # any number that nothing else locks


@dataclass(frozen=True)
class BrakePulled(News):
    kind = "teams.brake_pulled"
    brake_id: int
    what: str
    is_everywhere: bool
    is_operators: bool
    by_id: int | None
    why: str


@dataclass(frozen=True)
class BrakeReleased(News):
    kind = "teams.brake_released"
    brake_id: int
    what: str
    is_everywhere: bool
    is_operators: bool
    by_id: int | None


class Braked(Refused):
    """`code` is spending_stopped or publishing_stopped."""


@dataclass(frozen=True)
class Operator:
    """Who keeps the server: a person of the admin, or a command."""

    user_id: int | None = None


def code_of(what: str) -> str:
    return f"{what}_stopped"


CODES = frozenset(code_of(what) for what in Stops.values)


@verb
def pull(*, by: Actor, what: str, why: str = "") -> Brake:
    """The team's own brake. Pulled again it stays as it is."""
    team = team_for_admin(by, by.team_id)
    return _pull(Brake(team=team, what=what, why=why.strip(), by_id=by.user_id))


@verb
def release(*, by: Actor, brake: Brake) -> None:
    """What waited goes on. Released again nothing changes. Raises Forbidden for an operator's."""
    team = team_for_admin(by, by.team_id)
    if brake.team_id not in (None, team.pk):
        raise Forbidden("This belongs to another team.")
    if brake.is_operators:
        raise Forbidden(sentence(brake))
    _release([brake], by.user_id)


@verb
def pull_as_operator(*, by: Operator, what: str, team: Team | None = None, why: str = "") -> Brake:
    """Of one team, or without `team` of all of them."""
    brake = Brake(team=team, what=what, is_operators=True, why=why.strip(), by_id=by.user_id)
    return _pull(brake)


@verb
def release_as_operator(*, by: Operator, what: str, team: Team | None = None) -> None:
    """Of one team also the one that it pulled itself."""
    _release(Brake.objects.on().filter(team=team, what=what), by.user_id)


def _pull(brake: Brake) -> Brake:
    alone()
    alike = Brake.objects.on().filter(what=brake.what, is_operators=brake.is_operators)
    found = alike.filter(team=brake.team).first()
    if found is not None:
        return found
    rows.refuse_invalid(brake)
    brake.save()
    scope = (brake.pk, brake.what, brake.team_id is None, brake.is_operators)
    _tell(brake, BrakePulled(*scope, brake.by_id, brake.why))
    sweeps.soon()  # what already waits says why
    return brake


def _release(brakes: Iterable[Brake], by_id: int | None) -> None:
    for brake in brakes:
        on = Brake.objects.on().filter(pk=brake.pk)
        if on.update(released_at=Now(), released_by_id=by_id):
            scope = (brake.pk, brake.what, brake.team_id is None, brake.is_operators)
            _tell(brake, BrakeReleased(*scope, by_id))
            sweeps.soon()


def _tell(brake: Brake, news: News) -> None:
    if brake.team_id is None:
        publish_everywhere(news)
    else:
        publish(brake.team_id, news)


def hold_off() -> None:
    """Until this verb commits no brake is pulled: what it asks from here on stays true."""
    lock(LOCK)


def holding_off() -> Statement | None:
    """The statement that does it, where others follow in the same round trip."""
    return locking(LOCK)


def alone() -> None:
    """Until this verb commits nothing starts that a brake may stop, and no money moves."""
    lock(LOCK, alone=True)


def found(team_id: int, what: str) -> Brake | None:
    """The one that stops this team now; of several, the one that it has the least to say in."""
    over = Brake.objects.over(team_id, what)
    return min(over, key=lambda one: (one.team_id is not None, not one.is_operators), default=None)


_ON = """
SELECT 1 FROM teams_brake WHERE released_at IS NULL AND what = %s
    AND (team_id = %s OR team_id IS NULL) LIMIT 1
"""


def looking(team_id: int, what: str) -> Statement:
    """Asks whether a brake is on; to follow `holding_off`."""
    return Statement(_ON, [what, team_id])


def refuse(team_id: int, what: str) -> None:
    """In the verb that starts something. Raises Braked."""
    _, is_on = ask(holding_off(), looking(team_id, what))
    if is_on:
        refuse_braked(team_id, what)


def refuse_braked(team_id: int, what: str) -> None:
    """Where `looking` found a brake. Raises Braked."""
    brake = found(team_id, what)
    if brake is not None:
        raise Braked(sentence(brake), code=code_of(what))


def sentence(brake: Brake) -> str:
    """Why things stand still, and what frees them."""
    why = f" (“{brake.why}”)" if brake.why else ""
    thing = brake.what.capitalize()
    if brake.team_id is None:
        return (
            f"{thing} is stopped on this whole server{why}: it goes on by itself once the "
            "server’s operators release the brake."
        )
    if brake.is_operators:
        return (
            f"{thing} was stopped for this team by the server’s operators{why}: it goes on by "
            "itself once they release the brake."
        )
    return (
        f"{thing} is stopped in this team{why}: it goes on by itself once an owner or an admin "
        "releases the brake."
    )


def check() -> Iterator[Finding]:
    """For `manage.py doctor`: a brake that somebody forgot looks like a fault."""
    try:
        on = list(Brake.objects.on().select_related("team").order_by("id"))
    except DatabaseError:
        return  # the check of the database says why
    for brake in on:
        scope = brake.team.slug if brake.team else "all teams"
        yield Finding("Brake", Verdict.WARN, f"{scope}: {sentence(brake)}")
