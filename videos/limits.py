"""How much a provider does at once: a counter whose limit stands in the WHERE that moves it."""

from django.db.models import F

from config.kit.database import verb
from config.kit.errors import Refused
from videos.models import ProviderLimit, RunState, StageRun
from videos.providers.catalogue import providers


def take(provider: str) -> bool:
    """Inside the verb that claims, after its run. False: the provider does as much as it may."""
    limits = ProviderLimit.objects.filter(provider=provider)
    if limits.filter(running__lt=F("most")).update(running=F("running") + 1):
        return True
    return not limits.exists()


def give_back(run: StageRun) -> None:
    """Inside the verb by which a run leaves its worker. What other verbs take from a worker is
    counted anew by the sweep."""
    if run.is_limited:
        taken = ProviderLimit.objects.filter(provider=run.provider, running__gt=0)
        taken.update(running=F("running") - 1)


@verb
def recount() -> None:
    """By the runs themselves. The rows are locked first: who claims meanwhile waits, and is
    counted or counts on."""
    for limit in ProviderLimit.objects.select_for_update(no_key=True).order_by("id"):
        running = StageRun.objects.filter(state=RunState.RUNNING, provider=limit.provider).count()
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
