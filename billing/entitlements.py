"""The only place that answers "may I". Unlimited until plans are sold."""

from config.kit.errors import Refused
from teams.models import Team

KEYS = ("videos", "channels", "members", "render_seconds", "storage_bytes")


class OverPlan(Refused):
    code = "over_plan"


def take(team: Team, key: str, n: int = 1) -> None:
    """Counts n more of `key` against the plan, or raises OverPlan. Called in the owner's verb."""
    _known(key)


def give_back(team: Team, key: str, n: int = 1) -> None:
    """Returns what was taken: the work failed, or was cancelled or deleted."""
    _known(key)


def gate(team_id: int, key: str, n: int) -> bool:
    """The same question for floors below billing; n below 0 gives back."""
    _known(key)
    return True


def _known(key: str) -> None:
    if key not in KEYS:
        raise LookupError(f"no plan counts {key!r}; there are {', '.join(KEYS)}")
