"""A team with all that verbs ask about, for tests that set two of them upon it at once."""

import tempfile
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from billing import budgets, commitments, ledger
from billing.models import Budget, Commitment, Hold
from billing.places import Place
from channels_app import actions as channels
from channels_app import connecting
from channels_app.models import BrandKit, Channel, Credential, SignIn, Upload, UploadState
from collab import actions as talk
from collab import documents, store
from collab.models import Comment, Document, ShareLink, Suggestion
from config.kit import files
from config.kit.errors import Spend
from teams import actions as teams
from teams import events, invitations, notices, tokens, webhooks
from teams.access import Actor, actor_for
from teams.models import (
    ApiToken,
    Delivery,
    Invitation,
    Membership,
    NoticeKind,
    Notification,
    Role,
    Team,
    User,
    Webhook,
)
from videos import actions, assets, consents, holds, runs, uploads
from videos.contracts import SceneText, Script
from videos.models import (
    Artifact,
    Asset,
    AssetUpload,
    Proposal,
    ScriptVersion,
    StageRun,
    VendorVoice,
    Video,
    VideoState,
    VoiceConsent,
)
from videos.writing.asked import Claim

HOOK = "https://hooks.example/"
TEXT = "Kelp grows half a metre a day. Otters guard it."
SPENT = (Spend("paid:one", "call", 1, 80),)


def written(more: str = "") -> Script:
    scenes = tuple(
        SceneText(f"0000000{n}", TEXT + more, f"Kelp {n}", {"template": "statement", "text": "K"})
        for n in (1, 2)
    )
    return Script("Kelp", "en", "given", scenes)


@dataclass
class World:
    """A team with an admin, a channel, and a video in each state that verbs ask about. What few
    verbs need is made when they name it, before they start."""

    name: str

    def __post_init__(self) -> None:
        self.ana = User.objects.create_user(f"ana-{self.name}@example.org", name="Ana")
        self.ben = User.objects.create_user(f"ben-{self.name}@example.org", name="Ben")
        self.team: Team = teams.create_team(name="Kelp", slug=self.name, email=self.ana.email)
        teams.add_member(team=self.team, user=self.ana, role=Role.OWNER)
        self.bens: Membership = teams.add_member(team=self.team, user=self.ben, role=Role.ADMIN)
        self.channel: Channel = channels.create_channel(
            by=self.by, name="Kelp", slug=self.name, brand={}
        )
        self.queued, self.producing = self.order(), self.order(script=written())
        self.run = self.claimed(self.producing)
        self.held = holds.hold(self.run, "scene:00000001", 100, ledger.NOBODY)
        self.ready = self.order(script=written())
        Video.objects.filter(pk=self.ready.pk).update(state=VideoState.REVIEW)
        self.out = self.order(script=written())
        Video.objects.filter(pk=self.out.pk).update(state=VideoState.SCHEDULED)
        self.upload: Upload = channels.request_publication(
            channel=self.channel, video_id=self.out.pk, title="Kelp", files={}, metadata={}
        )

    @cached_property
    def by(self) -> Actor:
        found = actor_for(self.ana, None)
        assert found
        return found

    @cached_property
    def by_ben(self) -> Actor:
        found = actor_for(self.ben, None)
        assert found
        return found

    def order(self, script: Script | None = None) -> Video:
        wish = actions.Wish(source=TEXT, title="Kelp")
        return actions.create_video(by=self.by, channel=self.channel, wish=wish, script=script)

    @cached_property
    def of_a_page(self) -> Video:
        wish = actions.Wish(source="https://example.org/kelp", title="Kelp")
        return actions.create_video(by=self.by, channel=self.channel, wish=wish)

    def claimed(self, video: Video) -> StageRun:
        """As `runs.claim` leaves it, whatever else in this database waits."""
        StageRun.objects.filter(video=video, stage="narration").update(
            state="running",
            attempt=1,
            fence=1,
            worker="host:1",
            lease_until=runs.after(timedelta(seconds=60)),
            due_at=None,
        )
        return StageRun.objects.select_related("video").get(video=video, stage="narration")

    def taken(self) -> Upload:
        """The upload as the worker holds it that has taken it."""
        Upload.objects.filter(pk=self.upload.pk, state=UploadState.WAITING).update(
            state=UploadState.RUNNING,
            fence=1,
            attempt=1,
            worker="host:1",
            lease_until=runs.after(timedelta(seconds=60)),
        )
        return Upload.objects.select_related("channel").get(pk=self.upload.pk)

    @cached_property
    def failed_upload(self) -> Upload:
        channels.fail(self.taken(), "broken")
        self.upload.refresh_from_db()
        return self.upload

    @cached_property
    def credential(self) -> Credential:
        """The channel is connected to YouTube."""
        tokens = {"refresh_token": "1//0", "access_token": "ya29"}
        of = {"team": self.team, "channel": self.channel, "youtube_id": f"UC{self.name}"}
        return Credential.objects.create(**of, title="Kelp", **tokens)

    @cached_property
    def disconnected(self) -> Credential:
        """Google is yet to be told."""
        connecting._to_be_revoked(self.team.pk, self.channel.pk, f"UC{self.name}", "1//0")
        return Credential.objects.get(team=self.team, state="revoked")

    def sign_in(self, state: str, **told: Any) -> SignIn:
        """Ana's way to Google and back."""
        return SignIn.objects.create(
            team=self.team,
            user=self.ana,
            channel=self.channel,
            state_sha256=connecting._hashed(self.name + state),
            verifier="v" * 64,
            expires_at=runs.after(timedelta(minutes=10)),
            **told,
        )

    @cached_property
    def asked(self) -> SignIn:
        return self.sign_in("asked")

    @cached_property
    def came_back(self) -> SignIn:
        return self.sign_in("back", is_used=True)

    @cached_property
    def to_confirm(self) -> SignIn:
        told = {"youtube_id": f"UC{self.name}", "title": "Kelp", "refresh_token": "1//0new"}
        return self.sign_in("seen", is_used=True, **told)

    @cached_property
    def budget(self) -> Budget:
        of = {"scope": "team", "window": "month", "limit_micros": 10**12}
        return budgets.set_budget(by=self.by, **of)

    @cached_property
    def balance(self) -> int:
        return self.budget.balances.values_list("pk", flat=True).get()

    @cached_property
    def paused(self) -> Video:
        video = self.order(script=written())
        actions.pause(by=self.by, video=video)
        return video

    @cached_property
    def approved(self) -> Video:
        video = self.order(script=written())
        Video.objects.filter(pk=video.pk).update(state=VideoState.APPROVED)
        return video

    @cached_property
    def claiming(self) -> Video:
        """Its script claims what nothing bears out, and a person is asked."""
        claim = Claim("00000001", "Otters guard it.")
        script = replace(written(), method="written", hooks=("Look at kelp.",), claims=(claim,))
        return self.order(script=script)

    def proposal(self, state: str) -> Proposal:
        """Other words for a scene of the video that is ready."""
        said = {
            "was_narration": TEXT,
            "was_headline": "Kelp 1",
            "narration": "Look.",
            "state": state,
        }
        of = {"team": self.team, "video": self.ready, "uid": "00000001", "writer": "openai:gpt-4.1"}
        return Proposal.objects.create(**of, **said, instruction="Shorter")

    @cached_property
    def in_document(self) -> Video:
        """A video in work whose script people write together."""
        return self.order(script=written())

    @cached_property
    def document(self) -> Document:
        return store.open_for(self.in_document)

    def write(self, doc: Any) -> None:
        documents.text_of(doc).insert(0, " ")

    def typed(self) -> bytes:
        """Somebody types a blank before everything."""
        doc = documents.loaded(*store.load(self.document.pk).updates)
        return documents.edited(doc, self.write)

    @cached_property
    def was_typed(self) -> int:
        """A row that no script holds yet."""
        doc = documents.loaded(*store.load(self.document.pk).updates)
        at = str(documents.text_of(doc)).index("Kelp 1\n") + len("Kelp 1\n") + 2 * 2
        told = documents.edited(doc, lambda doc: documents.text_of(doc).insert(at, "Look. "))
        return store.append(self.document.pk, told)

    @cached_property
    def suggestion(self) -> Suggestion:
        said = {"scene_uid": "00000002", "quote": "Otters guard", "replacement": "Crabs guard"}
        return talk.suggest(by=self.by, video=self.in_document, **said)

    @cached_property
    def comment(self) -> Comment:
        return talk.create_comment(by=self.by, video=self.in_document, text="Why?")

    @cached_property
    def share_link(self) -> ShareLink:
        return talk.create_share_link(by=self.by, video=self.in_document)[0]

    @property
    def why(self) -> ledger.Purpose:
        return runs.purpose(self.run, "scene:00000001")

    @property
    def batch(self) -> Place:
        return Place(self.team.pk, self.channel.pk, 1)

    @cached_property
    def commitment(self) -> Commitment:
        return commitments.commit(self.batch, 100)

    @property
    def why_of_batch(self) -> ledger.Purpose:
        return replace(self.why, batch_id=self.batch.batch_id)

    @cached_property
    def held_of_batch(self) -> Hold:
        assert self.commitment
        return ledger.hold(self.why_of_batch, amount_micros=90)

    @cached_property
    def token(self) -> ApiToken:
        return tokens.create_token(by=self.by, name="t", scopes=["videos:read"])[0]

    @cached_property
    def invitation(self) -> Invitation:
        return invitations.invite(by=self.by, email=self.dee.email, role=Role.EDITOR)[0]

    @cached_property
    def dee(self) -> User:
        return User.objects.create_user(f"dee-{self.name}@example.org", name="Dee")

    @property
    def listener(self) -> events.Listener:
        return events.listeners()[0]

    @property
    def notice(self) -> notices.Notice:
        to = frozenset({self.ana.pk, self.ben.pk})
        return notices.Notice(NoticeKind.MENTIONED, "Hello", "/", 1, to)

    @cached_property
    def told(self) -> Notification:
        notices.tell(self.team.pk, [self.notice])
        Notification.objects.filter(team=self.team).update(mail_due_at=runs.after(timedelta()))
        return Notification.objects.get(team=self.team, user=self.ana)

    @cached_property
    def hook(self) -> Webhook:
        return webhooks.create(by=self.by, url=HOOK)[0]

    @cached_property
    def delivery(self) -> Delivery:
        made = {"event_seq": 1, "kind": "teams.team_created", "due_at": runs.after(timedelta())}
        return Delivery.objects.create(webhook=self.hook, **made)

    def sent(self) -> Delivery:
        """The delivery as the worker holds it that sends it."""
        lease = runs.after(timedelta(seconds=60))
        mine = Delivery.objects.filter(pk=self.delivery.pk, state="waiting")
        mine.update(state="sending", fence=1, attempt=1, lease_until=lease)
        return Delivery.objects.select_related("webhook").get(pk=self.delivery.pk)

    def ended(self) -> Delivery:
        mine = Delivery.objects.filter(pk=self.delivery.pk, state="waiting")
        mine.update(state="failed", attempt=8)
        return Delivery.objects.select_related("webhook").get(pk=self.delivery.pk)

    @cached_property
    def spare_kit(self) -> BrandKit:
        return channels.create_brand_kit(by=self.by, name="Spare", look={})

    @cached_property
    def stored(self) -> str:
        """The sha256 of a file in the store."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "a.jpg"
            path.write_bytes(self.name.encode())
            return files.store(self.team.pk, path)

    @cached_property
    def picture(self) -> Asset:
        facts = {"width": 640, "height": 360}
        return assets._keep(
            by=self.by, name="a.jpg", source=self.stored, sha256=self.stored, facts=facts
        )

    @cached_property
    def in_preparation(self) -> Asset:
        """A file as the worker holds it that makes it harmless."""
        made = assets._take_in(by=self.by, name="b.jpg", kind="picture", sha256=self.stored)
        lease = runs.after(timedelta(seconds=60))
        Asset.objects.filter(pk=made.pk).update(fence=1, attempt=1, lease_until=lease)
        return Asset.objects.get(pk=made.pk)

    @cached_property
    def incoming(self) -> AssetUpload:
        return uploads.begin(by=self.by, name="b.jpg", kind="picture", size=10)

    @cached_property
    def made(self) -> runs.Result:
        """What the worker of `run` has made of its first part."""
        return runs.Result(
            "scene:00000001", 0, "a" * 64, "voice:paid", {"narration.wav": self.stored}, {}, SPENT
        )

    @cached_property
    def copy(self) -> VendorVoice:
        """A copy of a person's voice."""
        told = {"name": "Ana", "languages": ["en"], "category": "cloned"}
        found = VendorVoice.objects.get_or_create(
            vendor="elevenlabs", voice_id="c0py", defaults=told
        )[0]
        found.teams.add(self.team)
        return found

    @cached_property
    def consent(self) -> VoiceConsent:
        return consents.record(by=self.by, voice=self.copy, person="Ana", agrees=True)

    @cached_property
    def artifact(self) -> Artifact:
        return Artifact.objects.create(team=self.team, key="b" * 64, stage="narration")

    @cached_property
    def version(self) -> ScriptVersion:
        """An older one of the video that is ready."""
        found = self.ready.script_versions.order_by("number").first()
        assert found
        actions.edit_script(by=self.by, video=self.ready, script=written(" Divers plant it."))
        Video.objects.filter(pk=self.ready.pk).update(state=VideoState.REVIEW)
        return found
