"""A voice for each scene: who may be named, what that makes again, and what stays as it was."""

import hashlib
import json
from dataclasses import replace
from types import SimpleNamespace

import pytest

from config.kit.errors import Refused
from tests.kit.test_api import problem
from tests.videos.orders import order
from tests.videos.paid import PRICE, booked, claimed, two_scenes
from tests.videos.test_rewriting import SCRIPT
from videos import actions, casting, limits, outputs, pipeline, runs, scene_edits, scripts
from videos.contracts import Script
from videos.copies import duplicate_video
from videos.keys import key_of
from videos.models import ProviderLimit, ScriptVersion, StageRun, Video
from videos.providers.catalogue import providers
from videos.providers.voices import Offer
from videos.stages import catalogue
from videos.writing import rewriting
from videos.writing import scripts as texts

ONE, TWO, THREE = (scene.id for scene in SCRIPT.scenes)


class Choir:
    """An engine of tests with a voice for English and one for German."""

    there = True
    version, licence = "3", "sung"

    def __init__(self, voice: str) -> None:
        self.name = f"choir:{voice}"

    @classmethod
    def offers(cls) -> list[Offer]:
        found = [Offer("choir", "alto", ("en",), "An alto"), Offer("choir", "bass", ("de",))]
        return found if cls.there else []


if "voice:choir" not in providers:
    providers.add("voice:choir", Choir)


def spoken_by(voice: str, script: Script = SCRIPT, uid: str = TWO) -> Script:
    return rewriting.change(script, uid, voice=voice)


@pytest.fixture
def written(by_ana, video) -> Video:
    actions.edit_script(by=by_ana, video=video, script=SCRIPT)
    video.refresh_from_db()
    return video


def cast(video: Video) -> list[str]:
    return list(video.scenes.order_by("position").values_list("voice", flat=True))


# --- what was written before scenes had voices


def test_a_script_without_voices_is_the_same_bytes_as_ever():
    sha256 = hashlib.sha256(texts.to_json(SCRIPT).encode()).hexdigest()
    assert sha256 == "07801461f72f395afb42bab4747ccf0e86d894c114507de4129c9c030fcc5aa7"


@pytest.mark.parametrize(
    ("stage", "provider", "key"),
    [
        (
            "narration",
            "piper:joe 7",
            "09d4e0546fd2abffd5661208641d65fc5f5cc069a3a584b99d64476345b760ca",
        ),
        ("visuals", "", "2fc4c423fa0527f1e162f7b1901736fb343c7f5a961e33b0b12d32ef4309f6d9"),
    ],
)
def test_parts_of_before_are_found_by_the_same_keys(stage, provider, key):
    inputs = SimpleNamespace(script=SCRIPT, order=order("x"))
    part = catalogue.get(stage).plan(inputs)[0]
    told = {"stage": stage, "version": 1, "provider": provider, "needs": {}}
    assert key_of(**told, params=part.params) == key


def test_an_old_version_is_read_and_restored_without_voices(by_ana, written):
    first = ScriptVersion.objects.get(video=written)
    assert all("voice" not in scene for scene in first.content["scenes"])
    scene_edits.edit_scene(by=by_ana, scene=written.scenes.get(uid=TWO), voice="choir:alto")
    scene_edits.restore_version(by=by_ana, video=written, number=1)
    assert cast(written) == ["", "", ""]
    last = ScriptVersion.objects.filter(video=written).latest("number")
    assert last.content["scenes"] == first.content["scenes"]


# --- scripts


def test_a_script_keeps_its_voices_and_names_none_where_there_is_none():
    told = json.loads(texts.to_json(spoken_by("piper:joe")))["scenes"]
    assert [scene.get("voice") for scene in told] == [None, "piper:joe", None]
    assert texts.read({"title": "Kelp", "language": "en", "scenes": told}).scenes[1].voice == (
        "piper:joe"
    )


def test_one_voice_speaks_both_halves_and_what_is_merged():
    script = spoken_by("piper:joe")
    halves = rewriting.split(script, TWO, len("Otters guard it."))
    assert [scene.voice for scene in halves.scenes] == ["", "piper:joe", "piper:joe", ""]
    assert [scene.voice for scene in rewriting.merge(script, TWO).scenes] == ["", "piper:joe"]


def test_another_voice_alone_is_a_change():
    found = rewriting.diff(SCRIPT, spoken_by("piper:joe"))
    assert [(one.kind, one.new_voice) for one in found] == [
        ("same", False),
        ("changed", True),
        ("same", False),
    ]


def test_a_plan_names_the_voice_and_keeps_it_out_of_what_is_said():
    inputs = SimpleNamespace(script=spoken_by("piper:joe"), order=order("x"))
    plain, named, _ = catalogue.get("narration").plan(inputs)
    assert (plain.voice, named.voice) == ("", "piper:joe")
    assert set(named.params) == {"text", "language", "speed"}


# --- who may be named


@pytest.mark.parametrize(
    ("voice", "told"),
    [
        ("choir:bass", "Scene 2: the voice choir:bass does not speak the language 'en'."),
        ("choir:tenor", "Scene 2: there is no voice 'choir:tenor'. Choose one of: "),
        ("choir", "Scene 2: voice must be engine and name, such as piper:joe, or empty."),
        ("fast", "Scene 2: voice must be engine and name"),
        ("nobody:none", "Scene 2: there is no voice 'nobody:none'."),
        ("x:'; DROP TABLE", "Scene 2: voice must be engine and name"),
    ],
)
def test_a_voice_that_can_not_speak_the_scene_is_refused_at_once(by_ana, written, voice, told):
    with pytest.raises(Refused) as refusal:
        scene_edits.edit_scene(by=by_ana, scene=written.scenes.get(uid=TWO), voice=voice)
    assert refusal.value.message.startswith(told)
    assert cast(written) == ["", "", ""]


def test_another_language_asks_again_who_speaks_it(by_ana, written):
    actions.edit_script(by=by_ana, video=written, script=spoken_by("choir:alto"))
    german = replace(spoken_by("choir:alto"), language="de")
    with pytest.raises(Refused, match="Scene 2: the voice choir:alto does not speak"):
        actions.edit_script(by=by_ana, video=written, script=german)


def test_a_voice_that_went_away_keeps_nobody_from_editing(by_ana, written, monkeypatch):
    actions.edit_script(by=by_ana, video=written, script=spoken_by("choir:alto"))
    monkeypatch.setattr(Choir, "there", False)
    scene_edits.edit_scene(by=by_ana, scene=written.scenes.get(uid=ONE), narration="Kelp is tall.")
    assert cast(written) == ["", "choir:alto", ""]
    with pytest.raises(Refused, match="Scene 3: there is no voice"):
        scene_edits.edit_scene(by=by_ana, scene=written.scenes.get(uid=THREE), voice="choir:alto")


@pytest.mark.parametrize("kind", ["auto", "script"])
def test_a_ready_script_that_names_nobody_known_is_refused_when_it_is_ordered(
    by_ana, channel, kind
):
    source = texts.to_json(spoken_by("choir:tenor"))
    with pytest.raises(Refused, match="Scene 2: there is no voice 'choir:tenor'"):
        actions.create_video(
            by=by_ana, channel=channel, wish=actions.Wish(source=source, source_kind=kind)
        )
    assert not Video.objects.exists()


def test_a_ready_script_brings_its_voices(by_ana, channel):
    source = texts.to_json(spoken_by("choir:alto"))
    made = actions.create_video(by=by_ana, channel=channel, wish=actions.Wish(source=source))
    pipeline.perform(runs.claim("studio", "w:1", 9))
    assert cast(made) == ["", "choir:alto", ""]


def test_a_duplicate_is_spoken_by_the_same(by_ana, written):
    actions.edit_script(by=by_ana, video=written, script=spoken_by("choir:alto"))
    assert cast(duplicate_video(by=by_ana, video=written)) == ["", "choir:alto", ""]


def test_the_voice_of_the_video_needs_no_label(written):
    Video.objects.filter(pk=written.pk).update(voice="choir:alto")
    written.refresh_from_db()
    scene = written.scenes.get(uid=TWO)
    labels = {}
    for voice in ("", "choir:alto", "piper:joe", "espeak:default"):
        scene.voice = voice
        labels[voice] = casting.label(scene, casting.usual(written))
    assert labels == {"": "", "choir:alto": "", "piper:joe": "joe", "espeak:default": "espeak"}


# --- over the API


@pytest.fixture
def scenes(program, ben, written):
    return program(ben), f"videos/{written.pk}/scenes/"


def test_a_scene_is_given_a_voice_and_back_the_videos(scenes, written):
    its, path = scenes
    told = its.patch(f"{path}{TWO}/", {"voice": "choir:alto"}, If_Match='"v1"')
    assert (told.status_code, told.json()["voice"], told.json()["version"]) == (
        200,
        "choir:alto",
        2,
    )
    diff = its.get(f"videos/{written.pk}/script-versions/2/diff/").json()["results"]
    assert [one["new_voice"] for one in diff] == [False, True, False]
    its.patch(f"{path}{TWO}/", {"voice": ""}, If_Match="*")
    assert [one["voice"] for one in its.get(path).json()["results"]] == ["", "", ""]


def test_a_new_scene_may_name_its_voice(scenes):
    its, path = scenes
    made = its.post(path, {"narration": "Divers sing.", "voice": "choir:alto"})
    assert (made.status_code, made.json()["voice"]) == (201, "choir:alto")


@pytest.mark.parametrize(
    ("voice", "status", "code"),
    [
        (7, 400, "invalid"),
        (None, 400, "invalid"),
        (["choir:alto"], 400, "invalid"),
        ("choir:\0alto", 400, "invalid"),
        (f"choir:{'a' * 60}", 400, "invalid"),
        ("choir:../alto", 409, "bad_script"),
        ("<script>", 409, "bad_script"),
        ("choir:bass", 409, "bad_script"),
        ("choir:nobody", 409, "bad_script"),
    ],
)
def test_what_is_no_voice_changes_no_scene(scenes, voice, status, code):
    its, path = scenes
    problem(its.patch(f"{path}{TWO}/", {"voice": voice}, If_Match="*"), status, code)
    problem(its.post(path, {"narration": "Divers sing.", "voice": voice}), status, code)
    assert [one["voice"] for one in its.get(path).json()["results"]] == ["", "", ""]


@pytest.mark.parametrize(
    ("who", "scopes", "status"),
    [("vic", (), 403), ("cho", (), 404), ("ben", ("videos:read",), 403)],
)
def test_who_may_not_edit_gives_no_voice(program, request, written, who, scopes, status):
    its = program(request.getfixturevalue(who), *scopes)
    answer = its.patch(f"videos/{written.pk}/scenes/{TWO}/", {"voice": "choir:alto"}, If_Match="*")
    assert answer.status_code == status
    assert cast(written) == ["", "", ""]


# --- in the studio


def form(video: Video, **changes):
    scene = video.scenes.get(uid=TWO)
    same = {"headline": scene.headline, "narration": scene.narration, "version": scene.version}
    return {**same, "template": "keep", **changes}


def test_the_form_of_a_scene_offers_who_speaks_its_language(browser, ana, written):
    told = browser(ana).get(f"/videos/{written.pk}/scenes/{TWO}/edit/").content.decode()
    assert 'value="choir:alto"' in told
    assert 'value="choir:bass"' not in told


def test_a_voice_chosen_in_the_studio_is_shown_beside_the_scene(browser, ana, written):
    client, path = browser(ana), f"/videos/{written.pk}/scenes/{TWO}/edit/"
    client.post(path, form(written, voice="choir:alto"))
    assert cast(written) == ["", "choir:alto", ""]
    assert "Spoken by choir:alto" in client.get(f"/videos/{written.pk}/").content.decode()
    assert 'value="choir:alto" data-sample' in client.get(path).content.decode()


def test_a_form_of_before_scenes_had_voices_keeps_the_voice(browser, ana, by_ana, written):
    actions.edit_script(by=by_ana, video=written, script=spoken_by("choir:alto"))
    written.refresh_from_db()
    path = f"/videos/{written.pk}/scenes/{TWO}/edit/"
    browser(ana).post(path, form(written, narration="Otters rest."))
    assert cast(written) == ["", "choir:alto", ""]


def test_a_voice_that_is_not_offered_comes_back_with_what_was_typed(browser, ana, written):
    path = f"/videos/{written.pk}/scenes/{TWO}/edit/"
    answer = browser(ana).post(path, form(written, voice="choir:bass", headline="Mine"))
    assert answer.status_code == 422
    told = answer.content.decode()
    assert "does not speak the language" in told
    assert "choir:bass (not set up here)" in told
    assert "Mine" in told


def test_a_viewer_gives_no_voice_in_the_studio(browser, vic, written):
    browser(vic).post(f"/videos/{written.pk}/scenes/{TWO}/edit/", form(written, voice="choir:alto"))
    assert cast(written) == ["", "", ""]


def test_a_version_says_that_another_voice_speaks(browser, ana, by_ana, written):
    actions.edit_script(by=by_ana, video=written, script=spoken_by("choir:alto"))
    told = browser(ana).get(f"/videos/{written.pk}/versions/1/").content.decode()
    assert "another voice" in told


# --- money and places


@pytest.fixture
def half_paid(by_ana, channel) -> StageRun:
    """Its second scene is spoken by a voice that is bought, for a video whose own is free."""
    wish = actions.Wish(source="Kelp.", title="Kelp", seconds=10, voice="espeak:default")
    video = actions.create_video(by=by_ana, channel=channel, wish=wish)
    script = rewriting.change(two_scenes("Otters guard it."), "aaaa0002", voice="paid:one")
    actions.edit_script(by=by_ana, video=video, script=script)
    return claimed()


@pytest.mark.media
@pytest.mark.django_db(transaction=True)
def test_only_the_scene_of_a_bought_voice_is_paid(half_paid):
    pipeline.perform(half_paid)
    half_paid.refresh_from_db()
    assert half_paid.state == "done"
    assert booked() == PRICE
    made_by = {row.part: row.artifact.provider for row in half_paid.parts.all()}
    assert made_by["scene:aaaa0001"].startswith("espeak:default ")
    assert made_by["scene:aaaa0002"] == "paid:one 1"


@pytest.mark.django_db(transaction=True)
def test_a_run_waits_for_a_place_at_each_voice_that_it_asks(half_paid):
    assert half_paid.provider == "voice:espeak voice:paid"
    runs.give_back(half_paid)
    for voice in ("espeak", "paid"):
        limits.set_limit(f"voice:{voice}", 1)
    run = claimed()
    places = ProviderLimit.objects.order_by("provider").values_list("running", flat=True)
    assert list(places) == [1, 1]
    limits.recount()
    assert list(places.all()) == [1, 1]
    runs.give_back(run)
    assert list(places.all()) == [0, 0]
    ProviderLimit.objects.filter(provider="voice:paid").update(running=1)
    assert claimed() is None
    assert runs.backlog("studio")[0] == 0


def test_a_run_asks_those_of_the_current_script_alone(by_ana, written):
    def asked() -> str:
        return written.runs.get(stage="narration").provider

    Video.objects.filter(pk=written.pk).update(voice="piper:joe")
    actions.edit_script(by=by_ana, video=written, script=spoken_by("choir:alto"))
    assert asked() == "voice:choir voice:piper"
    everybody = SCRIPT
    for uid in (ONE, TWO, THREE):
        everybody = spoken_by("choir:alto", everybody, uid)
    actions.edit_script(by=by_ana, video=written, script=everybody)
    assert asked() == "voice:choir"
    actions.edit_script(by=by_ana, video=written, script=SCRIPT)
    assert asked() == "voice:piper"


@pytest.mark.django_db(transaction=True)
def test_a_voice_that_is_gone_when_its_scene_is_spoken_fails_the_video_in_one_sentence(
    by_ana, written, monkeypatch
):
    actions.edit_script(by=by_ana, video=written, script=spoken_by("choir:alto", uid=ONE))
    monkeypatch.setattr(Choir, "there", False)
    pipeline.perform(claimed())
    written.refresh_from_db()
    assert written.state == "failed"
    assert written.reason.startswith("There is no voice 'choir:alto'. Choose one of: ")


@pytest.mark.django_db(transaction=True)
def test_the_record_names_the_licences_of_those_who_speak(by_ana, half_paid):
    pipeline.perform(half_paid)
    video = Video.objects.get(pk=half_paid.video_id)
    assert outputs.provenance(video)["licences"]["paid:one"] == "bought"
    script = scripts.current(video)
    silent = rewriting.change(script, "aaaa0002", voice="")
    actions.edit_script(by=by_ana, video=video, script=silent)
    video.refresh_from_db()
    assert "paid:one" not in outputs.provenance(video)["licences"]
