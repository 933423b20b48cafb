"""A ready script.json: accepted as it is, or refused with the place of the fault."""

import json

import pytest

from config.kit.errors import Rejected
from tests.videos.orders import assembled, order, sample
from videos.providers.catalogue import providers
from videos.providers.extractive import Extractive
from videos.providers.given import Given
from videos.writing import scripts

READY = {
    "title": "Kelp",
    "scenes": [
        {"narration": "Kelp grows half a metre in a day.", "headline": "Growth"},
        {
            "narration": "Otters eat the urchins.",
            "visual": {"template": "quote", "text": "Eat", "attribution": "An otter"},
        },
    ],
}


def given(source, **asked):
    text = source if isinstance(source, str) else json.dumps(source)
    script, spent = Given().write(order(text, **asked), lambda: False)
    assert not spent
    return script


def changed(**fields):
    scene = {**READY["scenes"][0], **fields}
    return {**READY, "scenes": [READY["scenes"][1], scene]}


def test_both_writers_are_known_by_name():
    assert {"script:extractive", "script:given"} <= set(providers.names())


def test_a_ready_script_is_taken_word_for_word():
    script = given(READY)
    assert [scene.narration for scene in script.scenes] == [
        scene["narration"] for scene in READY["scenes"]
    ]
    assert (script.title, script.language, script.method) == ("Kelp", "en", "given")
    assert script.scenes[0].visual["template"] == "statement"
    assert script.scenes[0].visual["text"] == "Growth"


def test_the_keyless_writer_knows_a_ready_script_when_it_sees_one():
    script, _ = Extractive().write(order(json.dumps(READY)), lambda: False)
    assert script == given(READY)


def test_scenes_without_an_id_get_one_from_their_words():
    first, second = given(READY).scenes
    assert len(first.id) == 8
    assert first.id != second.id
    turned = given({**READY, "scenes": READY["scenes"][::-1]})
    assert [scene.id for scene in turned.scenes] == [second.id, first.id]


def test_equal_scenes_still_have_different_ids():
    script = given({**READY, "scenes": [READY["scenes"][0]] * 3})
    assert len({scene.id for scene in script.scenes}) == 3


def test_given_ids_are_kept():
    script = given(changed(id="4f2a91c0"))
    assert script.scenes[1].id == "4f2a91c0"


def test_title_and_language_of_the_order_fill_what_the_script_leaves_out():
    script = given({"scenes": READY["scenes"]}, title="Algae", language="de")
    assert (script.title, script.language) == ("Algae", "de")


def test_an_assembled_script_is_accepted_as_a_ready_one():
    made = assembled(sample("lighthouses.md"), pictures={"lighthouse.jpg": "ab"})
    text = scripts.to_json(made)
    assert scripts.from_json(text) == made
    assert scripts.to_json(given(text)) == text


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ('{"scenes": [}', "The script is not valid JSON (line 1, column 13: "),
        ('{\n "title": "a",\n "scenes" []}', "(line 3, column 11: "),
        ("[" * 100_000, "is not valid JSON (nested too deeply"),
        ('{"title": ' + "9" * 5_000 + "}", "is not valid JSON"),
        ([], "The script must be an object, not a list."),
        ({"scenes": [], "title": "a"}, "Scenes has 0 entries; 1 to 200 are allowed."),
        ({"scenes": [READY["scenes"][0]] * 201}, "Scenes has 201 entries; 1 to 200 are allowed."),
        ({"scenes": READY["scenes"]}, "Title is empty."),
        ({**READY, "titel": "x"}, "Script.titel is unknown; there is: claims, description"),
        ({**READY, "version": 2}, "Version must be 1."),
        ({**READY, "language": "english please"}, "Language must be a tag such as en"),
        ({**READY, "method": "dreamt"}, "Method must be one of 'assembled'"),
        ({**READY, "tags": "a,b"}, "Tags must be a list, not a text."),
        ({**READY, "scenes": [4]}, "Scene 1: it must be an object, not a number."),
        (changed(narration=""), "Scene 2: narration is empty."),
        (changed(narration=" ... "), "Scene 2: narration has no words to say."),
        (
            changed(narration="x" * 2001),
            "Scene 2: narration has 2001 characters; 2000 is the most.",
        ),
        (changed(narration="word " * 260), "Scene 2: narration takes about 67 s to say; 60 s"),
        (changed(headline=3), "Scene 2: headline must be a text, not a number."),
        (
            changed(mood="x"),
            "Scene 2: mood is unknown; there is: headline, id, narration, visual, voice.",
        ),
        (changed(voice="x"), "Scene 2: voice must be engine and name, such as piper:joe, or empty"),
        (changed(voice="fast"), "Scene 2: voice must be engine and name"),
        (changed(voice="piper:../joe"), "Scene 2: voice must be engine and name"),
        (changed(voice=["piper:joe"]), "Scene 2: voice must be a text, not a list."),
        (changed(voice=f"piper:{'j' * 60}"), "Scene 2: voice has 66 characters; 60 is the most."),
        (changed(id="scene-2"), "Scene 2: id must be eight hex digits, such as 4f2a91c0."),
        (
            changed(visual={"template": "list", "items": [{"title": "a"}, {"title": "b" * 70}]}),
            "Scene 2: visual.items[1].title has 70 characters; 64 is the most.",
        ),
    ],
)
def test_a_faulty_script_is_refused_with_scene_field_and_reason(source, complaint):
    with pytest.raises(Rejected) as refusal:
        given(source, kind="script", language="en")
    assert complaint in refusal.value.message


def test_an_id_can_not_be_used_twice():
    scenes = [{**scene, "id": "4f2a91c0"} for scene in READY["scenes"]]
    with pytest.raises(Rejected, match=r"Scene 2: id is used by an earlier scene\."):
        given({**READY, "scenes": scenes})


def test_a_made_id_never_meets_a_given_one():
    same = READY["scenes"][0]
    free = given({"title": "a", "scenes": [same]}).scenes[0].id
    script = given({"title": "a", "scenes": [{"narration": "Other.", "id": free}, same]})
    assert script.scenes[1].id != free
