"""A studio as it looks after a first week: people, channels, looks, and videos in every state."""

import json
from pathlib import Path
from typing import Any

from channels_app import actions as channels
from channels_app.models import Channel
from channels_app.samples import KITS
from collab import actions as comments
from docs.screenshots.texts import EMAIL, KELP, PASSWORD
from teams import actions as teams
from teams import invitations, tokens
from teams.access import Actor, actor_for
from teams.models import Role, User
from videos import actions, assets
from videos.actions import Wish
from videos.models import Video

ROOT = Path(__file__).resolve().parents[2]
PEOPLE = {"Jonas Vik": Role.EDITOR, "Ines Duarte": Role.ADMIN, "Tom Okafor": Role.VIEWER}
CHANNELS = {
    "Deep Water": "deep-water",
    "Kitchen Craft": "kitchen-craft",
    "Signal & Noise": "signal-noise",
}
TOO_LONG = {
    "title": "Everything about tides",
    "language": "en",
    "scenes": [{"narration": "The tide comes in and goes out again. " * 50, "headline": "Tides"}],
}


def run() -> None:
    mara = teams.set_up(email=EMAIL, password=PASSWORD, name="Mara Lind", team_name="Northlight")
    by = actor_for(mara, None)
    if by is None:
        raise LookupError("the owner is in no team")
    _people(by)
    tokens.create_token(by=by, name="Newsroom import", scopes=["videos:read", "videos:write"])
    tokens.create_token(by=by, name="Dashboard", scopes=["videos:read", "channels:read"], days=90)
    deep, craft, signal = _channels(by)
    lighthouse = (ROOT / "docs/samples/lighthouses.md").read_text("utf-8")
    knife = (ROOT / "tests/videos/texts/howto.md").read_text("utf-8")
    picture = assets.keep_picture(by=by, path=ROOT / "docs/samples/lighthouse.jpg")
    shown = {"lighthouse.jpg": picture.sha256}
    _order(by, deep, lighthouse, "short", 30, publish=True, pictures=shown)
    _order(by, craft, knife, "landscape", 40)
    _order(by, deep, KELP, "square", 25, external_id="cms-2041")
    _order(by, signal, json.dumps(TOO_LONG), "short", 30)


def talk() -> None:
    """What people say of the first video, once it is made."""
    video = Video.objects.order_by("pk")[0]
    said = [
        ("ines", 2400, "The lamp could come a beat earlier here."),
        ("jonas", 9100, "Is this the tower at Eddystone? The caption should say so."),
        ("tom", 17300, "Lovely cut. Keep it."),
    ]
    made = []
    for name, at_ms, text in said:
        user = User.objects.get(email=f"{name}@northlight.example")
        by = actor_for(user, None)
        if by is None:
            raise LookupError(f"{name} is in no team")
        place = {"at_ms": at_ms}
        made.append(comments.create_comment(by=by, video=video, text=text, place=place))
    comments.reply(by=owner(), comment=made[1], text="Yes. I will name it.")


def owner() -> Actor:
    by = actor_for(User.objects.get(email=EMAIL), None)
    if by is None:
        raise LookupError("the owner is in no team")
    return by


def _people(by: Actor) -> None:
    team = teams.home_team()
    for name, role in PEOPLE.items():
        mail = f"{name.split()[0].lower()}@northlight.example"
        user = User.objects.create_user(mail, None, name=name)
        teams.add_member(team=team, user=user, role=role)
    invitations.invite(by=by, email="lena@northlight.example", role=Role.EDITOR)
    invitations.invite(by=by, email="accounts@northlight.example", role=Role.VIEWER)


def _channels(by: Actor) -> list[Channel]:
    made = []
    for (name, slug), kit in zip(CHANNELS.items(), KITS, strict=True):
        look = {
            field: getattr(kit, field)
            for field in ("ink", "paper", "accent", "second", "glow", "font")
        }
        channel = channels.create_channel(by=by, name=name, slug=slug, brand=look)
        made.append(channel)
    channels.change_channel(by=by, channel=made[1], settings={"approval": "one"})
    return made


def _order(by: Actor, channel: Channel, source: str, form: str, seconds: int, **more: Any) -> None:
    wish = Wish(source=source, format=form, seconds=seconds, voice="fast", **more)
    actions.create_video(by=by, channel=channel, wish=wish)
