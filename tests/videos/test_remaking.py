"""What an edit makes again, told before it is made, and then made: the same parts."""

import json
from dataclasses import replace

import pytest

from config.kit import files
from teams.access import operator
from videos import actions, pipeline, remaking, scripts
from videos.contracts import Script
from videos.media import loudness, waves
from videos.models import RunPart, Video
from videos.writing import rewriting

pytestmark = [pytest.mark.media, pytest.mark.django_db(transaction=True)]


def standing(video: Video) -> dict[tuple[str, str], str]:
    rows = RunPart.objects.select_related("run", "artifact").filter(run__video=video)
    return {(row.run.stage, row.part): row.artifact.key for row in rows}


def told(video: Video, script: Script) -> set[tuple[str, str]]:
    parts = remaking.remade(video, script).parts
    return {(stage, part) for stage, its in parts.items() for part in its}


def made(video: Video, script: Script) -> set[tuple[str, str]]:
    """Which parts another artifact stands for once the edit was produced."""
    before = standing(video)
    actions.edit_script(by=operator(video.team), video=video, script=script)
    pipeline.work("studio")
    return {name for name, key in standing(video).items() if before.get(name) != key}


def test_a_script_that_is_produced_makes_nothing_again(finished):
    told_ = remaking.remade(finished, scripts.current(finished))
    assert told_.parts == {}
    assert told_.kept == RunPart.objects.filter(run__video=finished).count() - 1  # the script


def test_one_changed_scene_makes_its_own_parts_and_the_next_segment(finished):
    script = scripts.current(finished)
    uid = script.scenes[0].id
    edit = rewriting.change(script, uid, narration="Kelp grows as fast as bamboo does.")
    told_ = remaking.remade(finished, edit)
    following = script.scenes[1].id
    assert told_.parts["narration"] == (f"scene:{uid}",)
    assert told_.parts["captions"] == (f"scene:{uid}", "whole")
    assert told_.parts["render"] == (f"scene:{uid}", f"scene:{following}", "whole")
    assert "visuals" not in told_.parts
    assert set(told_.scenes) == {uid, following}
    assert told(finished, edit) == made(finished, edit)


def test_a_headline_is_drawn_again_and_not_spoken(finished):
    script = scripts.current(finished)
    uid = script.scenes[-1].id
    edit = rewriting.change(script, uid, headline="Below the waves")
    assert "narration" not in remaking.remade(finished, edit).parts
    assert remaking.remade(finished, edit).parts["visuals"] == (f"scene:{uid}",)
    assert told(finished, edit) >= made(finished, edit)


def test_a_new_scene_and_an_undone_edit(finished):
    script = scripts.current(finished)
    longer = rewriting.add(script, script.scenes[-1].id, "Divers count the urchins by hand.")
    new = longer.scenes[-1].id
    assert remaking.remade(finished, longer).parts["narration"] == (f"scene:{new}",)
    assert remaking.remade(finished, replace(longer, scenes=script.scenes)).parts == {}


def test_another_voice_speaks_its_own_scene_alone(finished):
    script = scripts.current(finished)
    first, uid = script.scenes[0].id, script.scenes[1].id
    edit = rewriting.change(script, uid, voice="espeak:default")
    told_ = remaking.remade(finished, edit)
    assert told_.parts["narration"] == (f"scene:{uid}",)
    assert told_.parts["captions"] == (f"scene:{uid}", "whole")
    assert told_.parts["render"] == (f"scene:{uid}", f"scene:{script.scenes[2].id}", "whole")
    assert not {"visuals", "thumbnail"} & set(told_.parts)
    assert told(finished, edit) == made(finished, edit)
    assert remaking.remade(finished, edit).parts == {}
    assert remaking.remade(finished, script).parts == {}
    voices = {uid: spoken(finished, uid)[0] for uid in (first, uid)}
    assert voices == {first: "piper:joe", uid: "espeak:default"}
    louder, quieter = (spoken(finished, one)[1] for one in (first, uid))
    assert abs(louder - quieter) < 1.5


def spoken(video: Video, uid: str) -> tuple[str, float]:
    """Who speaks a scene, and how loud in LUFS."""
    part = RunPart.objects.get(run__video=video, run__stage="narration", part=f"scene:{uid}")
    names = part.artifact.files
    wave, rate = waves.read(files.path_of(video.team_id, names["narration.wav"]))
    words = json.loads(files.path_of(video.team_id, names["words.json"]).read_text())
    return words["voice"], loudness.integrated_lufs(wave, rate)


def test_it_looks_at_rows_alone_and_at_few(finished, django_assert_max_num_queries):
    script = scripts.current(finished)
    edit = rewriting.change(script, script.scenes[0].id, narration="Kelp grows fast.")
    with django_assert_max_num_queries(12):
        remaking.remade(finished, edit)
