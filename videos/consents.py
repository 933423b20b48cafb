"""Consent to speak with a copy of a person's voice: recorded by an owner or admin of a team, kept
for good, and withdrawn at any time."""

from __future__ import annotations

from django.db.models import QuerySet
from django.db.models.functions import Now

from config.kit.database import verb
from config.kit.errors import Refused, Rejected
from teams.access import Actor, team_for_admin
from teams.events import publish
from teams.models import User
from videos.models import VendorVoice, VoiceConsent
from videos.news import VoiceConsentRecorded, VoiceConsentWithdrawn

STATEMENTS = {
    1: "I confirm that the person named here was told what it is for and has agreed that this team "
    "makes videos in which a copy of their voice speaks. They may withdraw that at any time.",
}
LATEST = max(STATEMENTS)
NO_CONSENT = "no_consent"


class BadConsent(Refused):
    code = NO_CONSENT


@verb
def record(*, by: Actor, voice: VendorVoice, person: str, agrees: bool) -> VoiceConsent:
    """Recorded again, what stands stays as it is. Raises BadConsent."""
    team = team_for_admin(by, by.team_id)
    person = " ".join(person.split())
    if is_hidden(team.pk, voice.full_name):
        raise BadConsent("There is no such voice.")
    if not voice.is_copy:
        raise BadConsent("This voice is no copy of a person’s: it needs nobody’s consent.")
    if not person or not agrees:
        raise BadConsent("Write whose voice it is, and confirm that they have agreed.")
    standing = _standing(team.pk, voice.full_name).first()
    if standing is not None:
        return standing
    who = User.objects.filter(pk=by.user_id or 0).first()
    consent = VoiceConsent.objects.create(
        team=team,
        voice=voice.full_name,
        voice_name=voice.name,
        person=person[:200],
        statement=LATEST,
        recorded_by_id=by.user_id,
        recorded_by=(who.name or who.email)[:200] if who else "a command on the server",
    )
    told = (consent.pk, consent.voice, consent.voice_name, consent.person, LATEST, by.user_id)
    publish(team.pk, VoiceConsentRecorded(*told))
    return consent


@verb
def withdraw(*, by: Actor, consent: VoiceConsent) -> None:
    """From now on nothing is spoken with it. Withdrawn again nothing changes."""
    team = team_for_admin(by, consent.team_id)
    standing = VoiceConsent.objects.filter(pk=consent.pk, withdrawn_at=None)
    if standing.update(withdrawn_at=Now(), withdrawn_by_id=by.user_id):
        told = (consent.pk, consent.voice, consent.voice_name, by.user_id)
        publish(team.pk, VoiceConsentWithdrawn(*told))


def is_hidden(team_id: int, name: str) -> bool:
    """Whether it was made in the account and is not assigned to this team, to which it does not
    exist then."""
    row = VendorVoice.objects.named(name)
    return row.exists() and not row.open_to(team_id).exists()


def refuse(team_id: int, name: str) -> None:
    """Raises Rejected for a copy of a person's voice that the team may not use. One that nobody
    has listed is what its vendor says it is, once that is known."""
    if is_hidden(team_id, name):
        raise Rejected(f"There is no voice {name!r}: choose another one.")
    voice = VendorVoice.objects.named(name).first()
    if voice is None or not voice.is_copy or _standing(team_id, name).exists():
        return
    former = VoiceConsent.objects.filter(team=team_id, voice=name).order_by("id").last()
    if former is not None:
        raise Rejected(
            f"The consent of {former.person} to speak with a copy of their voice ({voice.name}) "
            "was withdrawn: choose another voice."
        )
    raise Rejected(
        f"The voice {voice.name} is a copy of a person’s: an owner or admin records that person’s "
        "consent under Settings, Voices, before anything is spoken with it."
    )


def _standing(team_id: int, name: str) -> QuerySet[VoiceConsent]:
    return VoiceConsent.objects.filter(team=team_id, voice=name, withdrawn_at=None)
