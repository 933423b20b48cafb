"""Answers of writers: read as data, bounded, and looked at for what is wrong with them."""

import json
from dataclasses import replace

import pytest

from config.kit.errors import Rejected
from tests.videos.orders import order, sample
from videos.contracts import Order, SceneText
from videos.writing import answer_cards, contacts, descriptions, scripts, visuals, wordlists
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


LEADING = (
    "t.me/pillsguy", "bit.ly/abc", "wa.me/15551234", "pills．com", "pills。com", "pills\u200b.com",
    "ｐｉｌｌｓ.ｃｏｍ", "pills dot com", "pills [dot] com", "ana (at) kelp (dot) org", "рills.com",
    "555-123-4567", "1 555.123.4567", "(555) 123-4567", "1-800-FLOWERS", "+49 30 1234567",
    "@pillsguy", "ana@kelp.org", "kelp.ly", "pills.co.uk", "buy.pills.shop", "PILLS.COM",
    "pills.com/buy", "tel:5551234", "10.0.0.1:8080/x", "five five five one two three four",
    "hxxps://pills.top",
)  # fmt: skip
PLAIN = (
    "For example, e.g. kelp, i.e. a plant of 3.5 metres.",
    "Node.js, Vue.js and ASP.NET 8 run main.py, README.md, install.sh and video.mp4.",
    "The U.S. and the U.K. agreed at 9 a.m. in Washington, D.C.; J.R.R. Tolkien did not.",
    "It was 41 metres high.In 1858 it burnt. He went home.It rained.",
    "From 300-1200 ships, 1,234,567 in all, 100 000 000 people, on 2020-01-14 at 10:30.",
    "ISBN 978-3-16-148410-0, version 1.2.3.4, a ratio of 16:9, and/or AC/DC, pi is 3.141592653.",
    "He said: call 911. She rang 1200 times. One, two, three, four, five, six, seven!",
)


@pytest.mark.parametrize("told", LEADING)
def test_what_leads_elsewhere_is_seen_through_its_disguise(told):
    assert contacts.contacts(f"Now call or go to {told} today.")


@pytest.mark.parametrize("told", PLAIN)
def test_points_and_numbers_of_plain_prose_lead_nowhere(told):
    assert contacts.contacts(told) == contacts.foreign(told, told) == []


def test_a_description_keeps_of_domains_the_authors_own_alone():
    told = answer(
        GOOD, description="Of lights. See pills.com. See kelp.org.", tags=["sea", "x.com"]
    )
    written = script_of(told, asked(title="What kelp.org says"), "openai:gpt-4.1")
    assert (written.description, written.tags) == ("Of lights. See kelp.org.", ("sea",))
    assert any("led elsewhere" in note for note in written.notes)


def shown(card: dict, headline: str = "Lights", narration: str = "Sailors count its flashes."):
    """What is told of the claims of a scene: its text, and whether the source bears it out."""
    scene = SceneText("aaaa0001", narration, headline, visuals.normalise(card))
    return [(one.text, one.is_supported) for one in Source(LINES, "en", "en").scene(scene, (1,))]


NUMBER = {"template": "number", "value": "41", "amount": 41, "label": "metres on Kelp Rock"}
CHART = {
    "template": "chart", "kind": "bar", "labels": ["Steps", "Metres"], "values": [217, 41],
    "shown": ["217", "41"],
}  # fmt: skip
QUOTE = {"template": "quote", "text": "Otters sleep below the gallery"}
STATEMENT = {"template": "statement", "text": "Lights"}


@pytest.mark.parametrize(
    ("card", "is_right"),
    [
        (NUMBER, True),
        ({**NUMBER, "value": "44", "amount": 44}, False),
        (CHART, True),
        ({**CHART, "shown": ["317", "41"]}, False),
        (QUOTE, True),
        ({**QUOTE, "text": "Otters sleep on the gallery"}, False),
        ({**QUOTE, "attribution": "Ana the keeper"}, False),
        ({"template": "statement", "text": "The keeper climbs 217 steps"}, True),
        ({"template": "statement", "text": "The keeper climbs 300 steps"}, False),
    ],
)
def test_what_a_card_shows_is_held_against_the_source(card, is_right):
    claims = shown(card)
    assert claims
    assert all(right for _, right in claims) == is_right


def test_a_headline_is_a_claim_unless_the_narration_says_it():
    said = "The tower is 44 metres high and was lit in 1858."
    assert shown(STATEMENT, headline="A tower of 44 metres") == [("A tower of 44 metres", False)]
    assert shown(STATEMENT, "44 metres high", said) == [(said, False)]


def test_title_and_description_of_a_writer_are_claims_and_an_authors_title_is_not():
    text = answer(GOOD, title="The tower that burnt in 1911", description="A tower of 99 metres.")
    written = script_of(text, asked(), "openai:gpt-4.1")
    flagged = {(one.scene, one.text) for one in written.claims if not one.is_supported}
    mine = {("title", "The tower that burnt in 1911"), ("description", "A tower of 99 metres.")}
    assert mine <= flagged
    kept = scripts.read(json.loads(scripts.to_json(written)))
    assert kept.claims == written.claims
    other = replace(written, title="Lights", description="Of lights.")
    left = scripts.read(json.loads(scripts.to_json(other))).claims
    assert not {one.scene for one in left} & {"title", "description"}
    own = script_of(text, asked(title="Burnt in 1911"), "openai:gpt-4.1")
    assert "title" not in {one.scene for one in own.claims}


def test_chapters_begin_at_nought_are_three_and_last_ten_seconds():
    scenes = [("Kelp", 6.0), ("Too soon", 5.0), ("Otters", 12.5), ("", 20.0), ("Urchins", 3_600.0)]
    told = [one.line for one in descriptions.chapters(scenes)]
    assert told == ["0:00 Kelp", "0:11 Otters", "0:43 Urchins"]
    assert descriptions.chapters([*scenes, ("The end", 9.0)])[-1].name == "Urchins"
    assert descriptions.chapters([*scenes, ("The end", 10.0)])[-1].line == "1:00:43 The end"
    assert descriptions.chapters(scenes[:3]) == []
    assert descriptions.has_chapters("Kelp\n0:00 Begin")
    assert descriptions.has_chapters("00:00 A")
    assert not descriptions.has_chapters("It ended 10:00.")
