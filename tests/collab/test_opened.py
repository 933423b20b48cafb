"""Documents in memory and in rows: nothing is lost, whatever is lost between processes."""

import asyncio
import random
import threading
from itertools import pairwise

import pytest
from django.db import connection, transaction
from pycrdt import Doc

from collab import documents, opened, polling, store, writing
from collab.documents import loaded, scenes_of, text_of
from collab.models import Document, DocumentUpdate
from config.kit.database import after
from config.kit.live import tasks
from tests.collab.rooms import Person, Room, Wire, until
from tests.videos.test_rewriting import SCRIPT
from videos import scene_edits
from videos.actions import edit_script, produce
from videos.models import Scene, StageRun

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def document(by_ana, video) -> Document:
    edit_script(by=by_ana, video=video, script=SCRIPT)
    return store.open_for(video)


@pytest.fixture
def soon(monkeypatch):
    """Asks the rows every quarter of a second."""
    monkeypatch.setattr(polling, "POLL_S", 0.25)


def stored(document: Document) -> str:
    return str(text_of(loaded(*store.load(document.pk).updates)))


def gaps(document: Document) -> list[int]:
    found = list(document.updates.order_by("seq").values_list("seq", flat=True))
    return [seq for seq, after in pairwise(found) if after != seq + 1]


def test_eight_people_at_two_processes_that_lose_a_third_of_what_they_tell(document, soon):
    chance, wire = random.Random(3), Wire(loses=0.35)  # noqa: S311

    async def write() -> tuple[list[Person], int]:
        rooms = [Room(document.pk, wire) for _ in range(2)]
        await asyncio.gather(*(room.opened.open() for room in rooms))
        people = [Person(rooms[number % 2], number) for number in range(8)]
        for turn in range(25):
            for person in people:
                person.scribble(chance, f"{person.name}.{turn}")
                if chance.random() < 0.05:  # the socket breaks; the person types on, and is back
                    person.leave()
                    person.scribble(chance, f"{person.name}.{turn}.offline")
                    person.join(chance.choice(rooms))
                await asyncio.sleep(0.002)
        await until(lambda: all(room.opened.is_saved for room in rooms))
        await until(lambda: len({person.text for person in people}) == 1)
        await asyncio.gather(*(room.opened.close() for room in rooms))
        return people, max(room.opened.seq for room in rooms)

    people, seq = asyncio.run(write())
    assert wire.lost > 5
    assert {person.text for person in people} == {stored(document)}
    for person in people:
        for turn in range(25):
            assert stored(document).count(f"[{person.name}.{turn}]") == 1
    assert gaps(document) == []
    assert document.updates.order_by("-seq").first().seq == seq
    assert document.updates.count() < 8 * 25  # several updates are one row


def test_eight_documents_of_which_each_writes(document, soon):
    """As eight processes with one person each."""
    chance, wire = random.Random(5), Wire(loses=0.2)  # noqa: S311

    async def write() -> list[Person]:
        rooms = [Room(document.pk, wire) for _ in range(8)]
        await asyncio.gather(*(room.opened.open() for room in rooms))
        people = [Person(room, number) for number, room in enumerate(rooms)]
        for turn in range(8):
            for person in people:
                person.scribble(chance, f"{person.name}.{turn}")
            await asyncio.sleep(0.03)
        await until(lambda: all(room.opened.is_saved for room in rooms))
        await until(lambda: len({person.text for person in people}) == 1)
        await asyncio.gather(*(room.opened.close() for room in rooms))
        return people

    people = asyncio.run(write())
    assert {person.text for person in people} == {stored(document)}
    assert gaps(document) == []


def test_who_wrote_is_told_when_it_is_stored(document):
    async def write() -> None:
        room = Room(document.pk, Wire())
        await room.opened.open()
        ana, ben = Person(room, 1), Person(room, 2)
        ana.write("Ana was here.")
        assert "Ana was here." in ben.text
        assert not room.opened.is_saved
        await until(lambda: room.opened.is_saved and bool(room.was_saved))
        assert room.was_saved == [{ana}]
        await room.opened.close()

    asyncio.run(write())
    row = document.updates.get(seq=2)
    assert (row.author_id, document.updates.count()) == (1, 2)
    assert "Ana was here." in stored(document)


def test_what_was_written_at_the_last_moment_is_stored_at_the_end(document):
    async def write() -> None:
        room = Room(document.pk, Wire())
        await room.opened.open()
        Person(room, 1).write("The end.")
        await room.opened.close()

    asyncio.run(write())
    assert "The end." in stored(document)


def test_a_client_that_comes_back_with_nothing_new_writes_no_row(document):
    async def write() -> None:
        room = Room(document.pk, Wire())
        await room.opened.open()
        ana = Person(room, 1)
        ana.write("abc")
        del text_of(ana.doc)[0:2]
        await until(lambda: room.opened.is_saved)
        for _ in range(5):
            ana.leave()
            ana.join(room)
        assert room.opened.is_saved
        await room.opened.close()

    asyncio.run(write())
    assert document.updates.count() == 2


def test_an_update_that_waits_for_a_lost_one_is_kept(document, soon):
    """pycrdt's Doc would leave it out of what it writes."""
    held: list[bytes] = []

    async def write() -> None:
        room = Room(document.pk, Wire())
        await room.opened.open()
        ana, ben = Person(room, 1), Person(room, 2)
        ana.leave()
        ana.doc.observe(lambda event: held.append(event.update))
        for words in ("one ", "two ", "three "):
            ana.write(words)
        room.opened.apply(held[0], author_id=1, origin=ana)
        room.opened.apply(held[2], author_id=1, origin=ana)
        await until(lambda: room.opened.is_saved)
        assert "three" not in ben.text
        await room.opened.close()
        again = Room(document.pk, Wire())
        await again.opened.open()
        cara = Person(again, 3)
        again.opened.apply(held[1], author_id=1, origin=ana)
        assert "one two three " in cara.text
        await again.opened.close()

    asyncio.run(write())
    assert "one two three " in stored(document)


def held_back(document: Document, until: threading.Event, holds: threading.Event) -> None:
    """Another connection keeps the document's row (on SQLite: the right to write)."""
    with transaction.atomic():
        Document.objects.select_for_update().get(pk=document.pk)
        holds.set()
        until.wait(10)
    connection.close()


def test_what_can_not_be_stored_is_told_and_not_lost(document, monkeypatch, soon):
    monkeypatch.setattr(opened, "LATE_S", 0.3)
    free, holds = threading.Event(), threading.Event()

    async def write() -> Room:
        room = Room(document.pk, Wire())
        await room.opened.open()
        ana, ben = Person(room, 1), Person(room, 2)
        await asyncio.to_thread(holds.wait, 10)
        ana.write("Written in the dark.")
        await until(lambda: bool(room.lateness))
        ben.write(" So was this.")
        assert not room.opened.is_saved
        free.set()
        await until(lambda: room.opened.is_saved)
        await room.opened.close()
        return room

    holder = threading.Thread(target=held_back, args=(document, free, holds))
    holder.start()
    room = asyncio.run(write())
    holder.join()
    assert room.lateness[0] >= 0.3
    assert room.lateness[-1] == 0.0
    assert "Written in the dark. So was this." in stored(document)


class Broken(Room):
    """Dies of the first news that something is stored."""

    def saved(self, origins):
        super().saved(origins)
        if len(self.was_saved) == 1:
            raise TypeError("as in the first version of this")


def test_a_task_that_dies_is_heard_of_and_begun_again(document, monkeypatch, caplog):
    monkeypatch.setattr(opened, "RETRY_S", 0.05)

    async def write() -> None:
        room = Broken(document.pk, Wire())
        await room.opened.open()
        ana = Person(room, 1)
        ana.write("First.")
        await until(lambda: "its keeper died" in caplog.text)
        ana.write("All the same.")
        await until(lambda: room.opened.is_saved)
        await room.opened.close()

    asyncio.run(write())
    assert "All the same." in stored(document)


def test_a_document_that_is_begun_anew_ends_rooms_of_the_old_one(document, soon):
    async def write() -> Room:
        room = Room(document.pk, Wire())
        await room.opened.open()
        ana = Person(room, 1)
        await tasks.in_thread(store.begin_anew, document)
        ana.write("Of the old epoch.")
        await until(lambda: room.ended == 1)
        await room.opened.close()
        return room

    asyncio.run(write())
    document.refresh_from_db()
    assert document.epoch == 2
    assert "Of the old epoch." not in stored(document)
    assert [scene.id for scene in scenes_of(loaded(*store.load(document.pk).updates))] == [
        scene.id for scene in SCRIPT.scenes
    ]


def test_what_comes_late_out_of_an_older_epoch_is_passed_over(document):
    async def write() -> Room:
        await opened.in_thread(store.begin_anew, document)
        room = Room(document.pk, Wire())
        await room.opened.open()
        room.opened.hear(1, 99, documents.seed(SCRIPT.scenes[:1]))
        assert room.opened.seq == 2
        await room.opened.close()
        return room

    assert asyncio.run(write()).ended == 0


def test_a_document_that_is_gone_with_its_video_ends_its_rooms(document, soon):
    async def write() -> Room:
        room = Room(document.pk, Wire())
        await room.opened.open()
        await tasks.in_thread(document.delete)
        await until(lambda: room.ended == 1)
        await room.opened.close()
        return room

    assert asyncio.run(write()).ended == 1


def test_a_document_that_is_too_large_takes_no_more(document, monkeypatch):
    monkeypatch.setattr(opened, "LARGEST", 3_000)

    async def write() -> None:
        room = Room(document.pk, Wire())
        await room.opened.open()
        ana = Person(room, 1)
        ana.write("x" * 4_000)
        ana.leave()
        more = documents.edited(ana.doc, lambda doc: ana.write("y"))
        with pytest.raises(store.TooLarge):
            room.opened.apply(more, author_id=1, origin=ana)
        less = documents.edited(ana.doc, lambda doc: ana.cut(ana.text.index("x"), 3_900))
        room.opened.apply(less, author_id=1, origin=ana)
        room.opened.apply(more, author_id=1, origin=ana)
        with pytest.raises(store.TooLarge):
            room.opened.apply(b"x" * (store.LARGEST_UPDATE + 1), author_id=1, origin=ana)
        await room.opened.close()

    asyncio.run(write())


def test_garbage_changes_nothing(document):
    async def write() -> None:
        room = Room(document.pk, Wire())
        await room.opened.open()
        for garbage in (b"", b"garbage", b"\xff" * 20):
            with pytest.raises(documents.BadUpdate):
                room.opened.apply(garbage, author_id=1, origin=None)
            with pytest.raises(documents.BadUpdate):
                room.opened.missing(garbage)
        assert room.opened.is_saved
        await room.opened.close()

    asyncio.run(write())
    assert document.updates.count() == 1


def test_a_second_after_the_last_word_the_script_says_it(document, monkeypatch, video):
    monkeypatch.setattr(opened, "MATERIALISE_S", 0.2)

    async def write() -> None:
        room = Room(document.pk, Wire(), writing.materialise)
        await room.opened.open()
        ana = Person(room, 1)
        ana.write("A sea of it.", ana.text.index("Kelp grows"))
        await until(lambda: room.opened.is_saved)
        await asyncio.sleep(0.6)
        await room.opened.close()

    asyncio.run(write())
    assert "A sea of it." in video.scenes.order_by("position")[0].narration


def test_a_produce_right_after_a_keystroke_holds_it(document, video, by_ana):
    async def write() -> None:
        room = Room(document.pk, Wire())
        await room.opened.open()
        ana = Person(room, 1)
        ana.write("Look. ", ana.text.index("Kelp grows"))
        assert not room.opened.is_saved
        await room.opened.stored()
        await opened.in_thread(produce, by=by_ana, video=video)
        await room.opened.close()

    asyncio.run(write())
    video.refresh_from_db()
    told = video.script.content["scenes"][0]["narration"]
    assert told == "Look. Kelp grows half a metre a day."
    assert StageRun.objects.ready().filter(video=video).exists()


TURNS = 12


async def edits_and_moves(by, video) -> None:
    scene = Scene(video=video, uid="aaaa0002")
    for turn in range(6):
        edit, move = scene_edits.edit_scene, scene_edits.move_scene
        await opened.in_thread(edit, by=by, scene=scene, headline=f"Turn {turn}")
        await opened.in_thread(move, by=by, video=video, uid="aaaa0003", to=turn % 3)


async def type_into_scenes(people: list[Person]) -> None:
    for turn in range(TURNS):
        for person in people:
            at = person.text.index("Urchins eat" if person.name % 2 else "half a metre")
            person.write(f"{person.name}x{turn} ", at)
        await asyncio.sleep(0.05)


def test_a_program_changes_scenes_while_people_type_into_them(document, video, by_ana, soon):
    """What each of them did is there, and the rows say what the document says."""
    wire = Wire(loses=0.2)

    async def write() -> list[Person]:
        rooms = [Room(document.pk, wire, writing.materialise) for _ in range(2)]
        await asyncio.gather(*(room.opened.open() for room in rooms))
        people = [Person(room, number) for number, room in enumerate(rooms * 2)]
        await asyncio.gather(edits_and_moves(by_ana, video), type_into_scenes(people))
        await asyncio.gather(*(room.opened.stored() for room in rooms))
        _, last = await opened.in_thread(store.head, document.pk)
        await until(lambda: all(room.opened.seq >= last for room in rooms))
        await until(lambda: len({person.text for person in people}) == 1)
        await asyncio.gather(*(room.opened.close() for room in rooms))
        return people

    people = asyncio.run(write())
    assert {person.text for person in people} == {stored(document)}
    assert writing.materialise(document.pk) == ""
    shown = scenes_of(loaded(*store.load(document.pk).updates))
    rows = video.scenes.order_by("position").values_list("uid", "headline", "narration")
    assert [(one.id, one.headline, " ".join(one.narration.split())) for one in shown] == list(rows)
    assert video.scenes.get(uid="aaaa0002").headline == "Turn 5"
    words = " ".join(video.scenes.values_list("narration", flat=True)).split()
    typed = [f"{person.name}x{turn}" for person in people for turn in range(TURNS)]
    assert [word for word in typed if words.count(word) != 1] == []


# --- rows


def typed(document: Document, count: int) -> None:
    """So many rows, each of one word."""
    doc = loaded(*store.load(document.pk).updates)
    for number in range(count):
        update = documents.edited(doc, lambda doc, n=number: text_of(doc).insert(0, f"{n} "))
        store.append(document.pk, update)


def test_old_rows_become_the_snapshot_and_the_last_fifty_stay(document):
    typed(document, 260)
    before = stored(document)
    assert store.fold(document.pk)
    assert not store.fold(document.pk)
    document.refresh_from_db()
    assert (document.seq, document.snapshot_seq) == (261, 211)
    assert document.updates.count() == 50
    assert stored(document) == before


def test_who_lags_behind_the_snapshot_gets_all_of_it(document):
    typed(document, 260)
    early = loaded(*(bytes(row.data) for row in document.updates.filter(seq__lte=5)))
    store.fold(document.pk)
    found = store.since(document.pk, 5)
    assert found.seq == 261
    for update in found.updates:
        documents.apply(early, update)
    assert str(text_of(early)) == stored(document)
    assert [store.since(document.pk, 250).seq, len(store.since(document.pk, 250).updates)] == [
        261,
        11,
    ]
    assert store.since(document.pk, 261).updates == []


def test_a_fold_loses_nothing_that_waits_for_an_earlier_update(document):
    held: list[bytes] = []
    doc = loaded(*store.load(document.pk).updates)
    doc.observe(lambda event: held.append(event.update))
    for words in ("one ", "two ", "three "):
        text_of(doc).insert(len(str(text_of(doc)).encode()), words)
    store.append(document.pk, held[0])
    store.append(document.pk, held[2])
    typed(document, 260)
    assert store.fold(document.pk)
    store.append(document.pk, held[1])
    assert "one two three " in stored(document)


def test_once_nobody_writes_what_was_deleted_is_let_go_of(document):
    typed(document, 30)
    doc = loaded(*store.load(document.pk).updates)
    text = text_of(doc)
    before = documents.edited(doc, lambda doc: text.insert(0, "x" * 5_000))
    store.append(document.pk, before)
    store.append(document.pk, documents.edited(doc, lambda doc: text.__delitem__(slice(0, 5_000))))
    writing.materialise(document.pk)
    shown, early = stored(document), loaded(*store.load(document.pk).updates[:1])
    writing.sweep()
    rows = document.updates.count()
    DocumentUpdate.objects.update(created_at=after(-2 * writing.IDLE))
    writing.sweep()
    document.refresh_from_db()
    assert (document.updates.count(), document.snapshot_seq, document.seq) == (0, rows, rows)
    assert len(document.snapshot) < 2_000
    assert stored(document) == shown
    found = store.since(document.pk, 1)
    documents.apply(early, *found.updates)
    assert (found.seq, str(text_of(early))) == (rows, shown)
    typed(document, 1)
    assert store.since(document.pk, rows).seq == rows + 1


def test_what_waits_for_an_earlier_update_is_not_let_go_of(document):
    held: list[bytes] = []
    doc = loaded(*store.load(document.pk).updates)
    doc.observe(lambda event: held.append(event.update))
    for words in ("one ", "two ", "three "):
        text_of(doc).insert(len(str(text_of(doc)).encode()), words)
    store.append(document.pk, held[0])
    store.append(document.pk, held[2])
    assert store.rewrite(document.pk)
    assert not store.rewrite(document.pk)
    store.append(document.pk, held[1])
    assert "one two three " in stored(document)


def test_a_row_that_was_rolled_back_leaves_no_gap(document):
    with pytest.raises(store.OtherEpoch):
        store.append(document.pk, b"\0\0", epoch=99)
    assert store.append(document.pk, b"\0\0") == 2
    assert gaps(document) == []


def test_a_document_is_begun_once(document, video):
    assert store.open_for(video).pk == document.pk
    assert DocumentUpdate.objects.count() == 1


def test_a_video_without_a_script_has_no_document(video):
    with pytest.raises(store.NoScript):
        store.open_for(video)
    assert not Document.objects.exists()


def test_the_sweep_folds_what_no_room_did(document):
    typed(document, 260)
    writing.sweep()
    document.refresh_from_db()
    assert document.snapshot_seq == 211


def test_a_row_that_is_heard_while_a_document_opens_ends_nothing(document, monkeypatch):
    read = store.load

    async def write() -> str:
        room, loop = Room(document.pk, Wire()), asyncio.get_running_loop()

        def read_before_a_row_comes(document_id: int) -> store.Loaded:
            found = read(document_id)
            data = documents.edited(loaded(*found.updates), lambda doc: text_of(doc).insert(0, "x"))
            seq = store.append(document_id, data)
            loop.call_soon_threadsafe(room.opened.hear, found.epoch, seq, data)
            return found

        with monkeypatch.context() as meanwhile:
            meanwhile.setattr(store, "load", read_before_a_row_comes)
            await room.opened.open()
        person = Person(room, 1)
        person.write("Otters.")
        await until(lambda: room.opened.is_saved and person.text.startswith("x"), 2)
        await room.opened.close()
        assert room.ended == 0
        return person.text

    assert asyncio.run(write()) == stored(document)


def test_a_document_that_is_written_anew_while_it_is_read_is_read_whole(document, monkeypatch):
    def insert(doc) -> None:
        text_of(doc).insert(0, "Otters.")

    store.append(document.pk, documents.edited(loaded(*store.load(document.pk).updates), insert))
    ask, rewritten = store._rows, []

    def late(document_id: int, seq: int):
        if not rewritten:
            rewritten.append(store.rewrite(document_id))
        return ask(document_id, seq)

    monkeypatch.setattr(store, "_rows", late)
    found = store.load(document.pk)
    document.refresh_from_db()
    assert rewritten == [True]
    assert found.seq == document.seq
    assert str(text_of(loaded(*found.updates))).startswith("Otters.")


def test_words_that_wait_for_earlier_ones_have_their_weight(document):
    async def write() -> None:
        room = Room(document.pk, Wire())
        await room.opened.open()
        doc: Doc = Doc()
        updates: list[bytes] = []
        doc.observe(lambda event: updates.append(event.update))
        for _ in range(30):
            text_of(doc).insert(0, "x" * 100_000)
        with pytest.raises(store.TooLarge):
            _ = [room.opened.apply(one, author_id=1, origin="somebody") for one in updates[1:]]
        await until(lambda: room.opened.is_saved)
        await room.opened.close()

    asyncio.run(write())


def test_what_was_typed_and_taken_out_does_not_make_a_document_grow(document, monkeypatch):
    doc = loaded(*store.load(document.pk).updates)
    data: list[bytes] = []
    doc.observe(lambda event: data.append(event.update))
    for _ in range(12):
        text_of(doc).insert(0, "x" * 200_000)
        del text_of(doc)[0:200_000]
    for update in data:
        store.append(document.pk, update)
    monkeypatch.setattr(store, "FOLD_EVERY", 5)
    monkeypatch.setattr(store, "KEPT_ROWS", 2)
    assert store.fold(document.pk)
    document.refresh_from_db()
    assert len(document.snapshot) < store.LARGEST / 4
    assert stored(document) == str(text_of(doc))
