"""Who may do what with a video that people work on together: members, and who came by a link."""

import hashlib
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from collab.models import ShareLink, ShareRole
from teams.access import Actor, Forbidden, team_for_comment
from teams.models import Team
from videos.models import Video
from videos.scripts import gone_out

LONGEST_NAME = 80
NAMELESS = "Guest"


class RoomRole(StrEnum):
    EDITOR = "editor"
    COMMENTER = "commenter"
    VIEWER = "viewer"


@dataclass(frozen=True)
class Guest:
    """Somebody without an account here, who has the link to one video."""

    link_id: int
    team_id: int
    video_id: int
    role: str
    name: str
    key: str = (
        ""  # tells those apart who came by one link; empty: a program, at each socket another
    )

    @property
    def owner(self) -> str:
        """As teams.access.Actor's."""
        return f"link:{self.link_id}:{self.key}"

    @property
    def may_comment(self) -> bool:
        return self.role == ShareRole.COMMENTER


def hashed(secret: str) -> str:
    """Plain sha256: the secret has 256 bits of chance, which no dictionary holds."""
    return hashlib.sha256(secret.encode()).hexdigest()


def guest_of(secret: str, name: str = "") -> Guest | None:
    """None: the link is wrong, revoked or has expired, or its video was deleted."""
    return _guest(ShareLink.objects.usable().filter(sha256=hashed(secret)).first(), name, "")


def guest_again(link_id: int, name: str, key: str) -> Guest | None:
    """Somebody whose browser has shown the secret before. None: as `guest_of`."""
    return _guest(ShareLink.objects.usable().filter(pk=link_id).first(), name, key)


def _guest(link: ShareLink | None, name: str, key: str) -> Guest | None:
    if link is None:
        return None
    return Guest(link.pk, link.team_id, link.video_id, link.role, printable(name) or NAMELESS, key)


def printable(name: str) -> str:
    """A name as it is shown. Without letters that nobody sees or that turn the others around, a
    name can't hide that it is a guest's."""
    seen = (one if unicodedata.category(one)[0] != "C" else " " for one in name)
    return " ".join("".join(seen).split())[:LONGEST_NAME].strip()


def still_there(guest: Guest) -> bool:
    """Whether the link that they came by is good yet."""
    return ShareLink.objects.usable().filter(pk=guest.link_id, role=guest.role).exists()


def usable_links(link_ids: Collection[int]) -> dict[int, str]:
    """The role of each that is good yet."""
    found = ShareLink.objects.usable().filter(pk__in=link_ids)
    return dict(found.values_list("pk", "role"))


def role_in_room(by: Actor | Guest | None, video: Video) -> RoomRole | None:
    """What somebody may do in the room of a video as things are; None: not come in."""
    return None if by is None else _role(by, video, gone_out([video]))


def roles_in_rooms(
    asked: Mapping[int, Sequence[Actor | Guest]],
) -> dict[int, list[RoomRole | None]]:
    """What each of those in the rooms of these videos may do there now, in two queries."""
    videos = Video.objects.in_bulk(asked)
    out = gone_out(list(videos.values()))
    return {
        pk: [_role(by, videos[pk], out) if pk in videos else None for by in people]
        for pk, people in asked.items()
    }


def _role(by: Actor | Guest, video: Video, out: Collection[int]) -> RoomRole | None:
    """What has gone out is read by everybody and written by none."""
    if by.team_id != video.team_id or video.deleted_at is not None:
        return None
    if isinstance(by, Guest) and by.video_id != video.pk:
        return None
    if isinstance(by, Actor) and not by.has_scope("videos:read"):
        return None
    if isinstance(by, Actor) and not by.has_scope("videos:write"):
        return RoomRole.VIEWER
    if isinstance(by, Actor) and by.may_edit and video.pk not in out:
        return RoomRole.EDITOR
    return RoomRole.COMMENTER if by.may_comment else RoomRole.VIEWER


def team_for_words(by: Actor | Guest, video: Video) -> Team:
    """The team of a video on which somebody comments. Raises Forbidden."""
    if isinstance(by, Actor):
        return team_for_comment(by, video.team_id)
    if by.video_id != video.pk or not by.may_comment or not still_there(by):
        raise Forbidden("This link does not let you comment.")
    return video.team
