"""A video that was made with a copied voice, and the person withdraws before it went out."""

import json

import pytest

from channels_app import actions as channel_actions
from channels_app import tasks as channel_tasks
from channels_app.models import Approval, Upload
from tests.videos.providers.speaking import RACHEL, narrating, perform
from videos import actions, conclusions, consented, consents, outputs, vendor_voices
from videos.models import Artifact, RunPart, RunState, VendorVoice, Video, VideoState

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.processes,
    pytest.mark.media,
]
COPY = "elevenlabs:hWx0rnBanaKelpVoice1"


@pytest.fixture
def consent(accounts, by_ana):
    vendor_voices.list_anew()
    copy = VendorVoice.objects.get(voice_id="hWx0rnBanaKelpVoice1")
    return consents.record(by=by_ana, voice=copy, person="Kim Kelp", agrees=True)


def made(by, channel, voice: str) -> Video:
    """Spoken by the voice, and as it stands when a person has approved it."""
    video = perform(narrating(by, channel, voice))
    video.runs.update(state=RunState.DONE)
    Video.objects.filter(pk=video.pk).update(state=VideoState.APPROVED)
    return Video.objects.get(pk=video.pk)


@pytest.fixture
def video(consent, by_ana, channel) -> Video:
    return made(by_ana, channel, COPY)


def now(video: Video) -> Video:
    return Video.objects.get(pk=video.pk)


def test_it_is_not_handed_over_and_says_whose_voice_it_is(video, consent, by_ana):
    consents.withdraw(by=by_ana, consent=consent)
    with pytest.raises(consented.ConsentWithdrawn, match=r"Kim Kelp withdrew .* another voice"):
        actions.publish_video(by=by_ana, video=video)
    assert not Upload.objects.exists()


def test_who_approves_it_is_told_and_nothing_goes_out(video, consent, by_ana):
    Video.objects.update(state=VideoState.REVIEW, wants_publishing=True)
    consents.withdraw(by=by_ana, consent=consent)
    with pytest.raises(consented.ConsentWithdrawn):
        actions.approve(by=by_ana, video=video)
    assert (now(video).state, Upload.objects.count()) == ("review", 0)


def test_what_nobody_approves_stands_still_until_the_consent_is_there_anew(
    video, consent, by_ana, channel
):
    type(channel).objects.update(approval=Approval.NONE)
    passed = Artifact.objects.create(
        team=video.team, key="q" * 64, stage="quality", facts={"passed": True}
    )
    quality = video.runs.get(stage="quality")
    RunPart.objects.create(run=quality, part="whole", position=0, artifact=passed, was_made=True)
    Video.objects.update(wants_publishing=True, state=VideoState.PAUSED)
    consents.withdraw(by=by_ana, consent=consent)
    actions.resume(by=by_ana, video=video)
    parked = now(video)
    assert (parked.state, parked.reason_code) == ("blocked", "consent_withdrawn")
    assert "Kim Kelp withdrew" in parked.reason
    with pytest.raises(consented.ConsentWithdrawn):
        actions.resume(by=by_ana, video=parked)
    copy = VendorVoice.objects.get(voice_id="hWx0rnBanaKelpVoice1")
    consents.record(by=by_ana, voice=copy, person="Kim Kelp", agrees=True)
    actions.resume(by=by_ana, video=parked)
    assert now(video).state == "scheduled"


def test_a_publication_that_waits_is_taken_back(video, consent, by_ana):
    upload = actions.publish_video(by=by_ana, video=video)
    consents.withdraw(by=by_ana, consent=consent)
    assert channel_actions.claim("w:1", 2) is None
    conclusions.follow_upload(video.pk)
    upload.refresh_from_db()
    assert upload.state == "cancelled"
    parked = now(video)
    assert (parked.state, parked.reason_code) == ("blocked", "consent_withdrawn")


def test_what_another_voice_speaks_goes_out(consent, by_ana, channel):
    video = made(by_ana, channel, RACHEL)
    consents.withdraw(by=by_ana, consent=consent)
    actions.publish_video(by=by_ana, video=video)
    assert channel_actions.claim("w:1", 2) is not None
    assert outputs.provenance(video)["has_synthetic_media"] is False


def test_what_has_gone_out_stays(video, consent, by_ana):
    actions.publish_video(by=by_ana, video=video)
    channel_tasks.work()
    conclusions.follow_upload(video.pk)
    assert now(video).state == "published"
    consents.withdraw(by=by_ana, consent=consent)
    conclusions.follow_all()
    assert now(video).state == "published"


def test_the_record_that_goes_out_names_the_person_and_nobody_who_works_here(
    video, consent, by_ana, ana
):
    upload = actions.publish_video(by=by_ana, video=video)
    assert upload.metadata["has_synthetic_media"] is True
    assert upload.metadata["provenance"]["voice_consents"][0]["withdrawn_at"] is None
    consents.withdraw(by=by_ana, consent=consent)
    told = outputs.provenance(video)["voice_consents"]
    assert [one["person"] for one in told] == ["Kim Kelp"]
    assert told[0]["withdrawn_at"]
    assert ana.email not in json.dumps(told)
    assert ana.name not in json.dumps(told)
