"""The voice of a scene in the document: it becomes the script's, or says why it can't."""

import pytest

from collab import documents, edits, store, writing
from collab.documents import loaded, scenes_of, settings_of
from collab.models import Document
from config.kit.errors import Refused
from tests.videos.test_rewriting import SCRIPT
from tests.videos.test_scene_voices import TWO, cast, written
from videos import scene_edits
from videos.models import Video

__all__ = ["written"]


@pytest.fixture
def document(written) -> Document:
    return store.open_for(written)


def head(document: Document):
    return loaded(*store.load(document.pk).updates)


def chooses(document: Document, voice: object) -> None:
    """Somebody chooses who speaks the second scene, and it is stored."""

    def chosen(doc) -> None:
        settings_of(doc)[f"{TWO}/voice"] = voice

    store.append(document.pk, documents.edited(head(document), chosen), 7)


def test_a_voice_that_somebody_chooses_becomes_a_version(written, document):
    chooses(document, "choir:alto")
    assert writing.materialise(document.pk) == ""
    assert cast(written) == ["", "choir:alto", ""]
    assert written.script_versions.get(number=2).saved_by_id == 7
    assert list(written.scenes.order_by("position").values_list("version", flat=True)) == [1, 2, 1]


@pytest.mark.parametrize(
    ("voice", "told"),
    [
        ("choir:bass", "Scene 2: the voice choir:bass does not speak the language 'en'."),
        ("choir:tenor", "Scene 2: there is no voice 'choir:tenor'."),
        ("<b>joe</b>", "Scene 2: voice must be engine and name"),
        ("x" * 5000, "Scene 2: voice has 5000 characters; 60 is the most."),
    ],
)
def test_a_voice_that_can_not_speak_says_why_and_changes_nothing(written, document, voice, told):
    chooses(document, voice)
    assert writing.materialise(document.pk).startswith(told)
    assert edits.remade(document.pk, scenes_of(head(document)))["fault"].startswith(told)
    assert cast(written) == ["", "", ""]
    chooses(document, "choir:alto")
    assert writing.materialise(document.pk) == ""
    assert cast(written) == ["", "choir:alto", ""]


@pytest.mark.parametrize("voice", [7, ["choir:alto"], {"choir": "alto"}])
def test_what_is_no_text_is_no_voice(written, document, voice):
    chooses(document, voice)
    assert writing.materialise(document.pk) == ""
    assert cast(written) == ["", "", ""]


def test_a_voice_given_through_the_api_is_seen_by_those_who_write(by_ana, written, document):
    scene_edits.edit_scene(by=by_ana, scene=written.scenes.get(uid=TWO), voice="choir:alto")
    assert [scene.voice for scene in scenes_of(head(document))] == ["", "choir:alto", ""]
    scene_edits.restore_version(by=by_ana, video=written, number=1)
    assert [scene.voice for scene in scenes_of(head(document))] == ["", "", ""]
    assert tuple(scenes_of(head(document))) == SCRIPT.scenes


def test_what_an_edit_makes_again_names_the_scene_of_the_voice(written, document):
    found = scenes_of(head(document))
    before = edits.remade(document.pk, found)
    assert before["fault"] == ""
    chooses(document, "choir:alto")
    assert TWO in edits.remade(document.pk, scenes_of(head(document)))["scenes"]


def test_a_fault_in_a_voice_is_told_to_who_wants_the_video_made(by_ana, written, document):
    chooses(document, "choir:tenor")
    video = Video.objects.get(pk=written.pk)
    with pytest.raises(Refused, match="Scene 2: there is no voice"):
        scene_edits.move_scene(by=by_ana, video=video, uid=TWO, to=0)


@pytest.mark.parametrize(("who", "chooses_too"), [("ana", True), ("vic", False)])
def test_the_page_lists_who_speaks_the_language_of_the_script(
    browser, request, written, who, chooses_too
):
    told = browser(request.getfixturevalue(who)).get(f"/videos/{written.pk}/script/")
    page = told.content.decode()
    assert ('value="choir:alto"' in page) is chooses_too
    assert 'value="choir:bass"' not in page
