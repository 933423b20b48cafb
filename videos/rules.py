"""What a channel does not want told: looked at before money is spent on words, and again before it
is spent on voices."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from channels_app.models import Channel, Unsupported
from config.kit.database import verb
from config.kit.errors import Refused
from teams.access import Actor, team_for_edit
from teams.events import publish
from videos import moves, readiness
from videos.contracts import Script
from videos.models import IN_WORK, Video, VideoState
from videos.moves import WrongState
from videos.news import ClaimsAccepted
from videos.writing import scripts as texts
from videos.writing import told
from videos.writing.wordlists import listed, named_in

WORDS = "blocked_words"
SHOWN = 3


class BlockedTopic(Refused):
    code = "blocked_topic"


class ClaimsOpen(Refused):
    code = "unsupported_claims"


def refuse_topic(channel: Channel, title: str, source: str) -> None:
    """Looks at the whole text: not inside a transaction."""
    topics = topics_of(channel)
    found = named_in(f"{title}\n{source}", topics) if topics else []
    words = listed(channel.blocked_words)
    found = found or (named_in(title, words) if words else [])
    if found:
        raise _blocked(channel, found[0])


def refuse_script(channel: Channel, script: Script) -> None:
    """Words that are ready: what they are about is looked at before there is a video."""
    found = told.first_named(json.loads(texts.to_json(script)), topics_of(channel))
    if found is not None:
        raise _blocked(channel, found[1])


def refuse_words(channel: Channel, *said: str) -> None:
    """What is about to be told or to go out. Raises BlockedTopic."""
    found = named_in("\n".join(map(str, said)), avoided(channel))
    if found:
        raise BlockedTopic(f"The channel {channel.name} blocks “{found[0]}”: say it otherwise.")


def refuse_blocked(video: Video) -> None:
    """Before it goes out: its channel may block more by now than when it was made."""
    found = _against_rules(video)
    if found is not None:
        raise BlockedTopic(found.reason)


def _blocked(channel: Channel, found: str) -> BlockedTopic:
    return BlockedTopic(
        f"The channel {channel.name} makes no videos about “{found}”: choose another text, "
        "or change what the channel blocks."
    )


def topics_of(channel: Channel) -> tuple[str, ...]:
    return listed(channel.blocked_topics)


def avoided(channel: Channel) -> list[str]:
    return [*listed(channel.blocked_topics), *listed(channel.blocked_words)]


def open_claims(video: Video) -> list[dict[str, object]]:
    """Of the current script, those that nothing bears out and nobody has accepted."""
    claims = video.script.content.get("claims", []) if video.script else []
    accepted = set(video.plan.get("accepted_claims", ()))
    flagged = [claim for claim in claims if not claim["is_supported"]]
    return [claim for claim in flagged if _mark(claim["text"]) not in accepted]


def hold_back(video: Video) -> None:
    """Inside a verb that has locked the video: before anything is spoken, it stands still if its
    script is against the rules of its channel."""
    if video.script is None:
        return
    leaving = (*IN_WORK, VideoState.BLOCKED, VideoState.FAILED)
    if found := _against_rules(video):
        moves.move(video, VideoState.FAILED, leaving=leaving, reason=found.reason, code=found.code)
        return
    claims = open_claims(video)
    policy = video.channel.unsupported_claims if claims else Unsupported.ALLOW
    if policy == Unsupported.ALLOW:
        return
    listed_claims = " ".join(f"“{claim['text']}”" for claim in claims[:SHOWN])
    count = f"No source bears out {len(claims)} of the script's claims: {listed_claims}"
    if policy == Unsupported.BLOCK:
        reason = f"{count} Change those scenes; this channel takes none."
        moves.move(video, VideoState.FAILED, leaving=leaving, reason=reason, code=ClaimsOpen.code)
    else:
        reason = f"{count} Accept them, or change those scenes."
        moves.move(video, VideoState.BLOCKED, leaving=leaving, reason=reason, code=ClaimsOpen.code)


@dataclass(frozen=True)
class _Found:
    code: str
    reason: str


def _against_rules(video: Video) -> _Found | None:
    """By all that is published or shown: the name of the video, its script, its cards."""
    content = video.script.content if video.script else {}
    shown: Mapping[str, Any] = {**content, "title": f"{video.title}\n{content.get('title', '')}"}
    for code, blocked in (
        (BlockedTopic.code, topics_of(video.channel)),
        (WORDS, listed(video.channel.blocked_words)),
    ):
        if found := told.first_named(shown, blocked):
            place, word = found
            return _Found(code, f"{place} says “{word}”, which this channel blocks: change that.")
    return None


@verb
def accept_claims(*, by: Actor, video: Video, script: int) -> None:
    """A person answers for what the source does not bear out, and the video is made. `script` is
    the number of the version that they have read. Raises Refused (text_changed) for another."""
    team_for_edit(by, video.team_id)
    locked = moves.lock_kept(video.pk)
    if not waits(locked):
        raise WrongState("This video waits for nobody to accept its claims.")
    if locked.script is None or locked.script.number != script:
        raise Refused(
            "The script has changed since you read its claims: read them again, then accept them.",
            code="text_changed",
        )
    marks = {_mark(str(claim["text"])) for claim in open_claims(locked)}
    locked.plan["accepted_claims"] = sorted(marks | set(locked.plan.get("accepted_claims", ())))
    locked.save(update_fields=["plan"])
    publish(locked.team_id, ClaimsAccepted(locked.pk, len(marks)))
    moves.move(locked, VideoState.QUEUED, leaving=[VideoState.BLOCKED])
    readiness.halt(locked)
    readiness.promote(locked)
    hold_back(locked)


def waits(video: Video) -> bool:
    """Whether a person has to answer for claims before it goes on."""
    return video.state == VideoState.BLOCKED and video.reason_code == ClaimsOpen.code


def refuse_resuming(video: Video) -> None:
    if waits(video):
        raise ClaimsOpen(video.reason)


def _mark(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
