"""How much a provider does at once and in a minute: counters whose limits stand in the WHERE that
moves them."""

from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Concat, Now, Trunc

from config.kit.database import retry_db, verb
from config.kit.errors import Busy, Refused
from videos.models import Proposal, ProviderLimit, RunState, StageRun
from videos.providers.catalogue import providers

A_MINUTE_S = 60.0
ASIDE_S = 5.0


def take(provider: str) -> bool:
    """Inside the verb that claims, after its run: a place at each provider of the run. False: one
    of them does as much as it may, and the claim must be undone."""
    for limit_id in _limits_of(provider).values_list("pk", flat=True):
        free = ProviderLimit.objects.filter(pk=limit_id, running__lt=F("most"))
        if not free.update(running=F("running") + 1):
            return False
    return True


def _limits_of(provider: str) -> "QuerySet[ProviderLimit]":
    return ProviderLimit.objects.filter(provider__in=provider.split()).order_by("id")


def give_back(run: StageRun) -> None:
    """Inside the verb by which a run leaves its worker. What other verbs take from a worker is
    counted anew by the sweep."""
    if run.is_limited:
        leave(run.provider)


def leave(provider: str) -> None:
    for limit_id in _limits_of(provider).values_list("pk", flat=True):
        taken = ProviderLimit.objects.filter(pk=limit_id, running__gt=0)
        taken.update(running=F("running") - 1)


class Full(Busy):
    """It does as much as it may: that is a limit of our own, and no word of the provider's."""


def ask(run: StageRun, provider: str) -> None:
    """Before a request: a place at the provider where the claim of the run has taken none, and one
    more in this minute, unless the provider counts its own. Raises Full where there is none."""
    if ProviderLimit.objects.filter(provider=provider).exists():
        if provider not in run.provider.split():
            join(run, provider)
        if not getattr(providers.get(provider), "counts_itself", False):
            count(provider)


@retry_db
@verb
def join(run: StageRun, provider: str) -> None:
    """For a run that did not know yet whom it would ask when it was claimed."""
    if not take(provider):
        raise Full(f"{provider} does as much at once as it may.", retry_after_s=ASIDE_S)
    known = StageRun.objects.filter(pk=run.pk).values_list("provider", flat=True)
    asked = {provider, *run.provider.split()}
    named = " ".join(sorted(asked | set(" ".join(known).split())))
    StageRun.objects.held_by(run).update(provider=named)  # by which the sweep counts
    run.provider, run.is_limited = " ".join(sorted(asked)), True


@retry_db
@verb
def count(provider: str) -> None:
    """One more request in this minute. Raises Full where no more may be sent in it."""
    limited = ProviderLimit.objects.filter(provider=provider, per_minute__gt=0)
    this_minute = Trunc(Now(), "minute")
    for limit_id in limited.values_list("pk", flat=True):
        row = ProviderLimit.objects.filter(pk=limit_id)
        again = Q(minute=this_minute)
        if row.filter(~again | Q(minute=None)).update(minute=this_minute, asked=1):
            continue
        if not row.filter(again, asked__lt=F("per_minute")).update(asked=F("asked") + 1):
            raise Full(
                f"{provider} has been asked as often as it may be in a minute.",
                retry_after_s=A_MINUTE_S,
            )


@verb
def recount() -> None:
    """By the runs themselves. The rows are locked first: who claims meanwhile waits, and is
    counted or counts on."""
    for limit in ProviderLimit.objects.select_for_update(no_key=True).order_by("id"):
        asking = StageRun.objects.filter(state=RunState.RUNNING).alias(
            asked=Concat(Value(" "), F("provider"), Value(" "))
        )
        running = asking.filter(asked__contains=f" {limit.provider} ").count()
        running += Proposal.objects.asking(limit.provider).count()
        if running != limit.running:
            ProviderLimit.objects.filter(pk=limit.pk).update(running=running)


@verb
def set_limit(provider: str, most: int, per_minute: int | None = None) -> ProviderLimit:
    """Raises Refused for a provider that nobody registered."""
    if provider not in providers:
        known = ", ".join(providers.names())
        raise Refused(f"No provider is called {provider!r}; there is: {known}.", code="invalid")
    limit, _ = ProviderLimit.objects.update_or_create(
        provider=provider, defaults={"most": most, "per_minute": per_minute}
    )
    recount()
    return limit


@verb
def lift(limit: ProviderLimit) -> None:
    limit.delete()
