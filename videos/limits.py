"""How much a provider does at once: a counter whose limit stands in the WHERE that moves it."""

from django.db.models import F, QuerySet, Value
from django.db.models.functions import Concat

from config.kit.database import verb
from config.kit.errors import Refused
from videos.models import ProviderLimit, RunState, StageRun
from videos.providers.catalogue import providers


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
        for limit_id in _limits_of(run.provider).values_list("pk", flat=True):
            taken = ProviderLimit.objects.filter(pk=limit_id, running__gt=0)
            taken.update(running=F("running") - 1)


@verb
def recount() -> None:
    """By the runs themselves. The rows are locked first: who claims meanwhile waits, and is
    counted or counts on."""
    for limit in ProviderLimit.objects.select_for_update(no_key=True).order_by("id"):
        asking = StageRun.objects.filter(state=RunState.RUNNING).alias(
            asked=Concat(Value(" "), F("provider"), Value(" "))
        )
        running = asking.filter(asked__contains=f" {limit.provider} ").count()
        if running != limit.running:
            ProviderLimit.objects.filter(pk=limit.pk).update(running=running)


@verb
def set_limit(provider: str, most: int) -> ProviderLimit:
    """Raises Refused for a provider that nobody registered."""
    if provider not in providers:
        known = ", ".join(providers.names())
        raise Refused(f"No provider is called {provider!r}; there is: {known}.", code="invalid")
    limit, _ = ProviderLimit.objects.update_or_create(provider=provider, defaults={"most": most})
    recount()
    return limit


@verb
def lift(limit: ProviderLimit) -> None:
    limit.delete()
