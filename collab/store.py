"""Documents in the database: numbered rows of updates, folded into a snapshot now and then.

1. A row's number comes from one UPDATE of its document, in the transaction that writes the row: so
   numbers have no gaps and become visible in their order, and who knows row n has missed nothing
   when n + 1 comes.
2. Every FOLD_EVERY rows the older ones become part of the snapshot, out of the rows themselves:
   what a Doc in memory would write leaves out what still waits for an earlier update.
3. The last KEPT_ROWS stay, for processes that are a little behind.
4. Once nobody has written for a while all of it is written anew, without what was deleted; what is
   larger than a document may be, at once.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from pycrdt import get_update, merge_updates

from collab import documents
from collab.models import Document, DocumentUpdate
from config.kit.database import advance, lock_free_ones, skips_locked, verb
from config.kit.errors import Refused
from config.kit.live import hints
from videos import scripts
from videos.contracts import SceneText
from videos.models import Video
from videos.moves import lock_kept

FOLD_EVERY, KEPT_ROWS = 200, 50
LARGEST = 2_000_000  # bytes of a document
LARGEST_UPDATE = 256_000
LARGEST_HINT = 48_000  # of a larger row only the number is told, and others ask for it


class TooLarge(Refused):
    code = "document_too_large"


class NoScript(Refused):
    code = "no_script"


class OtherEpoch(Exception):
    """The document was begun anew meanwhile: what was read of it before must not be written."""


@dataclass(frozen=True)
class Loaded:
    """Updates of a document up to row `seq`, to be applied in their order."""

    epoch: int
    seq: int
    updates: Sequence[bytes]


@verb
def open_for(video: Video) -> Document:
    """The document of a video; the first call writes its content, out of the script of now."""
    found = Document.objects.filter(video=video).defer("snapshot").first()
    if found is not None:
        return found
    locked = lock_kept(video.pk)
    document, is_new = Document.objects.get_or_create(video=locked)
    if is_new:
        _begin(document, locked)
    return document


def _begin(document: Document, video: Video) -> None:
    seq = append(document.pk, documents.seed(_scenes(video)))
    Document.objects.filter(pk=document.pk).update(materialised_seq=seq, fault="")
    document.refresh_from_db()


def _scenes(video: Video) -> Sequence[SceneText]:
    try:
        return scripts.current(video).scenes
    except LookupError:
        raise NoScript("There is no script yet: wait until it is written.") from None


@verb
def begin_anew(document: Document) -> None:
    """Forgets the history, for a document that has grown too large: the script as it was last
    materialised is the content of a new epoch, and clients of the old one drop what they hold."""
    video = lock_kept(document.video_id)
    locked = Document.objects.select_for_update(no_key=True).get(pk=document.pk)
    locked.updates.all().delete()
    Document.objects.filter(pk=locked.pk).update(
        epoch=locked.epoch + 1, snapshot=b"", snapshot_seq=locked.seq
    )
    _begin(locked, video)


@verb
def append(
    document_id: int, data: bytes, author_id: int | None = None, *, epoch: int | None = None
) -> int:
    """Writes an update and answers its number. Raises OtherEpoch, and LookupError where there is
    no document."""
    seq = advance(Document._meta.db_table, "seq", "id", document_id, 1)
    if epoch is not None and head(document_id)[0] != epoch:
        raise OtherEpoch(document_id)
    DocumentUpdate.objects.create(document_id=document_id, seq=seq, data=data, author_id=author_id)
    return seq


def append_and_tell(document: Document, data: bytes, author_id: int | None) -> int:
    """As `append`, for who has no room open: rooms hear of it after the commit."""
    seq = append(document.pk, data, author_id)
    told = {"kind": "row", "epoch": document.epoch, "seq": seq, "data": as_hint(data)}
    hints.after_commit(topic_of(document.pk), **told)
    return seq


def topic_of(document_id: int) -> str:
    """Of the hub; rooms follow it."""
    return f"room.{document_id}"


def as_hint(data: bytes) -> bytes:
    return data if len(data) <= LARGEST_HINT else b""


def head(document_id: int) -> tuple[int, int]:
    """The epoch and the number of the last row. Raises LookupError."""
    found = Document.objects.filter(pk=document_id).values_list("epoch", "seq").first()
    if found is None:
        raise LookupError(f"there is no document {document_id}")
    return found


def heads(document_ids: Collection[int]) -> dict[int, tuple[int, int]]:
    """Of those that there are."""
    found = Document.objects.filter(pk__in=document_ids).values_list("pk", "epoch", "seq")
    return {pk: (epoch, seq) for pk, epoch, seq in found}


def load(document_id: int) -> Loaded:
    """The whole document."""
    while True:
        document = Document.objects.filter(pk=document_id).first()
        if document is None:
            raise LookupError(f"there is no document {document_id}")
        rows = _rows(document_id, document.snapshot_seq)
        first = rows[0][0] if rows else document.seq + 1
        if first != document.snapshot_seq + 1:
            continue  # folded between the two questions
        seq = rows[-1][0] if rows else document.snapshot_seq
        snapshot = [bytes(document.snapshot)] if document.snapshot else []
        return Loaded(document.epoch, seq, [*snapshot, *(data for _, data in rows)])


def since(document_id: int, seq: int) -> Loaded:
    """What was written behind row `seq`; all, where rows of that are folded already."""
    rows = _rows(document_id, seq)
    epoch, last = head(document_id)  # asked second: rows of a later epoch are never taken for ours
    if rows[0][0] != seq + 1 if rows else last > seq:
        return load(document_id)
    return Loaded(epoch, rows[-1][0] if rows else seq, [data for _, data in rows])


def _rows(document_id: int, seq: int) -> list[tuple[int, bytes]]:
    rows = DocumentUpdate.objects.filter(document=document_id, seq__gt=seq).order_by("seq")
    return [(number, bytes(data)) for number, data in rows.values_list("seq", "data")]


def is_long(seq: int, snapshot_seq: int) -> bool:
    return seq - snapshot_seq >= FOLD_EVERY + KEPT_ROWS


@verb
def fold(document_id: int) -> bool:
    """Makes the older rows part of the snapshot. False: there are few, or another does it."""
    document = _free(document_id)
    if document is None or not is_long(document.seq, document.snapshot_seq):
        return False
    until = document.seq - KEPT_ROWS
    merged = merge_updates(*_until(document, until))
    _set_snapshot(document, until, _anew(merged) if len(merged) > LARGEST else merged)
    return True


@verb
def rewrite(document_id: int) -> bool:
    """Writes the document anew: merged updates keep every letter that was ever typed, a Doc lets go
    of what was deleted. Where an update waits for an earlier one they are merged all the same.
    False: it is done already, or another does it."""
    document = _free(document_id)
    if document is None or document.snapshot_seq == document.seq:
        return False
    merged = merge_updates(*_until(document, document.seq))
    _set_snapshot(document, document.seq, _anew(merged))
    return True


def _anew(merged: bytes) -> bytes:
    doc = documents.loaded(merged)
    is_whole = documents.only_deletes(get_update(merged, doc.get_state()))
    return doc.get_update() if is_whole else merged


def _free(document_id: int) -> Document | None:
    rows = Document.objects.filter(pk=document_id)
    return (lock_free_ones(rows) if skips_locked() else rows).first()


def _until(document: Document, seq: int) -> list[bytes]:
    rows = document.updates.filter(seq__lte=seq).order_by("seq")
    snapshot = [bytes(document.snapshot)] if document.snapshot else []
    return [*snapshot, *(bytes(data) for data in rows.values_list("data", flat=True))]


def _set_snapshot(document: Document, seq: int, snapshot: bytes) -> None:
    Document.objects.filter(pk=document.pk).update(snapshot=snapshot, snapshot_seq=seq)
    document.updates.filter(seq__lte=seq).delete()
