"""Between the document, which people write, and the script's rows, which everything else reads.

From the moment that a video has a document the document has the word. What it says becomes a new
version of the script once nobody has written for a second (OpenDocument), at once where somebody
wants the video made, and by the sweep where a process died in between. What another door changes
(the API, the pages, the admin) becomes an edit of the document first.

Lock order: the video, then its document.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet
from pycrdt import Doc

from collab import documents, store
from collab.models import Document, DocumentUpdate
from config.kit.database import after, verb
from config.kit.errors import Refused
from videos import scripts
from videos.contracts import SceneText
from videos.models import Video
from videos.moves import Deleted, lock_kept
from videos.scripts import BeingPublished
from videos.writing.scripts import MAX_SCENES

SWEPT_AFTER = scripts.QUIET
IDLE = timedelta(hours=1)
SWEPT_AT_ONCE = 100


class DocumentWriter:
    """Fills `registry.script_writer`."""

    def settle(self, video: Video, *, strictly: bool) -> None:
        """What has gone out stays as it is, whatever people write."""
        document = _of(video)
        if document is None or _is_settled(document):
            return
        fault = _materialise(document, video)
        if fault and strictly and not isinstance(fault, BeingPublished):
            raise fault

    def write(
        self, video: Video, was: Sequence[SceneText], scenes: Sequence[SceneText], by_id: int | None
    ) -> None:
        document = _of(video)
        if document is None:
            return
        was_settled = _is_settled(document)
        seq = _edit(document, by_id, lambda doc: documents.apply_scenes(doc, scenes, was))
        if seq and was_settled:  # the caller makes rows of it
            behind = Document.objects.filter(pk=document.pk, materialised_seq=seq - 1)
            behind.update(materialised_seq=seq)


def _of(video: Video) -> Document | None:
    return Document.objects.filter(video=video).defer("snapshot").first()


def _is_settled(document: Document) -> bool:
    return document.materialised_seq == document.seq and not document.fault


def _edit(document: Document, by_id: int | None, change: Callable[[Doc[Any]], None]) -> int:
    """Changes the head of a document and answers the new row's number; 0: nothing changed."""
    Document.objects.select_for_update(no_key=True).only("pk").get(pk=document.pk)
    doc = documents.loaded(*store.load(document.pk).updates)
    update = documents.edited(doc, change)
    return store.append_and_tell(document, update, by_id) if update else 0


@verb
def edit_document(video: Video, by_id: int | None, change: Callable[[Doc[Any]], None]) -> None:
    """An edit by the studio, on a person's behalf; the script's rows follow at once. Raises what
    `change` raises, and Refused where the script would be none."""
    locked = lock_kept(video.pk)
    scripts.refuse_if_gone_out(locked)
    document = store.open_for(locked)
    _edit(document, by_id, change)
    fault = _materialise(document, locked)
    if fault is not None:
        raise fault


@verb
def materialise(document_id: int) -> str:
    """Makes a version of the script of what the document says. Answers why it is none, or ""."""
    found = Document.objects.filter(pk=document_id).defer("snapshot")
    video_id = found.values_list("video_id", flat=True).first()
    if video_id is None:
        return ""
    try:
        video = lock_kept(video_id)
    except Deleted as refusal:
        return refusal.message
    document = found.get()
    fault = None if _is_settled(document) else _materialise(document, video)
    return fault.message if fault else ""


def _materialise(document: Document, video: Video) -> Refused | None:
    """The caller holds the video. Answers why the head can't be the script."""
    loaded = store.load(document.pk)
    doc = documents.loaded(*loaded.updates)
    seq = loaded.seq
    mended = documents.edited(doc, documents.mend)
    if mended and store.append_and_tell(document, mended, None) == seq + 1:
        seq += 1
    fault = _save(video, documents.scenes_of(doc), _author_since(document))
    told = fault.message if fault else ""
    Document.objects.filter(pk=document.pk).update(materialised_seq=seq, fault=told)
    return fault


def _author_since(document: Document) -> int | None:
    """Who wrote what the script does not hold yet, if one person did."""
    rows = document.updates.filter(seq__gt=document.materialised_seq)
    found = set(rows.values_list("author_id", flat=True))
    return found.pop() if len(found) == 1 else None


def _save(video: Video, scenes: Sequence[SceneText], saved_by_id: int | None) -> Refused | None:
    try:
        scripts.save_scenes(video, written(scenes), saved_by_id=saved_by_id)
    except Refused as fault:
        return fault
    return None


def written(scenes: Sequence[SceneText]) -> list[SceneText]:
    """A scene that nobody has written yet is not part of the video. Raises Refused."""
    if len(scenes) > MAX_SCENES:
        told = f"This script has {len(scenes)} scenes; {MAX_SCENES} is the most."
        raise Refused(told, code="bad_script")
    return [scene for scene in scenes if any(mark.isalnum() for mark in scene.narration)]


def sweep() -> int:
    """Documents whose last row no process has materialised; those that have grown long, and those
    that nobody writes any more."""
    found = _first(_with_last_row_before(SWEPT_AFTER).filter(seq__gt=F("materialised_seq")))
    for document_id in found:
        materialise(document_id)
    long = Document.objects.filter(seq__gte=F("snapshot_seq") + store.FOLD_EVERY + store.KEPT_ROWS)
    for document_id in _first(long):
        store.fold(document_id)
    for document_id in _first(_with_last_row_before(IDLE).filter(seq__gt=F("snapshot_seq"))):
        store.rewrite(document_id)
    return len(found)


def _with_last_row_before(age: timedelta) -> "QuerySet[Document]":
    last = DocumentUpdate.objects.filter(
        document=OuterRef("pk"), seq=OuterRef("seq"), created_at__lt=after(-age)
    )
    return Document.objects.filter(Exists(last))


def _first(rows: "QuerySet[Document]") -> list[int]:
    return list(rows.order_by("id").values_list("pk", flat=True)[:SWEPT_AT_ONCE])
