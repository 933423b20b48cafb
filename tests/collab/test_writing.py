"""One truth for the text: what people type and what other doors change end in one script."""

import asyncio
import hashlib
import queue
import threading
from datetime import timedelta

import pytest
from django.db.models.functions import Now

from collab import documents, store, writing
from collab.documents import loaded, scenes_of, text_of
from collab.models import Document, DocumentUpdate
from config.kit.database import after
from config.kit.errors import Refused, Stale
from config.kit.live.hub import hub
from teams.access import Forbidden
from tests.conftest import acting
from tests.videos.test_rewriting import SCRIPT
from videos import drafts, runs, scene_edits, scripts
from videos.actions import approve, change_order, edit_script, produce, resume, retry_stage
from videos.copies import duplicate_video
from videos.models import RunState, ScriptVersion, StageRun, Video, VideoState
from videos.pipeline import perform
from videos.writing import scripts as texts


@pytest.fixture
def written(by_ana, video) -> Video:
    edit_script(by=by_ana, video=video, script=SCRIPT)
    video.refresh_from_db()
    return video


@pytest.fixture
def document(written) -> Document:
    return store.open_for(written)


def head(document: Document):
    return loaded(*store.load(document.pk).updates)


def types(document: Document, behind: str, words: str) -> None:
    """Somebody types, and it is stored; nobody has materialised it yet."""

    def typed(doc) -> None:
        at = str(text_of(doc)).index(behind) + len(behind)
        text_of(doc).insert(len(str(text_of(doc))[:at].encode()), words)

    store.append(document.pk, documents.edited(head(document), typed), 7)


def said(video: Video) -> list[str]:
    return list(video.scenes.order_by("position").values_list("narration", flat=True))


def in_document(document: Document) -> list[str]:
    return [scene.narration for scene in scenes_of(head(document))]


def current(video: Video):
    return scripts.current(Video.objects.get(pk=video.pk))


# --- from the document to the rows


def test_a_document_begins_with_the_script_and_makes_no_version(written, document):
    assert tuple(scenes_of(head(document))) == current(written).scenes
    assert writing.materialise(document.pk) == ""
    assert written.script_versions.count() == 1


def test_what_people_type_becomes_a_version(written, document):
    types(document, "Kelp grows", " up to")
    assert said(written)[0] == "Kelp grows half a metre a day."
    assert writing.materialise(document.pk) == ""
    assert said(written)[0] == "Kelp grows up to half a metre a day."
    assert current(written).method == "edited"
    assert written.script_versions.get(number=2).saved_by_id == 7
    version = written.script_versions.get(number=2)
    text = texts.to_json(texts.read(version.content))
    assert version.sha256 == hashlib.sha256(text.encode()).hexdigest()


def test_asked_twice_it_is_one_version(written, document):
    types(document, "Kelp grows", " up to")
    writing.materialise(document.pk)
    writing.materialise(document.pk)
    assert written.script_versions.count() == 2


def test_only_the_scene_that_changed_has_another_version(written, document):
    types(document, "Kelp grows", " up to")
    writing.materialise(document.pk)
    assert list(written.scenes.order_by("position").values_list("version", flat=True)) == [2, 1, 1]


def test_of_each_sitting_the_last_version_stays(written, document):
    for words in ("One. ", "Two. ", "Three. ", "Four. "):
        types(document, "Otters guard it.", f" {words}")
        writing.materialise(document.pk)
    aged = {2: 3000, 3: 2995, 4: 1501, 5: 1500}  # two sittings: minutes ago
    for number, minutes in aged.items():
        ago = after(-timedelta(minutes=minutes))
        written.script_versions.filter(number=number).update(created_at=ago)
    assert drafts.thin_out(is_rehearsal=True) == 2
    assert drafts.thin_out() == 2
    assert list(written.script_versions.order_by("number").values_list("number", flat=True)) == [
        1,
        3,
        5,
    ]
    assert drafts.thin_out() == 0


@pytest.mark.parametrize("kept", ["named", "young", "of now"])
def test_versions_that_are_looked_for_again_stay(by_ana, written, document, kept):
    for words in ("One. ", "Two. "):
        types(document, "Otters guard it.", f" {words}")
        writing.materialise(document.pk)
    draft = written.script_versions.get(number=2)
    if kept != "young":
        ScriptVersion.objects.update(created_at=after(-timedelta(days=3)))
    if kept == "named":
        scene_edits.name_version(by=by_ana, version=draft, name="Mine")
    if kept == "of now":
        Video.objects.filter(pk=written.pk).update(script=draft)
    assert drafts.thin_out() == 0


def test_line_breaks_are_the_writers_and_not_the_speakers(written, document):
    types(document, "Otters guard it.", "\n\n")
    writing.materialise(document.pk)
    assert said(written)[1] == "Otters guard it. Urchins eat it."


def test_a_scene_that_nobody_wrote_yet_is_not_in_the_video(written, document):
    types(document, "Otters guard it. Urchins eat it.\n", "\ue000bbbb0001\ue001Soon\n")
    assert writing.materialise(document.pk) == ""
    assert written.scenes.count() == 3
    types(document, "Soon\n", "Crabs come.")
    writing.materialise(document.pk)
    assert [scene.uid for scene in written.scenes.order_by("position")][2] == "bbbb0001"


def test_what_is_no_script_says_why_and_changes_nothing(written, document):
    types(document, "Growth", "x" * 90)
    told = writing.materialise(document.pk)
    assert told == "Scene 1: headline has 96 characters; 80 is the most."
    document.refresh_from_db()
    assert document.fault == told
    assert said(written) == [scene.narration for scene in SCRIPT.scenes]


def test_a_copied_scene_gets_a_mark_of_its_own_in_the_document(written, document):
    copy = str(text_of(head(document))).partition("\ue000aaaa0002")[0]
    types(document, "Divers replant it.\n", copy)
    writing.materialise(document.pk)
    uids = [scene.uid for scene in written.scenes.order_by("position")]
    assert len(set(uids)) == 4
    assert [scene.id for scene in scenes_of(head(document))] == uids
    document.refresh_from_db()
    assert document.materialised_seq == document.seq


def test_the_sweep_finds_what_a_process_left_behind(written, document):
    types(document, "Kelp grows", " up to")
    assert writing.sweep() == 0
    DocumentUpdate.objects.update(created_at=after(-2 * writing.SWEPT_AFTER))
    assert writing.sweep() == 1
    assert "up to" in said(written)[0]
    assert writing.sweep() == 0


def test_in_the_bin_nothing_is_materialised(written, document):
    types(document, "Kelp grows", " up to")
    Video.objects.filter(pk=written.pk).update(deleted_at=Now())
    assert "deleted" in writing.materialise(document.pk)
    assert written.script_versions.count() == 1


# --- production


def due(video: Video):
    return StageRun.objects.ready().filter(video=video)


def test_what_people_still_write_is_not_made_word_by_word(written, document):
    types(document, "Kelp grows", " up to")
    writing.materialise(document.pk)
    assert not due(written).exists()
    assert written.runs.filter(state=RunState.WAITING, due_at__gt=Now()).exists()


def test_produced_right_after_a_keystroke_it_holds_the_keystroke(by_ana, written, document):
    types(document, "Kelp grows", " up to")
    produce(by=by_ana, video=written)
    assert "up to" in said(written)[0]
    assert due(written).exists()
    assert Video.objects.get(pk=written.pk).script.number == 2


@pytest.mark.parametrize("verb", ["resume", "retry", "duplicate"])
def test_every_way_to_a_video_waits_for_the_last_word(by_ana, written, document, verb):
    types(document, "Kelp grows", " up to")
    if verb == "resume":
        Video.objects.filter(pk=written.pk).update(state=VideoState.PAUSED)
        resume(by=by_ana, video=written)
    elif verb == "retry":
        retry_stage(by=by_ana, run=written.runs.get(stage="captions"))
    else:
        written = duplicate_video(by=by_ana, video=written)
    assert "up to" in said(written)[0]


def test_a_video_is_not_approved_with_words_that_are_not_in_it(by_ana, written, document):
    Video.objects.filter(pk=written.pk).update(state=VideoState.REVIEW)
    types(document, "Kelp grows", " up to")
    with pytest.raises(Refused, match="queued"):
        approve(by=by_ana, video=written)


def test_what_is_no_script_is_not_produced(by_ana, written, document):
    types(document, "Growth", "x" * 90)
    for _ in range(2):
        with pytest.raises(Refused, match="Scene 1: headline"):
            produce(by=by_ana, video=written)
        writing.materialise(document.pk)


@pytest.mark.parametrize("who", ["vic", "cho"])
def test_who_may_not_edit_produces_nothing(request, written, document, who):
    types(document, "Kelp grows", " up to")
    with pytest.raises(Forbidden):
        produce(by=acting(request.getfixturevalue(who)), video=written)
    assert said(written)[0] == "Kelp grows half a metre a day."


def test_what_has_gone_out_stays_as_it_is(written, document):
    Video.objects.filter(pk=written.pk).update(state=VideoState.PUBLISHED)
    types(document, "Kelp grows", " up to")
    assert "gone out" in writing.materialise(document.pk)
    assert said(written)[0] == "Kelp grows half a metre a day."


def test_the_copy_of_a_published_video_is_that_of_what_went_out(by_ana, written, document):
    Video.objects.filter(pk=written.pk).update(state=VideoState.PUBLISHED)
    types(document, "Kelp grows", " up to")
    assert said(duplicate_video(by=by_ana, video=written))[0] == "Kelp grows half a metre a day."


# --- from another door into the document


def test_another_doors_edit_is_an_edit_of_the_document(by_ana, written, document):
    scene = written.scenes.get(uid="aaaa0002")
    scene_edits.edit_scene(by=by_ana, scene=scene, narration="Otters rest.")
    assert in_document(document) == said(written)
    document.refresh_from_db()
    assert (document.seq, document.materialised_seq) == (2, 2)
    assert document.updates.get(seq=2).author_id == by_ana.user_id


def test_it_merges_with_what_is_typed_and_not_yet_stored(by_ana, written, document):
    typist = head(document)  # in the memory of a room
    scene = written.scenes.get(uid="aaaa0002")
    scene_edits.edit_scene(by=by_ana, scene=scene, narration="Otters guard it. Crabs eat it.")

    before = str(text_of(typist))
    at = len(before[: before.index("Otters guard it") + len("Otters guard it")].encode())
    update = documents.edited(typist, lambda doc: text_of(doc).insert(at, " at night"))
    store.append(document.pk, update)
    writing.materialise(document.pk)
    assert said(written)[1] == "Otters guard it at night. Crabs eat it."


def test_it_comes_behind_what_is_stored_and_not_yet_materialised(by_ana, written, document):
    types(document, "Kelp grows", " up to")
    scene_edits.move_scene(by=by_ana, video=written, uid="aaaa0003", to=0)
    assert said(written)[:2] == ["Divers replant it.", "Kelp grows up to half a metre a day."]
    assert in_document(document) == said(written)


def test_who_read_an_older_version_is_refused(by_ana, written, document):
    seen = written.scenes.get(uid="aaaa0001")
    types(document, "Kelp grows", " up to")
    with pytest.raises(Stale):
        scene_edits.edit_scene(by=by_ana, scene=seen, narration="Kelp.", version=seen.version)
    assert in_document(document)[0] == "Kelp grows up to half a metre a day."


@pytest.mark.parametrize(
    "act",
    [
        lambda by, video: scene_edits.add_scene(
            by=by, video=video, after="aaaa0001", narration="It drinks light."
        ),
        lambda by, video: scene_edits.remove_scene(by=by, video=video, uid="aaaa0002"),
        lambda by, video: scene_edits.split_scene(by=by, video=video, uid="aaaa0002", at=16),
        lambda by, video: scene_edits.merge_scenes(by=by, video=video, uid="aaaa0001"),
        lambda by, video: scene_edits.edit_details(
            by=by, video=video, details={"description": "Tall."}
        ),
        lambda by, video: edit_script(by=by, video=video, script=SCRIPT),
    ],
    ids=["add", "remove", "split", "merge", "details", "whole"],
)
def test_every_edit_of_scenes_arrives_in_the_document(by_ana, written, document, act):
    types(document, "Kelp grows", " up to")
    writing.materialise(document.pk)
    act(by_ana, written)
    assert tuple(scenes_of(head(document))) == current(written).scenes
    versions = written.script_versions.count()
    writing.materialise(document.pk)
    assert written.script_versions.count() == versions


def test_an_older_version_comes_back_as_an_edit(by_ana, written, document):
    types(document, "Kelp grows", " up to")
    writing.materialise(document.pk)
    scene_edits.restore_version(by=by_ana, video=written, number=1)
    assert in_document(document)[0] == "Kelp grows half a metre a day."
    assert [row.seq for row in document.updates.order_by("seq")] == [1, 2, 3]


def one_stage() -> None:
    run = runs.claim("studio", "w:1", 9)
    assert run is not None
    perform(run)
    assert run.stage == "script"


@pytest.mark.django_db(transaction=True)
def test_a_new_text_is_written_into_the_document_by_the_stage(by_ana, video):
    one_stage()
    document = store.open_for(video)
    before = in_document(document)
    change_order(
        by=by_ana, video=video, source="Crabs walk sideways along the beach. They dig holes."
    )
    one_stage()
    assert in_document(document) == said(video) != before
    document.refresh_from_db()
    assert writing.materialise(document.pk) == ""


@pytest.fixture
def follow():
    """A hub of this process, as in one that serves sockets: `follow(topic)` is what it hears."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    def begin(topic):
        heard = queue.SimpleQueue()

        async def join():
            hub().join(topic, heard.put)

        asyncio.run_coroutine_threadsafe(join(), loop).result(10)
        return heard

    async def end():
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()

    yield begin
    asyncio.run_coroutine_threadsafe(end(), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def test_rooms_hear_of_it_after_the_commit(
    by_ana, written, document, follow, django_capture_on_commit_callbacks
):
    heard = follow(store.topic_of(document.pk))
    scene = written.scenes.get(uid="aaaa0002")
    with django_capture_on_commit_callbacks(execute=True):
        scene_edits.edit_scene(by=by_ana, scene=scene, narration="Otters rest.")
    told = heard.get(timeout=10)
    assert (told["kind"], told["epoch"], told["seq"]) == ("row", 1, 2)
    assert told["data"]
