"""Single scenes changed by people: who may, what is made again, and what two at once do."""

import pytest

from config.kit.errors import Refused, Stale
from teams.access import Forbidden
from tests.conftest import acting
from tests.videos.test_rewriting import SCRIPT
from videos import scene_edits, scripts
from videos.actions import edit_script
from videos.copies import duplicate_video
from videos.models import Asset, RunState, Scene, Video
from videos.scene_edits import (
    add_scene,
    edit_details,
    edit_scene,
    merge_scenes,
    move_scene,
    remove_scene,
    rename,
    restore_version,
    split_scene,
    use_asset,
)


@pytest.fixture
def written(by_ana, video) -> Video:
    edit_script(by=by_ana, video=video, script=SCRIPT)
    video.refresh_from_db()
    return video


def scene(video: Video, place: int) -> Scene:
    return video.scenes.order_by("position")[place]


def said(video: Video) -> list[str]:
    return list(video.scenes.order_by("position").values_list("narration", flat=True))


def test_an_edited_scene_is_a_new_version(by_ana, written):
    saved = edit_scene(by=by_ana, scene=scene(written, 1), narration="Otters rest.", version=1)
    assert saved.number == 2
    assert said(written)[1] == "Otters rest."
    assert scene(written, 1).version == 2


def test_of_two_edits_of_one_scene_the_second_is_refused(by_ana, written):
    seen = scene(written, 1)
    edit_scene(by=by_ana, scene=seen, narration="Otters rest.", version=1)
    with pytest.raises(Stale):
        edit_scene(by=by_ana, scene=seen, narration="Otters play.", version=1)
    assert said(written)[1] == "Otters rest."


def test_two_people_edit_two_scenes(by_ana, ben, written):
    first, second = scene(written, 0), scene(written, 1)
    edit_scene(by=by_ana, scene=first, narration="Kelp is tall.", version=first.version)
    edit_scene(by=acting(ben), scene=second, narration="Otters rest.", version=second.version)
    assert said(written)[:2] == ["Kelp is tall.", "Otters rest."]


@pytest.mark.parametrize("who", ["vic", "cho"])
def test_who_may_not_edit_changes_no_scene(request, written, who):
    other = acting(request.getfixturevalue(who))
    with pytest.raises(Forbidden):
        edit_scene(by=other, scene=scene(written, 1), narration="Otters rest.")
    for verb in (remove_scene, merge_scenes):
        with pytest.raises(Forbidden):
            verb(by=other, video=written, uid="aaaa0001")
    with pytest.raises(Forbidden):
        rename(by=other, video=written, title="Mine")
    assert said(written) == [one.narration for one in SCRIPT.scenes]


def test_words_that_are_no_words_are_refused_and_change_nothing(by_ana, written):
    with pytest.raises(Refused, match="Scene 2"):
        edit_scene(by=by_ana, scene=scene(written, 1), narration="  ")
    assert said(written) == [one.narration for one in SCRIPT.scenes]


def test_markup_and_formulas_stay_text(by_ana, written):
    text = "=1+1 <script>alert(1)</script>"
    edit_scene(by=by_ana, scene=scene(written, 1), narration=text)
    assert said(written)[1] == text


def test_scenes_are_added_moved_split_merged_and_removed(by_ana, written):
    add_scene(by=by_ana, video=written, after="aaaa0001", narration="It drinks light.")
    move_scene(by=by_ana, video=written, uid="aaaa0003", to=0)
    split_scene(by=by_ana, video=written, uid="aaaa0002", at=16)
    merge_scenes(by=by_ana, video=written, uid="aaaa0002")
    remove_scene(by=by_ana, video=written, uid="aaaa0001")
    assert said(written) == [
        "Divers replant it.",
        "It drinks light.",
        "Otters guard it. Urchins eat it.",
    ]


def test_a_stale_move_is_refused(by_ana, written):
    seen = written.version
    move_scene(by=by_ana, video=written, uid="aaaa0003", to=0, version=seen)
    with pytest.raises(Stale):
        move_scene(by=by_ana, video=written, uid="aaaa0001", to=2, version=seen)


def test_a_scene_that_is_gone_is_named(by_ana, written):
    gone = scene(written, 1)
    remove_scene(by=by_ana, video=written, uid=gone.uid)
    with pytest.raises(scene_edits.NoSuchScene):
        edit_scene(by=by_ana, scene=gone, narration="Otters rest.")


def test_a_video_without_a_script_says_so(by_ana, video):
    with pytest.raises(scene_edits.NoSuchScene, match="no script yet"):
        remove_scene(by=by_ana, video=video, uid="aaaa0001")


def test_an_older_version_comes_back_as_the_newest(by_ana, written):
    edit_scene(by=by_ana, scene=scene(written, 1), narration="Otters rest.")
    restore_version(by=by_ana, video=written, number=1)
    assert said(written) == [one.narration for one in SCRIPT.scenes]
    assert written.script_versions.count() == 3


def test_a_rename_makes_nothing_again(by_ana, written):
    due = written.runs.filter(state=RunState.WAITING).exclude(due_at=None)
    before = list(due.values_list("stage", "fence"))
    rename(by=by_ana, video=written, title="  Sea  ", version=written.version)
    written.refresh_from_db()
    assert written.title == "Sea"
    assert list(due.values_list("stage", "fence")) == before


def test_details_go_out_with_the_video_and_keep_the_scenes(by_ana, written):
    edit_details(by=by_ana, video=written, details={"description": "Tall.", "tags": ["kelp"]})
    written.refresh_from_db()
    script = scripts.current(written)
    assert (script.description, script.tags) == ("Tall.", ("kelp",))
    assert [one.narration for one in script.scenes] == said(written)


@pytest.mark.parametrize("details", [{"tags": "kelp"}, {"description": 5}, {"title": "x"}])
def test_details_of_another_kind_are_refused(by_ana, written, details):
    with pytest.raises(Refused):
        edit_details(by=by_ana, video=written, details=details)


@pytest.fixture
def photo(team) -> Asset:
    return Asset.objects.create(
        team=team, name="otter.jpg", sha256="a" * 64, content_type="image/jpeg", size=9
    )


def test_a_scene_shows_a_picture_of_the_teams_own(by_ana, written, photo):
    use_asset(by=by_ana, scene=scene(written, 1), asset=photo, version=1)
    written.refresh_from_db()
    named = f"asset:{photo.pk}"
    assert scene(written, 1).visual["picture"] == named
    assert written.order().pictures == {named: photo.sha256}


def test_a_title_keeps_its_words_over_the_picture(by_ana, written, photo):
    title = {"template": "title", "title": "Kelp"}
    edit_scene(by=by_ana, scene=scene(written, 0), visual=title)
    use_asset(by=by_ana, scene=scene(written, 0), asset=photo)
    assert scene(written, 0).visual["title"] == "Kelp"
    assert scene(written, 0).visual["picture"] == f"asset:{photo.pk}"


def test_another_teams_picture_is_not_there(by_ana, written, others):
    theirs = Asset.objects.create(
        team=others, name="x", sha256="b" * 64, content_type="image/jpeg", size=9
    )
    with pytest.raises(Refused, match="Choose a picture"):
        use_asset(by=by_ana, scene=scene(written, 1), asset=theirs)


def test_a_picture_that_is_not_ready_is_not_used(by_ana, written, photo):
    Asset.objects.update(state="refused")
    with pytest.raises(Refused, match="ready"):
        use_asset(by=by_ana, scene=scene(written, 1), asset=photo)


def test_a_copy_keeps_a_persons_words(by_ana, written):
    copy = duplicate_video(by=by_ana, video=written)
    assert said(copy) == said(written)
    assert copy.runs.get(stage="script").state == RunState.SKIPPED


def test_a_copy_in_another_format_is_ordered_so(by_ana, video):
    copy = duplicate_video(by=by_ana, video=video, format="square")
    assert (copy.format, copy.source, copy.seconds) == ("square", video.source, video.seconds)
    assert copy.external_id == ""


@pytest.mark.parametrize("who", ["vic", "cho"])
def test_who_may_not_edit_copies_nothing(request, video, who):
    with pytest.raises(Forbidden):
        duplicate_video(by=acting(request.getfixturevalue(who)), video=video)
    assert Video.objects.count() == 1
