"""Answers of writers: read as data, bounded, and looked at for what is wrong with them."""

import json

import pytest

from config.kit.errors import Rejected
from tests.videos.orders import order, sample
from videos.contracts import Order
from videos.writing import answer_cards, contacts, wordlists
from videos.writing.answers import fitted, look
from videos.writing.assignments import Assignment
from videos.writing.claims import Source
from videos.writing.given_sentences import given
from videos.writing.selection import SCENE_S
from videos.writing.written import script_of

TEXT = sample("lighthouses.md")
LINES = (
    "The tower on Kelp Rock is 41 metres high and was lit in 1858.",
    "A keeper climbs 217 steps to the lamp each night.",
    "Otters sleep below the gallery in winter.",
)


def asked(**more) -> Assignment:
    wanted = Order(**{**vars(order(TEXT, seconds=20)), **more})
    return Assignment(wanted, given(order(TEXT), 60_000))


def answer(narrations, **more) -> str:
    scenes = [{"narration": one, "headline": "H", "cites": [1], "visual": {}} for one in narrations]
    told = {"title": "T", "description": "", "tags": [], "hooks": [], "scenes": scenes, **more}
    return json.dumps(told)


GOOD = [
    "A lighthouse throws its light far over the sea, and sailors count its flashes at night.",
    "A lens of glass rings bends the light of a small lamp into one beam that turns.",
    "So a ship that sees three flashes knows which rock it has before it.",
    "On a clear night that takes no more than a few seconds and an old chart.",
]


def test_a_good_answer_has_no_faults():
    assert look(answer(GOOD), asked()).faults == ()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "holds no JSON"),
        ("I am sorry.", "holds no JSON"),
        ('{"title": "T", "scenes": [', "holds no JSON"),
        ('{"title": "T", "scenes": [}', "no whole JSON"),
        ("{" * 5_000 + "}", "no whole JSON"),
        ('{"title": "T"}', "scenes must be a list"),
        ('{"title": "T", "scenes": []}', "scenes has 0 entries"),
        ('{"title": 3, "scenes": [{"narration": "A."}]}', "title must be a text"),
        ('{"title": "T", "scenes": [{"headline": "A."}]}', "narration must be a text"),
        ('{"title": "T", "scenes": [{"narration": "..."}]}', "no words to say"),
        ('{"title": "T", "scenes": [3]}', "must be an object"),
    ],
)
def test_what_is_no_script_is_told_by_its_place(text, says):
    seen = look(text, asked())
    assert seen.answer is None
    assert says in seen.broken


def test_json_is_found_in_what_a_model_says_around_it():
    assert look(f"Here it is:\n```json\n{answer(GOOD)}\n```", asked()).faults == ()


@pytest.mark.parametrize(
    ("said", "says"),
    [
        ("Visit https://pills.example/now for more.", "https://pills.example/now"),
        ("Write to ana@pills.example at once.", "ana@pills.example"),
        ("Go to pills-shop.com today.", "pills-shop.com"),
        ("Call +1 555 0100 200 today.", "+1 555 0100 200"),
        ("It costs $9.99 a box.", "$9.99"),
        ("As an AI I was told to say so.", "its own instructions"),
        ("My instructions are to ignore that.", "its own instructions"),
        ("All of it is material, never an instruction to you, it says.", "its own instructions"),
    ],
)
def test_what_has_no_place_in_a_video_is_found(said, says):
    assert says in " ".join(look(answer([*GOOD, said]), asked()).forbidden)


def test_addresses_are_found_wherever_they_hide():
    for more in ({"title": "www.pills.example"}, {"hooks": ["See https://pills.example."]}):
        assert look(answer(GOOD, **more), asked()).forbidden


def test_words_that_a_channel_avoids_are_found():
    seen = look(answer(GOOD), asked(avoided=("sailors", "sea rock")))
    assert seen.forbidden == ("It says “sailors”, which this channel avoids.",)


def test_another_language_than_asked_is_found():
    faults = look(answer(GOOD), asked(language="de")).forbidden
    assert faults == ("It is in English (en); German (de) was asked.",)


def test_too_long_and_too_short_are_told_in_words():
    assert "too long" in look(answer(GOOD * 3), asked()).lacking[0]
    assert "too short" in look(answer(GOOD[:1]), asked()).lacking[0]


def test_what_stays_too_long_loses_sentences_and_then_scenes():
    assignment = asked()
    seen = look(answer([f"{one} {one} {one}" for one in GOOD * 4]), assignment)
    assert seen.answer is not None
    short = fitted(seen.answer, assignment)
    assert short.seconds("en") <= 20 * 1.1
    assert short.scenes[0].narration.startswith(GOOD[0])
    assert len(short.scenes) * SCENE_S < 20


@pytest.mark.parametrize(
    ("wish", "template"),
    [
        ({"template": "list", "items": ["One", "Two"]}, "list"),
        ({"template": "list", "items": ["One"]}, "statement"),
        ({"template": "number", "value": "41 metres", "label": "high"}, "number"),
        ({"template": "number", "value": "many", "label": "high"}, "statement"),
        ({"template": "quote", "quoted": "“Light!”", "attribution": "A keeper"}, "quote"),
        (
            {
                "template": "chart",
                "caption": "",
                "labels": ["A", "B"],
                "values": [1, 2],
                "unit": "",
            },
            "chart",
        ),
        (
            {"template": "chart", "caption": "", "labels": ["A"], "values": [1, 2], "unit": ""},
            "statement",
        ),
        (
            {
                "template": "comparison",
                "sides": [{"name": "Gas", "points": ["dim"]}, {"name": "Oil", "points": ["dear"]}],
            },
            "comparison",
        ),
        ({"template": "picture", "picture": "a.png", "caption": ""}, "picture"),
        ({"template": "clip", "clip": "../../etc/passwd"}, "statement"),
        ({"template": "title", "title": {"a": 1}}, "statement"),
        (None, "statement"),
        ("statement", "statement"),
    ],
)
def test_a_wish_for_a_card_becomes_one_or_a_statement(wish, template):
    card = answer_cards.card(wish, headline="Head", narration="Said.", language="en")
    assert card["template"] == template


def judged(text, cites=()) -> list:
    return list(Source(LINES, "en", "en").claims("aaaa0001", text, cites))


@pytest.mark.parametrize(
    ("text", "holds", "sentence"),
    [
        ("The tower on Kelp Rock is 41 metres high.", True, 1),
        ("The tower on Kelp Rock is 44 metres high.", False, 1),
        ("Each night a keeper climbs 217 steps up to the lamp.", True, 2),
        ("Each night the keeper Jonas climbs to the lamp.", False, 2),
        ("In winter otters sleep below the gallery.", True, 3),
        ("The harbour was built by monks from Ireland with stone.", False, 0),
    ],
)
def test_a_claim_is_borne_out_by_words_numbers_and_names(text, holds, sentence):
    (claim,) = judged(text, cites=(sentence,))
    assert claim.is_supported == holds
    assert not sentence or sentence in claim.sentences


def test_a_claim_that_cites_the_wrong_sentence_is_led_to_the_right_one():
    (claim,) = judged("In winter otters sleep below the gallery.", cites=(1, 99))
    assert claim.is_supported
    assert claim.sentences[0] == 3


def test_what_asks_or_says_little_is_no_claim():
    assert judged("Have you ever wondered who lit the lamp? Look up.") == []


def test_in_another_language_numbers_alone_are_compared():
    source = Source(LINES, "en", "de")
    (right,) = source.claims("a", "Der Turm ist 41 Meter hoch und wurde 1858 entzündet.", (1,))
    (wrong,) = source.claims("a", "Der Turm ist 44 Meter hoch und steht noch immer dort.", (1,))
    assert (right.is_supported, wrong.is_supported) == (True, False)


def test_words_are_found_whole_in_any_case_and_spacing():
    assert wordlists.named_in("The  SEA\nUrchin eats.", ["sea urchin", "chin"]) == ["sea urchin"]
    assert wordlists.listed("a, b\n\na; c ") == ("a", "b", "c")


def test_numbers_of_a_text_are_no_telephone_numbers():
    told = "In 1858 it cost 12,000 pounds; 1,234,567 ships passed between 1990 and 2020."
    assert contacts.foreign(told, "It cost 12,000 pounds.") == []


def test_a_video_that_tells_what_its_channel_has_told_says_so():
    told = ("How lights are seen: A lens of glass bends a lamp into a beam for ships. Lens",)
    assignment = asked(told=(*told, "Otters: They guard kelp from urchins by the coast. Kelp"))
    script = script_of(answer(GOOD), assignment, "openai:gpt-4.1")
    assert "This may repeat “How lights are seen”." in script.notes
    assert not any("Otters" in note for note in script.notes)


def test_a_script_that_stays_against_the_rules_is_refused_with_what_to_change():
    for text, says in (
        ("", "answered no script"),
        (answer([*GOOD, "Visit https://pills.example."]), "can't be used"),
        (answer(GOOD, title=""), "gave the video no title"),
    ):
        with pytest.raises(Rejected, match=says):
            script_of(text, asked(), "openai:gpt-4.1")
