"""Who takes over for a provider that fails: the next of its route, if the video may use it and what
it costs is known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django.conf import settings
from django.db.models.functions import Now

from billing.balances import CURRENCY
from billing.prices import Book, Cost, PriceUnknown
from config.kit.errors import ProviderError
from config.kit.money import Use, about
from videos import outputs, routing, scripts
from videos.contracts import Brand, Order, Word
from videos.models import ProviderRest, RouteStep, Video
from videos.providers.catalogue import providers
from videos.shots import Brief
from videos.stages.illustrating import SHOWS
from videos.stages.script import forecast

UNPRICED = "no price: will not be asked"
UNSET = "not set up: will not be asked"
_WORD = Word("a" * 900, "a" * 900)  # as many letters as are said in a minute
_PROMPT = "x" * 300  # as long as most
_TEXT = "Kelp grows half a metre a day in cold and clear water. " * 20
_ORDER = Order("Kelp", _TEXT, "text", "short", 60, "en", "", "none", Brand())
THINGS = {  # of which a price is told
    "voice": "minute",
    "script": "script",
    "image": "picture",
    "footage": "clip",
    "clip": "clip",
}


def next_of(video: Video, kind: str) -> str:
    """In full, as a plan names it. "" where the video's provider stands in no route, or nobody
    behind it may be asked now."""
    found = (_usable(video, kind, step) for step in _behind(kind, _named(video, kind)))
    return next((name for name in found if name), "")


def has_any(provider: str) -> bool:
    """Whether anybody stands behind `kind:vendor` in a route who could be asked now, by whatever
    video."""
    kind, _, vendor = provider.partition(":")
    return any(is_free(kind, step) for step in _behind(kind, vendor))


def _named(video: Video, kind: str) -> str:
    return str(video.plan["providers"].get(kind, ""))


def _behind(kind: str, name: str) -> Sequence[str]:
    """The steps of the route after this provider; a vendor's name alone is met by any of its."""
    rows = RouteStep.objects.filter(kind=kind).order_by("position", "id")
    steps = list(rows.values_list("name", flat=True))
    at = next((place for place, step in enumerate(steps) if _is_same(step, name)), None)
    return steps[at + 1 :] if name and at is not None else []


def _is_same(step: str, name: str) -> bool:
    """Either may name the vendor alone, for all its models."""
    is_vague = ":" not in step or ":" not in name
    return name == step or (is_vague and _vendor(name) == _vendor(step))


def _vendor(name: str) -> str:
    return name.partition(":")[0]


def _usable(video: Video, kind: str, step: str) -> str:
    if not is_free(kind, step):
        return ""
    try:
        name = _voice_for(video, step) if kind == routing.VOICE else step
        found = routing.made(kind, name)
        if kind == "script" and hasattr(found, "ask") != bool(video.writer):
            return ""  # a script that is bought is made in other parts than one that is not
        price(kind, name)
    except (LookupError, ProviderError, PriceUnknown):
        return ""
    return str(found.name)


def _voice_for(video: Video, wanted: str) -> str:
    """Raises Rejected or AccountFault as the stage would: it must speak the language, and the team
    have the consent of its owner."""
    team_id = video.team_id
    language = scripts.current(video).language
    name = routing.choose(team_id, wanted, language, routing.offers(team_id))
    routing.refuse_unusable(team_id, name)
    return name


def is_free(kind: str, name: str) -> bool:
    """Set up, and not left alone now."""
    provider = f"{kind}:{_vendor(name)}"
    rests = ProviderRest.objects.filter(provider=provider, rests_until__gt=Now())
    return is_set_up(provider) and not rests.exists()


def is_set_up(provider: str) -> bool:
    if provider not in providers:
        return False
    found = providers.get(provider)
    account = getattr(found, "account", "")
    if account:
        return bool(settings.ACCOUNTS[account].is_set)
    return bool(found.present()) if hasattr(found, "present") else True


def price(kind: str, name: str) -> Cost:
    """Of a typical thing of its kind, by the price book. Raises PriceUnknown or LookupError."""
    found = routing.made(kind, name)
    return Book().cost(_typical(kind, found) if routing.is_paid(found) else ())


def _typical(kind: str, found: Any) -> Sequence[Use]:
    if kind == "script":
        return forecast(_ORDER, found).uses
    asked: tuple[Any, ...] = (
        ((_WORD,), {}) if kind == routing.VOICE else (Brief(_PROMPT, "short", SHOWS[kind]),)
    )
    return cast(Sequence[Use], found.uses(*asked))


def line(kind: str, name: str) -> str:
    """Who would make it, and who if that fails, each with its price: `OpenAI, about USD 0.04 a
    picture; if it fails Replicate, ...`."""
    behind = [one for one in _behind(kind, name) if is_free(kind, one) and _is_priced(kind, one)]
    return "; if it fails ".join(_priced(kind, one) for one in (name, *behind))


def _is_priced(kind: str, name: str) -> bool:
    return _told(kind, name) not in (UNPRICED, UNSET)


def _priced(kind: str, name: str) -> str:
    return f"{outputs.vendor_name(_vendor(name))}, {_told(kind, name)}"


def told(step: RouteStep) -> str:
    """`about USD 0.04 a picture`, `free`, or why it will not be asked."""
    return _told(step.kind, step.name)


def _told(kind: str, name: str) -> str:
    if not is_set_up(f"{kind}:{_vendor(name)}"):
        return UNSET
    try:
        cost = price(kind, name)
    except PriceUnknown:
        return UNPRICED
    except (LookupError, ProviderError):
        return UNSET
    each = f"about {about(cost.expected, CURRENCY)} a {THINGS[kind]}"
    return each if cost.high else "free"
