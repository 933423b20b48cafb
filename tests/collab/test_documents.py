"""The script as a document: scenes in one text, and edits that merge with what others type."""

import time
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycrdt import Doc, merge_updates

from collab import documents
from collab.documents import CLOSES, OPENS, apply_scenes, edited, loaded, scenes_of, seed, text_of
from videos.contracts import SceneText
from videos.writing.scripts import MAX_SCENES

KELP = SceneText("aaaa0001", "Kelp grows half a metre a day.", "Half a metre", {"template": "x"})
OTTERS = SceneText("aaaa0002", "Otters guard it. Urchins eat it.", "", {"template": "y", "n": 3})
DIVERS = SceneText("aaaa0003", "Divers replant it.", "By hand", {"items": [{"a": 1.5}, None]})
SCENES = [KELP, OTTERS, DIVERS]

words = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Co", "Cn"]), max_size=30
).map(lambda text: " ".join(text.split()))
uids = st.integers(1, 2**32 - 1).map(lambda number: f"{number:08x}")
visuals = st.dictionaries(
    st.sampled_from(["template", "text", "n", "items"]),
    st.one_of(words, st.integers(-1000, 1000), st.booleans(), st.lists(words, max_size=2)),
    max_size=3,
)
voices = st.sampled_from(["", "piper:joe", "espeak:default"])
scripts = st.lists(
    st.builds(SceneText, id=uids, narration=words, headline=words, visual=visuals, voice=voices),
    unique_by=lambda scene: scene.id,
    max_size=6,
)


def doc_of(*updates: bytes) -> Doc:
    return loaded(*updates)


def both(update: bytes) -> tuple[Doc, Doc]:
    return loaded(update), loaded(update)


def merged(*docs: Doc) -> Doc:
    return loaded(merge_updates(*(doc.get_update() for doc in docs)))


def type_at(doc: Doc, behind: str, words: str) -> None:
    """As an editor does: somebody types behind these words."""
    text = text_of(doc)
    at = str(text).index(behind) + len(behind)
    text.insert(len(str(text)[:at].encode()), words)


def said(doc: Doc) -> list[str]:
    return [scene.narration for scene in scenes_of(doc)]


@given(scripts)
def test_what_was_seeded_is_read_back(scenes):
    assert scenes_of(loaded(seed(scenes))) == scenes


@given(scripts, scripts)
def test_any_script_can_become_any_other(before, after):
    doc = loaded(seed(before))
    apply_scenes(doc, after)
    assert scenes_of(doc) == after


@given(scripts)
def test_the_same_script_changes_nothing(scenes):
    doc = loaded(seed(scenes))
    assert edited(doc, lambda doc: apply_scenes(doc, scenes)) == b""


@settings(max_examples=60)
@given(scripts.filter(len), scripts.filter(len), scripts.filter(len))
def test_two_who_change_all_at_once_end_with_one_script(before, one, other):
    here, there = both(seed(before))
    apply_scenes(here, one)
    apply_scenes(there, other)
    here_first, there_first = here.get_update(), there.get_update()
    here.apply_update(there_first)
    there.apply_update(here_first)
    assert scenes_of(here) == scenes_of(there)


def test_seeding_twice_is_one_content():
    assert scenes_of(loaded(seed(SCENES), seed(SCENES))) == SCENES


@given(st.permutations(SCENES))
def test_scenes_keep_their_ids_in_any_order(order):
    doc = loaded(seed(SCENES))
    apply_scenes(doc, order)
    assert scenes_of(doc) == list(order)


def test_a_change_of_one_sentence_keeps_what_is_typed_into_another():
    program, person = both(seed(SCENES))
    apply_scenes(
        program, [KELP, replace(OTTERS, narration="Otters guard it. Crabs eat it."), DIVERS]
    )
    type_at(person, "Otters guard it", " at night")
    assert said(merged(program, person))[1] == "Otters guard it at night. Crabs eat it."


def test_a_change_of_one_scene_touches_no_other():
    doc = loaded(seed(SCENES))
    type_at(doc, "Divers replant it.", "\n\n  Slowly.  ")
    slowly = replace(DIVERS, narration="Divers replant it. Slowly.")  # as the rows keep it
    before = str(text_of(doc)).partition(f"{OPENS}{DIVERS.id}")[2]
    apply_scenes(doc, [replace(KELP, headline="Tall"), OTTERS, slowly], [KELP, OTTERS, slowly])
    assert str(text_of(doc)).partition(f"{OPENS}{DIVERS.id}")[2] == before


def test_a_scene_that_somebody_moves_takes_the_others_nowhere():
    program, person = both(seed(SCENES))
    apply_scenes(program, [DIVERS, KELP, OTTERS])
    type_at(person, "half a metre a day", " and more")
    assert said(merged(program, person)) == [
        "Divers replant it.",
        "Kelp grows half a metre a day and more.",
        "Otters guard it. Urchins eat it.",
    ]


def test_of_two_that_change_places_the_shorter_moves():
    program, person = both(seed([DIVERS, OTTERS]))
    apply_scenes(program, [OTTERS, DIVERS])
    type_at(person, "Otters guard it", " at night")
    assert said(merged(program, person)) == [
        "Otters guard it at night. Urchins eat it.",
        "Divers replant it.",
    ]


def test_what_is_typed_behind_the_base_stays():
    doc = loaded(seed(SCENES))
    type_at(doc, "Otters guard it. Urchins eat it.\n", f"{OPENS}bbbb0001{CLOSES}New\n")
    apply_scenes(doc, [replace(KELP, headline="Tall"), DIVERS], SCENES)
    assert [scene.id for scene in scenes_of(doc)] == [KELP.id, "bbbb0001", DIVERS.id]


def test_a_scene_without_words_is_one():
    doc = loaded(seed(SCENES))
    type_at(doc, "Half a metre\n", f"{OPENS}bbbb0001{CLOSES}")
    assert [(scene.id, scene.narration) for scene in scenes_of(doc)][:2] == [
        (KELP.id, ""),
        ("bbbb0001", ""),
    ]


def test_taking_a_mark_out_merges_two_scenes():
    doc = loaded(seed([KELP, replace(OTTERS, headline="")]))
    text = str(text_of(doc))
    mark = f"\n{OPENS}{OTTERS.id}{CLOSES}\n"
    start = len(text[: text.index(mark)].encode())
    del text_of(doc)[start : start + len(mark.encode())]
    assert [scene.id for scene in scenes_of(doc)] == [KELP.id]
    assert said(doc) == ["Kelp grows half a metre a day.Otters guard it. Urchins eat it."]


def test_a_mark_that_two_people_broke_leaves_no_rubbish():
    doc = loaded(seed([KELP]))
    type_at(doc, "Kelp grows", f"{OPENS}aaaa{CLOSES} {OPENS} bbbb{CLOSES}")
    assert said(doc) == ["Kelp grows   half a metre a day."]


def test_a_copied_scene_gets_an_id_of_its_own_and_keeps_its_picture_and_voice():
    doc = loaded(seed([replace(KELP, voice="piper:joe"), DIVERS]))
    copy = str(text_of(doc)).partition(OPENS + DIVERS.id)[0]
    text_of(doc).insert(0, copy)
    before = scenes_of(doc)
    assert [scene.narration for scene in before] == [
        KELP.narration,
        KELP.narration,
        DIVERS.narration,
    ]
    assert before[0].id == KELP.id != before[1].id
    documents.mend(doc)
    assert scenes_of(doc) == before
    assert (before[1].visual, before[1].voice) == (KELP.visual, "piper:joe")
    assert edited(doc, documents.mend) == b""


def test_words_before_the_first_mark_are_a_scene():
    doc = loaded(seed([KELP]))
    text_of(doc).insert(0, "Listen.\nNow.\n")
    before = scenes_of(doc)
    documents.mend(doc)
    assert scenes_of(doc) == before
    assert [scene.narration for scene in before] == ["Listen.\nNow.", KELP.narration]
    assert OPENS not in "".join(scene.narration + scene.headline for scene in before)


def test_two_settings_of_one_scene_both_stay():
    here, there = both(seed(SCENES))
    documents.settings_of(here)[f"{KELP.id}/notes"] = "Check the figure."
    apply_scenes(there, [replace(KELP, visual={"template": "z"}), OTTERS, DIVERS])
    end = merged(here, there)
    assert documents.settings_of(end)[f"{KELP.id}/notes"] == "Check the figure."
    assert scenes_of(end)[0].visual == {"template": "z"}


def test_a_voice_and_a_visual_that_two_people_choose_both_stay():
    here, there = both(seed(SCENES))
    documents.settings_of(here)[f"{KELP.id}/voice"] = "piper:joe"
    apply_scenes(there, [replace(KELP, visual={"template": "z"}), OTTERS, DIVERS])
    end = scenes_of(merged(here, there))[0]
    assert (end.voice, end.visual) == ("piper:joe", {"template": "z"})


def test_a_scene_without_a_voice_of_its_own_has_no_key_for_one():
    doc = loaded(seed([replace(KELP, voice="piper:joe"), OTTERS]))
    assert scenes_of(doc)[0].voice == "piper:joe"
    apply_scenes(doc, [KELP, OTTERS])
    assert [key for key in documents.settings_of(doc) if key.endswith("/voice")] == []


@pytest.mark.parametrize("voice", [7, None, True, ["piper:joe"], {"name": "piper:joe"}])
def test_a_setting_that_is_no_voice_is_none(voice):
    doc = loaded(seed(SCENES))
    documents.settings_of(doc)[f"{KELP.id}/voice"] = voice
    assert scenes_of(doc)[0].voice == ""


def test_a_setting_that_is_no_visual_is_none():
    doc = loaded(seed(SCENES))
    documents.settings_of(doc)[f"{KELP.id}/visual"] = "hello"
    assert scenes_of(doc)[0].visual == {}


@pytest.mark.parametrize("garbage", [b"", b"\0", b"garbage", b"\xff" * 20, seed(SCENES)[:-3]])
def test_garbage_is_no_update(garbage):
    with pytest.raises(documents.BadUpdate):
        documents.apply(Doc(), garbage)


@given(st.text(max_size=20), st.integers(0, 30), st.integers(0, 30))
def test_words_of_a_scene_are_replaced_where_they_stand(new, start, length):
    doc = loaded(seed([KELP, replace(OTTERS, narration="Ötter 😀 schützen ihn."), DIVERS]))
    typed = documents.typed_narration(doc, OTTERS.id)
    assert typed is not None
    start = min(start, len(typed) - 1)
    end = min(start + length, len(typed) - 1)
    new = "".join(new.split("\0"))
    documents.replace_words(doc, OTTERS.id, start, end, new)
    rest = [scene for scene in scenes_of(doc) if scene.id != OTTERS.id]
    assert rest == [KELP, DIVERS]
    clean = documents._LEFT_OVER.sub("", new)
    assert documents.typed_narration(doc, OTTERS.id) == typed[:start] + clean + typed[end:]


# --- what would hold a server up


@pytest.mark.parametrize("uid", ["{:08x}", "aaaa0001"])
def test_more_marks_than_a_script_has_are_looked_at_quickly(uid):
    doc: Doc = Doc()
    text = text_of(doc)
    text += "".join(f"{OPENS}{uid.format(n)}{CLOSES}\n" for n in range(50_000))
    began = time.process_time()
    assert MAX_SCENES < len(scenes_of(doc)) <= documents.MOST_MARKS
    documents.mend(doc)
    assert time.process_time() - began < 2


@pytest.mark.parametrize("count", [1_900, 9_900])
def test_words_that_come_again_and_again_are_compared_quickly(count):
    scene = replace(KELP, narration="a " * count)
    doc = loaded(seed([scene]))
    wanted = f"b {'a ' * 500}c {'a ' * 400}".strip()
    began = time.process_time()
    apply_scenes(doc, [replace(scene, narration=wanted)], [scene])
    assert time.process_time() - began < 1
    assert scenes_of(doc)[0].narration == wanted
