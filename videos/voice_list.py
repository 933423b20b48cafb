"""Every voice that a team may name, with what it costs and whether it may speak."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from teams.access import Actor
from videos import routing, vendor_voices
from videos.models import VendorVoice, VoiceConsent

NOT_NEEDED, NEEDED, RECORDED, WITHDRAWN = "not_needed", "needed", "recorded", "withdrawn"
CONSENTS = (NOT_NEEDED, NEEDED, RECORDED, WITHDRAWN)


@dataclass(frozen=True)
class ListedVoice:
    voice: str  # its full name: `engine:name`
    engine: str
    name: str  # what people call it
    about: str
    languages: tuple[str, ...]
    is_clone: bool
    consent: str  # one of CONSENTS
    minute_micros: int | None  # None: unknown, or not to be seen


def voices_of(by: Actor) -> list[ListedVoice]:
    """In the order of their full names; copies of persons' voices also before they may speak."""
    return sorted([*_here(), *_sold(by)], key=lambda one: one.voice)


def _here() -> Iterator[ListedVoice]:
    for one in routing.offers_here():
        name = one.label or one.name
        languages = tuple(one.languages)
        yield ListedVoice(
            one.full_name, one.engine, name, one.about, languages, False, NOT_NEEDED, 0
        )


def _sold(by: Actor) -> Iterator[ListedVoice]:
    found = vendor_voices.listed(by.team_id)
    vendors = sorted({one.vendor for one in found}) if by.can_see_costs else []
    minutes = {vendor: vendor_voices.minute_micros(vendor) for vendor in vendors}
    consents = VoiceConsent.objects.visible_to(by)
    standing = set(consents.filter(withdrawn_at=None).values_list("voice", flat=True))
    former = set(consents.exclude(withdrawn_at=None).values_list("voice", flat=True))
    for one in found:
        yield ListedVoice(
            one.full_name,
            one.vendor,
            one.name,
            one.about,
            tuple(one.languages),
            one.is_copy,
            _consent(one, standing, former),
            minutes.get(one.vendor),
        )


def _consent(voice: VendorVoice, standing: Collection[str], former: Collection[str]) -> str:
    if not voice.is_copy:
        return NOT_NEEDED
    if voice.full_name in standing:
        return RECORDED
    return WITHDRAWN if voice.full_name in former else NEEDED
