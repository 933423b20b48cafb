"""Scenes changed, moved, split and merged: ids survive, and a diff says what happened."""

import pytest

from videos.writing import rewriting, scripts
from videos.writing.checks import Wrong

SCRIPT = scripts.from_json(
    """{"title": "Kelp", "language": "en", "scenes": [
    {"id": "aaaa0001", "narration": "Kelp grows half a metre a day.", "headline": "Growth"},
    {"id": "aaaa0002", "narration": "Otters guard it. Urchins eat it.", "headline": "Guards"},
    {"id": "aaaa0003", "narration": "Divers replant it.", "headline": "Help"}]}"""
)


def ids(script) -> list[str]:
    return [scene.id[-1] for scene in script.scenes]


def said(script) -> list[str]:
    return [scene.narration for scene in script.scenes]


def test_a_changed_scene_keeps_its_id_and_leaves_the_others():
    changed = rewriting.change(SCRIPT, "aaaa0002", narration="Otters rest.")
    assert ids(changed) == ids(SCRIPT)
    assert said(changed)[1] == "Otters rest."
    assert changed.method == "edited"


@pytest.mark.parametrize(
    ("uid", "to", "order"),
    [
        ("aaaa0001", 2, ["2", "3", "1"]),
        ("aaaa0003", 0, ["3", "1", "2"]),
        ("aaaa0001", 99, ["2", "3", "1"]),
        ("aaaa0002", -5, ["2", "1", "3"]),
        ("aaaa0002", 1, ["1", "2", "3"]),
    ],
)
def test_a_scene_moves_to_its_place(uid, to, order):
    assert ids(rewriting.move(SCRIPT, uid, to)) == order


def test_a_new_scene_stands_behind_the_one_named():
    assert said(rewriting.add(SCRIPT, "aaaa0001", "It drinks light."))[1] == "It drinks light."
    assert said(rewriting.add(SCRIPT, "", "Look down."))[0] == "Look down."


def test_two_new_scenes_of_equal_words_have_ids_of_their_own():
    twice = rewriting.add(rewriting.add(SCRIPT, "", "Look down."), "", "Look down.")
    assert len({scene.id for scene in twice.scenes}) == 5


def test_a_split_scene_loses_no_word_and_keeps_its_id_in_front():
    parted = rewriting.split(SCRIPT, "aaaa0002", len("Otters guard it."))
    assert said(parted)[1:3] == ["Otters guard it.", "Urchins eat it."]
    assert parted.scenes[1].id == "aaaa0002"


@pytest.mark.parametrize("at", [0, 99, -99])
def test_a_split_leaves_words_on_both_sides(at):
    with pytest.raises(Wrong, match="both sides"):
        rewriting.split(SCRIPT, "aaaa0002", at)


def test_merged_scenes_say_both_texts_under_the_first_id():
    merged = rewriting.merge(SCRIPT, "aaaa0001")
    assert ids(merged) == ["1", "3"]
    assert said(merged)[0] == "Kelp grows half a metre a day. Otters guard it. Urchins eat it."


def test_the_last_scene_has_none_to_merge_with():
    with pytest.raises(Wrong, match="last"):
        rewriting.merge(SCRIPT, "aaaa0003")


def test_a_video_keeps_one_scene():
    one = rewriting.remove(rewriting.remove(SCRIPT, "aaaa0001"), "aaaa0002")
    with pytest.raises(Wrong, match="keeps one"):
        rewriting.remove(one, "aaaa0003")


def test_a_scene_that_is_not_there_is_named():
    with pytest.raises(LookupError, match="ffffffff"):
        rewriting.remove(SCRIPT, "ffffffff")


def test_a_diff_of_equal_scripts_says_nothing():
    assert {one.kind for one in rewriting.diff(SCRIPT, SCRIPT)} == {"same"}
    assert not any(one.moved for one in rewriting.diff(SCRIPT, SCRIPT))


def test_a_diff_names_changed_words():
    new = rewriting.change(SCRIPT, "aaaa0001", narration="Kelp grows one metre a day.")
    found = rewriting.diff(SCRIPT, new)[0]
    assert found.kind == "changed"
    assert [(piece.side, piece.text) for piece in found.narration] == [
        ("same", "Kelp grows"),
        ("old", "half a"),
        ("new", "one"),
        ("same", "metre a day."),
    ]


def test_a_diff_says_what_was_added_removed_and_moved():
    new = rewriting.add(rewriting.remove(SCRIPT, "aaaa0002"), "", "Look down.")
    kinds = {one.uid: one.kind for one in rewriting.diff(SCRIPT, new)}
    assert kinds["aaaa0002"] == "removed"
    assert sorted(kinds.values()) == ["added", "removed", "same", "same"]
    moved = rewriting.diff(SCRIPT, rewriting.move(SCRIPT, "aaaa0003", 0))
    assert [one.uid for one in moved if one.moved] == ["aaaa0003"]


def test_a_new_picture_alone_is_a_change():
    new = rewriting.change(SCRIPT, "aaaa0001", visual={"template": "statement", "text": "Fast"})
    assert [one.new_visual for one in rewriting.diff(SCRIPT, new)] == [True, False, False]
