"""The routes of providers, as operators write them: who takes over for whom, in order."""

from typing import Any

from config.kit import rows
from config.kit.database import verb
from config.kit.errors import Refused
from videos.models import RouteStep
from videos.providers.catalogue import providers


@verb
def add(step: RouteStep) -> RouteStep:
    """Raises Refused for one that nobody registered."""
    _check(step)
    step.save()
    return step


@verb
def change(step: RouteStep, wanted: dict[str, Any]) -> None:
    """Videos that were rerouted keep whom they have. Raises Refused."""
    for name, value in wanted.items():
        setattr(step, name, value)
    _check(step)
    step.save()


@verb
def drop(step: RouteStep) -> None:
    step.delete()


def _check(step: RouteStep) -> None:
    vendor = step.name.partition(":")[0]
    if f"{step.kind}:{vendor}" not in providers:
        mine = [name for name in providers.names() if name.startswith(f"{step.kind}:")]
        known = ", ".join(name.partition(":")[2] for name in mine) or "none"
        raise Refused(f"No {step.kind} provider is called {vendor}; there is: {known}.")
    rows.refuse_invalid(step)
