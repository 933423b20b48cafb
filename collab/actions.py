"""What people say about a video and do with what was said: comments, suggestions, share links.

`by` is a member of the team or a Guest; who edits is a member.
"""

import secrets
from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any

from django.db.models import F, Q
from django.db.models.functions import Now
from pycrdt import Doc

from collab import documents
from collab.models import Comment, ShareLink, ShareRole, Suggestion, SuggestionState
from collab.news import (
    CommentAdded,
    CommentDeleted,
    CommentEdited,
    CommentMentioned,
    ShareLinkMade,
    ShareLinkRevoked,
    SuggestionDecided,
    SuggestionMade,
    ThreadReopened,
    ThreadResolved,
)
from collab.places import find_words
from collab.roles import Guest, hashed, team_for_words
from collab.writing import edit_document
from config.kit import rows
from config.kit.database import after, verb
from config.kit.errors import Refused
from config.kit.live import hints
from teams.access import Actor, Forbidden, team_for_comment, team_for_edit
from teams.events import publish
from teams.models import Membership, User
from videos import moves, outputs
from videos.models import Video

MOST_MENTIONS, MOST_LINKS = 20, 50
LONGEST_DAYS = 365
SEEN_EVERY = timedelta(minutes=1)
IN_TEXT = {"scene_uid", "anchor", "quote"}
PLACE = IN_TEXT | {"at_ms", "cut"}
SUGGESTED = {"scene_uid", "anchor", "quote", "before", "after", "replacement", "note"}


class NoSuchThread(Refused):
    code = "no_such_thread"


class TextChanged(Refused):
    code = "text_changed"


class Decided(Refused):
    code = "already_decided"


# --- comments


@verb
def create_comment(
    *,
    by: Actor | Guest,
    video: Video,
    text: str,
    mentions: Collection[int] = (),
    place: Mapping[str, Any] | None = None,
) -> Comment:
    """A thread at a `place` (fields of PLACE), or about the whole video. `cut` is the one that was
    looked at; not said, it is the one of now."""
    wanted = dict(place or {})
    if set(wanted) - PLACE:
        raise Refused(f"{min(set(wanted) - PLACE)}: this is no place.", code="invalid")
    is_in_text = any(map(wanted.get, IN_TEXT))
    if is_in_text and wanted.get("at_ms") is not None:
        raise Refused("A comment stands in the text or at a moment, not both.", code="invalid")
    if is_in_text and wanted.get("cut"):
        raise Refused("cut: the text is of no cut, only the video is.", code="invalid")
    if not is_in_text:
        wanted["cut"] = wanted.get("cut") or outputs.delivered(video).get("video.mp4", "")
    return _say(by, video, Comment(text=text, **wanted), mentions)


@verb
def reply(
    *, by: Actor | Guest, comment: Comment, text: str, mentions: Collection[int] = ()
) -> Comment:
    """Into the thread that the comment belongs to."""
    thread_id = comment.parent_id or comment.pk
    thread = Comment.objects.filter(pk=thread_id, deleted_at=None).select_related("video").first()
    if thread is None:
        raise NoSuchThread("This thread was deleted meanwhile.")
    return _say(by, thread.video, Comment(text=text, parent=thread), mentions)


def _say(by: Actor | Guest, video: Video, comment: Comment, mentions: Collection[int]) -> Comment:
    team = team_for_words(by, video)
    _refuse_deleted(video)
    comment.team, comment.video = team, video
    _sign(comment, by)
    comment.text = comment.text.strip()
    rows.refuse_invalid(comment, unchecked=["team", "video", "parent", "author"])
    comment.save()
    publish(team, CommentAdded(video.pk, comment.pk, comment.parent_id, comment.author_id))
    _mention(comment, mentions)
    return comment


def _refuse_deleted(video: Video) -> None:
    """What is said changes no video, so nothing waits for its row."""
    if not Video.objects.filter(pk=video.pk, deleted_at=None).exists():
        raise moves.Deleted("This video was deleted: restore it first.")


def _sign(row: Comment | Suggestion, by: Actor | Guest) -> None:
    if isinstance(by, Guest):
        row.guest = by.name
    else:
        row.author_id = by.user_id


def _mention(comment: Comment, user_ids: Collection[int]) -> None:
    """Who was mentioned before is not told again."""
    wanted = set(user_ids)
    if len(wanted) > MOST_MENTIONS:
        raise Refused(f"mentions: at most {MOST_MENTIONS} people.", code="invalid")
    members = Membership.objects.filter(
        team_id=comment.team_id, user_id__in=wanted, user__is_active=True
    )
    found = set(members.values_list("user_id", flat=True))
    if wanted - found:
        raise Refused("mentions: only people of this team can be mentioned.", code="invalid")
    before = set(comment.mentions.values_list("pk", flat=True))
    comment.mentions.set(User.objects.filter(pk__in=found))
    for user_id in sorted(found - before):
        publish(comment.team_id, CommentMentioned(comment.video_id, comment.pk, user_id))


@verb
def edit_comment(
    *,
    by: Actor,
    comment: Comment,
    text: str | None = None,
    mentions: Collection[int] | None = None,
    version: int | None = None,
) -> Comment:
    """One's own. Raises Stale."""
    locked = _own(by, comment)
    rows.refuse_stale(locked, version)
    wanted = {} if text is None else {"text": text.strip()}
    changed = rows.change(locked, wanted, among=("text",))
    if changed:
        Comment.objects.filter(pk=locked.pk).update(edited_at=Now())
        publish(locked.team_id, CommentEdited(locked.video_id, locked.pk))
    if mentions is not None:
        _mention(locked, mentions)
    return locked


@verb
def delete_comment(*, by: Actor, comment: Comment, version: int | None = None) -> None:
    """One's own, or as an admin any; with a thread go its replies. Raises Stale."""
    locked = _lock(comment)
    team_for_comment(by, locked.team_id)
    if locked.author_id != by.user_id and not by.may_admin:
        raise Forbidden("Only who wrote a comment, an owner or an admin may delete it.")
    rows.refuse_stale(locked, version)
    thread = Comment.objects.filter(deleted_at=None).filter(pk=locked.pk)
    thread |= Comment.objects.filter(deleted_at=None, parent=locked.pk)
    if thread.update(deleted_at=Now()):
        publish(locked.team_id, CommentDeleted(locked.video_id, locked.pk))


@verb
def resolve_thread(*, by: Actor, comment: Comment) -> Comment:
    """Doing it again changes nothing."""
    return _settle(by, comment, is_resolved=True)


@verb
def reopen_thread(*, by: Actor, comment: Comment) -> Comment:
    return _settle(by, comment, is_resolved=False)


def _settle(by: Actor, comment: Comment, *, is_resolved: bool) -> Comment:
    team_for_comment(by, comment.team_id)
    locked = _lock(comment)
    if locked.parent_id is not None:
        raise Refused("A reply is settled with its thread.", code="no_thread")
    there = Comment.objects.filter(pk=locked.pk, resolved_at__isnull=is_resolved)
    moved = there.update(
        resolved_at=Now() if is_resolved else None,
        resolved_by_id=by.user_id if is_resolved else None,
        version=F("version") + 1,
        changed_at=Now(),
    )
    if moved:
        news = ThreadResolved if is_resolved else ThreadReopened
        publish(locked.team_id, news(locked.video_id, locked.pk))
    locked.refresh_from_db()
    return locked


def _lock(comment: Comment) -> Comment:
    rows = Comment.objects.select_for_update(no_key=True)
    found = rows.filter(pk=comment.pk, deleted_at=None).first()
    if found is None:
        raise NoSuchThread("This comment was deleted meanwhile.")
    return found


def _own(by: Actor, comment: Comment) -> Comment:
    team_for_comment(by, comment.team_id)
    locked = _lock(comment)
    if by.user_id is None or locked.author_id != by.user_id:
        raise Forbidden("Only who wrote a comment may change it.")
    return locked


# --- suggestions


@verb
def suggest(*, by: Actor | Guest, video: Video, **said: Any) -> Suggestion:
    """`said` are fields of SUGGESTED. The place is the quote, with what stands around it."""
    team = team_for_words(by, video)
    strange = set(said) - SUGGESTED
    if strange:
        raise Refused(f"{min(strange)}: a suggestion has no such field.", code="invalid")
    _refuse_deleted(video)
    suggestion = Suggestion(team=team, video=video, **said)
    _sign(suggestion, by)
    if not suggestion.scene_uid:
        raise Refused("scene_uid: say in which scene.", code="invalid")
    if not (suggestion.quote or suggestion.before or suggestion.after):
        raise Refused("quote: say which words, or what stands around them.", code="invalid")
    if suggestion.quote == suggestion.replacement:
        raise Refused("replacement: this changes nothing.", code="invalid")
    rows.refuse_invalid(suggestion, unchecked=["team", "video", "author"])
    suggestion.save()
    publish(team, SuggestionMade(video.pk, suggestion.pk, suggestion.author_id))
    return suggestion


@verb
def accept_suggestion(*, by: Actor, suggestion: Suggestion) -> Suggestion:
    """The words go into the document, and so into the script. Raises TextChanged, Decided."""
    team_for_edit(by, suggestion.team_id)
    moves.lock_kept(suggestion.video_id)
    decided = _decide(by, suggestion, SuggestionState.ACCEPTED)
    edit_document(decided.video, by.user_id, lambda doc: _write(doc, decided))
    return decided


def _write(doc: "Doc[Any]", suggestion: Suggestion) -> None:
    typed = documents.typed_narration(doc, suggestion.scene_uid)
    place = None
    if typed is not None:
        place = find_words(typed, suggestion.quote, suggestion.before, suggestion.after)
    if place is None:
        raise TextChanged(
            "The text has changed since: look at it again, then write the words yourself."
        )
    end = place + len(suggestion.quote)
    documents.replace_words(doc, suggestion.scene_uid, place, end, suggestion.replacement)


@verb
def reject_suggestion(*, by: Actor, suggestion: Suggestion) -> Suggestion:
    team_for_edit(by, suggestion.team_id)
    return _decide(by, suggestion, SuggestionState.REJECTED)


@verb
def withdraw_suggestion(*, by: Actor, suggestion: Suggestion) -> Suggestion:
    """One's own."""
    team_for_comment(by, suggestion.team_id)
    if by.user_id is None or suggestion.author_id != by.user_id:
        raise Forbidden("Only who made a suggestion may take it back.")
    return _decide(by, suggestion, SuggestionState.WITHDRAWN)


def _decide(by: Actor, suggestion: Suggestion, state: SuggestionState) -> Suggestion:
    waiting = Suggestion.objects.filter(pk=suggestion.pk, state=SuggestionState.OPEN)
    if not waiting.update(
        state=state,
        decided_at=Now(),
        decided_by_id=by.user_id,
        version=F("version") + 1,
        changed_at=Now(),
    ):
        raise Decided("This suggestion was decided already.")
    suggestion.refresh_from_db()
    publish(suggestion.team_id, SuggestionDecided(suggestion.video_id, suggestion.pk, state))
    return suggestion


# --- share links


@verb
def create_share_link(
    *, by: Actor, video: Video, role: str = ShareRole.VIEWER, days: int | None = 30, name: str = ""
) -> tuple[ShareLink, str]:
    """The row and the secret, which is nowhere kept. `days` None: it does not expire."""
    team = team_for_edit(by, video.team_id)
    _refuse_deleted(video)
    if days is not None and not 1 <= days <= LONGEST_DAYS:
        raise Refused(f"days: write a number from 1 to {LONGEST_DAYS}.", code="invalid")
    if ShareLink.objects.usable().filter(video=video).count() >= MOST_LINKS:
        raise Refused(f"A video has at most {MOST_LINKS} links: revoke one that nobody uses.")
    secret = secrets.token_urlsafe(32)
    link = ShareLink(
        team=team,
        video=video,
        name=name.strip(),
        role=role,
        sha256=hashed(secret),
        created_by_id=by.user_id,
        expires_at=after(timedelta(days=days)) if days else None,
    )
    rows.refuse_invalid(link, unchecked=["team", "video", "expires_at"])
    link.save()
    link.refresh_from_db()
    publish(team, ShareLinkMade(video.pk, link.pk, link.role))
    return link, secret


@verb
def note_use(link_id: int) -> None:
    """At most once a minute, so that reading stays reading."""
    stale = Q(last_used_at=None) | Q(last_used_at__lt=after(-SEEN_EVERY))
    ShareLink.objects.filter(stale, pk=link_id).update(last_used_at=Now())


@verb
def revoke_share_link(*, by: Actor, link: ShareLink) -> None:
    """Doing it again changes nothing."""
    team = team_for_edit(by, link.team_id)
    if ShareLink.objects.filter(pk=link.pk, revoked_at=None).update(revoked_at=Now()):
        publish(team, ShareLinkRevoked(link.video_id, link.pk))
        hints.after_commit(hints.RIGHTS, link=link.pk)
