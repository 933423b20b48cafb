"""The voices of this installation's accounts: as their vendors list them, and what a team may use
of them."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models.functions import Now

from billing import prices
from billing.balances import CURRENCY
from config.kit import jobs
from config.kit.cache import take_turn
from config.kit.database import verb
from config.kit.errors import ProviderError, Refused
from config.kit.money import MICROS
from config.kit.vendors import Account
from teams.access import Actor, team_for_admin
from teams.models import Team
from videos.contracts import Word
from videos.models import VendorVoice, VoiceCategory, VoiceConsent
from videos.providers.catalogue import providers
from videos.providers.selling import SoldVoice
from videos.providers.voices import Offer

log = logging.getLogger("showrunner.voices")
LIST = "videos.tasks.list_voices"
ASKED_FOR_S = 30  # nobody asks a second time so soon
A_MINUTE = "a" * 900
MINUTE = (Word(A_MINUTE, A_MINUTE),)  # as many letters as are said in one
NAME, ABOUT, ADDRESS = 200, 300, 2000  # characters that are kept


def vendors() -> Mapping[str, tuple[Any, Account]]:
    """Providers of voices whose account is set, by the name of the vendor."""
    found = {}
    for name in providers.names():
        kind, _, vendor = name.partition(":")
        account = getattr(providers.get(name), "account", "")
        lists = hasattr(providers.get(name), "sold")
        if kind == "voice" and account and lists and settings.ACCOUNTS[account].is_set:
            found[vendor] = (providers.get(name), settings.ACCOUNTS[account])
    return found


def listed(team_id: int) -> list[VendorVoice]:
    """What the accounts may use for this team; before a vendor was first asked what is known
    without asking."""
    there = vendors()
    if not there:
        return []
    rows = VendorVoice.objects.filter(vendor__in=there)
    kept = list(rows.open_to(team_id).filter(is_gone=False).order_by("vendor", "name", "id"))
    asked = set(rows.values_list("vendor", flat=True).distinct())
    for vendor, (provider, account) in there.items():
        if vendor not in asked:
            kept += [_row(vendor, one) for one in provider.known(account)]
    return kept


def offers(team_id: int) -> list[Offer]:
    """Copies of persons' voices only where the team has their consent; 0: no team's."""
    found = listed(team_id)
    if not found:
        return []
    standing = VoiceConsent.objects.filter(team=team_id, withdrawn_at=None)
    agreed = set(standing.values_list("voice", flat=True))
    return [_offer(one) for one in found if not one.is_copy or one.full_name in agreed]


@dataclass(frozen=True)
class Shelf:
    """The voices of one account, each with the consent that stands for it, and what a minute of
    speech costs: "" where that is not shown."""

    vendor: str
    name: str
    model: str
    voices: Sequence[tuple[VendorVoice, VoiceConsent | None]]
    minute: str = ""


def shelves(by: Actor, standing: Mapping[str, VoiceConsent]) -> list[Shelf]:
    """One for each account, with the voices that the team of `by` may use."""
    found = listed(by.team_id)
    return [
        Shelf(
            vendor,
            provider.vendor,
            account.model,
            [(one, standing.get(one.full_name)) for one in found if one.vendor == vendor],
            minute_told(vendor) if by.can_see_costs else "",
        )
        for vendor, (provider, account) in vendors().items()
    ]


def minute_told(vendor: str) -> str:
    """What a minute of speech costs, in words."""
    micros = minute_micros(vendor)
    if micros is None:
        return "price unknown"
    about = f"{Decimal(micros) / MICROS:.3f}".removesuffix("0")
    return f"about {CURRENCY} {about} a minute" if micros else "free"


def minute_micros(vendor: str) -> int | None:
    """By the price book, in its currency; None: nobody has entered it."""
    provider, account = vendors()[vendor]
    try:
        return prices.Book().cost(provider("", account).uses(MINUTE, {})).expected
    except prices.PriceUnknown:
        return None


def _offer(voice: VendorVoice) -> Offer:
    return Offer(
        voice.vendor,
        voice.voice_id,
        tuple(voice.languages),
        f"{voice.name}: {voice.about}" if voice.about else voice.name,
        label=voice.name,
        is_sold=True,
        preview_url=voice.preview_url,
    )


@verb
def assign(voice: VendorVoice, teams: Collection[Team]) -> None:
    """By an operator: these teams, and no others, may use a voice that was made in the account.
    Raises Refused for one that every team may use."""
    if voice.is_for_all and teams:
        raise Refused("Every team may use this voice: it is assigned to none.", code="invalid")
    voice.teams.set(teams)


def ask_for_list(*, by: Actor) -> None:
    """Has a worker ask the vendors anew."""
    team_for_admin(by, by.team_id)
    if take_turn("voices:list", ASKED_FOR_S):
        jobs.enqueue(LIST, to="ai")


def list_anew() -> None:
    """The task. A vendor that can't be asked keeps what it had."""
    for vendor, (provider, account) in vendors().items():
        try:
            with tempfile.TemporaryDirectory() as room:
                _keep(vendor, provider.sold(account, Path(room), jobs.stopping))
        except ProviderError as error:
            log.warning("voices of %s were not listed: %s", vendor, error.message)


@verb
def _keep(vendor: str, found: Sequence[SoldVoice]) -> None:
    rows = list(_once(vendor, found))
    gone = VendorVoice.objects.filter(vendor=vendor)
    gone.exclude(voice_id__in=[row.voice_id for row in rows]).update(is_gone=True)
    VendorVoice.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["vendor", "voice_id"],
        update_fields=[
            *("name", "languages", "category", "about", "preview_url", "is_gone", "listed_at")
        ],
    )


def _once(vendor: str, found: Sequence[SoldVoice]) -> Iterator[VendorVoice]:
    for one in {one.voice_id: one for one in found}.values():
        row = _row(vendor, one)
        row.listed_at = Now()
        yield row


def _row(vendor: str, one: SoldVoice) -> VendorVoice:
    return VendorVoice(
        vendor=vendor,
        voice_id=one.voice_id,
        name=one.name[:NAME],
        languages=list(one.languages),
        category=VoiceCategory(one.category),
        about=one.about[:ABOUT],
        preview_url=one.preview_url if len(one.preview_url) <= ADDRESS else "",
    )
