"""The contract between what is written and what is drawn."""

import json

import pytest

from videos.writing import visuals
from videos.writing.checks import Wrong
from videos.writing.visuals import Number, normalise, picture_of, read, write

GOOD = {
    "title": {"title": "Kelp", "kicker": "Ocean", "subtitle": "A forest", "picture": "kelp.jpg"},
    "statement": {"text": "Kelp grows fast", "accent": "fast"},
    "list": {"items": [{"title": "One"}, {"title": "Two", "detail": "more"}], "ordered": True},
    "number": {"value": "5,633", "amount": 5633, "prefix": "$", "group": ",", "label": "saved"},
    "quote": {"text": "Sail on", "attribution": "Longfellow"},
    "chart": {
        "kind": "bar",
        "labels": ["a", "b"],
        "values": [1, 2.5],
        "shown": ["1 km", "2.5 km"],
        "suffix": " km",
        "highlight": 1,
    },
    "picture": {"picture": "kelp.jpg", "caption": "Kelp"},
    "clip": {"clip": "asset:7", "caption": "Kelp"},
    "comparison": {
        "sides": [
            {"title": "Kelp", "points": ["60 cm a day", "Salt water"]},
            {"title": "Bamboo", "points": ["91 cm a day", ""]},
        ],
        "labels": ["Growth", "Home"],
        "highlight": 1,
    },
}


@pytest.mark.parametrize("template", visuals.TEMPLATES)
def test_every_template_reads_back_what_it_wrote(template):
    card = read({"template": template, **GOOD[template]})
    plain = write(card)
    assert read(plain) == card
    assert normalise(json.loads(json.dumps(plain))) == plain
    assert {"template", "kicker", "accent"} <= set(plain)


@pytest.mark.parametrize(
    ("visual", "complaint"),
    [
        (3, "visual must be an object, not a number"),
        ({}, "visual.template is missing; there is: title, statement, list"),
        ({"template": "pie"}, "visual.template must be one of 'title', 'statement'"),
        ({"template": ["title"]}, "visual.template must be one of"),
        ({"template": "title"}, "visual.title is missing"),
        ({"template": "title", "title": " \n "}, "visual.title is empty"),
        ({"template": "title", "title": None}, "visual.title must be a text, not null"),
        (
            {"template": "title", "title": "x" * 91},
            "visual.title has 91 characters; 90 is the most",
        ),
        (
            {"template": "title", "title": "x", "size": 3},
            "visual.size is unknown; there is: accent",
        ),
        (
            {"template": "statement", "text": "a b", "accent": "c"},
            "visual.accent must be a part",
        ),
        ({"template": "list", "items": "ab"}, "visual.items must be a list, not a text"),
        ({"template": "list", "items": [{"title": "a"}]}, "visual.items has 1 entries; 2 to 6"),
        ({"template": "list", "items": [{"title": "a"}, 4]}, "visual.items[1] must be an object"),
        (
            {"template": "list", "items": [{"title": "a"}, {"title": "b", "note": "c"}]},
            "visual.items[1].note is unknown; there is: detail, title",
        ),
        ({"template": "number", "value": "3", "amount": "3"}, "visual.amount must be a number"),
        ({"template": "number", "value": "3", "amount": True}, "not true or false"),
        ({"template": "number", "value": "3", "amount": float("nan")}, "must be a finite number"),
        ({"template": "number", "value": "3", "amount": 10**400}, "must be a finite number"),
        (
            {"template": "number", "value": "3", "amount": 3, "group": "."},
            "visual.group must differ from point",
        ),
        ({**GOOD["chart"], "template": "chart", "values": [1]}, "visual.values has 1 entries"),
        ({**GOOD["chart"], "template": "chart", "shown": ["1", "2", "3"]}, "as many entries as"),
        ({**GOOD["chart"], "template": "chart", "highlight": 2}, "points past the last label"),
        ({**GOOD["chart"], "template": "chart", "kind": "pie"}, "visual.kind must be one of 'bar'"),
        ({"template": "clip"}, "visual.clip is missing"),
        (
            {"template": "comparison", "sides": [{"title": "a", "points": ["b"]}]},
            "visual.sides has 1 entries; 2 to 3",
        ),
        (
            {**GOOD["comparison"], "template": "comparison", "highlight": 2},
            "visual.highlight points past the last side",
        ),
        (
            {**GOOD["comparison"], "template": "comparison", "labels": ["a", "b", "c"]},
            "visual.labels has 3 entries for 2 points",
        ),
        (
            {
                "template": "comparison",
                "sides": [{"title": "a", "points": [""]}, {"title": "b", "points": ["c"]}],
            },
            "visual.sides[0].points is empty",
        ),
        (
            {
                "template": "chart",
                "kind": "bar",
                "labels": list("abcdefghi"),
                "values": list(range(9)),
                "shown": list("012345678"),
            },
            "visual.labels has more than 8 entries; use a line",
        ),
    ],
)
def test_a_faulty_visual_is_refused_with_the_field_and_the_reason(visual, complaint):
    with pytest.raises(Wrong) as refusal:
        read(visual)
    assert complaint in str(refusal.value)


def test_control_and_invisible_characters_never_reach_a_card():
    card = read({"template": "statement", "text": "a\u202eb\x00c\u200bd\te\n f\ufeff"})
    assert card.text == "abcd e f"


def test_joiners_that_change_the_shape_of_letters_stay():
    assert read({"template": "statement", "text": "می\u200cخواهم ok"}).text == "می\u200cخواهم ok"


@pytest.mark.parametrize(
    ("fields", "halfway", "end"),
    [
        ({"value": "5,633", "amount": 5633, "group": ","}, "2,816", "5,633"),
        ({"value": "3,5", "amount": 3.5, "point": ",", "decimals": 1}, "1,8", "3,5"),
        ({"value": "1 500", "amount": 1500, "group": " "}, "750", "1 500"),
        ({"value": "٥٦٣٣", "amount": 5633}, "٢٨١٦", "٥٦٣٣"),
    ],
)
def test_a_counter_counts_in_the_writing_of_its_source(fields, halfway, end):
    card = read({"template": "number", **fields})
    assert isinstance(card, Number)
    assert card.shown_at(0.5) == halfway
    assert card.shown_at(1) == end


def test_blanks_around_a_unit_are_kept():
    card = read({"template": "number", "value": "42", "amount": 42, "suffix": "  % "})
    assert card.suffix == " % "


def test_a_card_tells_which_picture_it_shows():
    assert picture_of({"template": "picture", "picture": "a.png"}) == "a.png"
    assert picture_of({"template": "statement", "text": "a"}) == ""
