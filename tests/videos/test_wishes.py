"""What a scene's picture should show, made of its words."""

import pytest

from videos.contracts import SceneText
from videos.writing.checks import Wrong
from videos.writing.visuals import normalise, read, source_of, write
from videos.writing.wishes import words_for

STATEMENT = {"template": "statement", "text": "Otters guard the kelp forest"}


def scene(narration: str, visual=STATEMENT, headline="") -> SceneText:
    return SceneText("00000001", narration, headline, visual)


@pytest.mark.parametrize(
    ("language", "text", "narration", "expected"),
    [
        ("en", "Otters guard the kelp forest", "They eat the urchins.", "kelp forest otters"),
        ("de", "Der Wald unter den Wellen", "Seeotter bewachen den Wald.", "wald wellen"),
        ("ja", "海の森", "海の中の森です。", "海の森"),
    ],
)
def test_footage_is_searched_by_the_words_that_weigh_most(language, text, narration, expected):
    found = words_for(
        scene(narration, {"template": "statement", "text": text}),
        "footage",
        "Kelp forests" if language == "en" else text,
        language,
    )
    assert found.startswith(expected)


def test_what_is_paid_is_described_by_the_card_and_not_by_each_word_said():
    first = words_for(scene("They eat the urchins."), "image", "Kelp", "en")
    assert first == words_for(scene("They eat them all."), "image", "Kelp", "en")
    assert "Otters guard the kelp forest" in first


def test_a_prompt_of_ones_own_is_taken_as_it_is():
    asked = {**STATEMENT, "source": "image", "prompt": "a calm sea"}
    assert words_for(scene("Kelp.", asked), "image", "Kelp", "en") == "a calm sea"


@pytest.mark.parametrize(
    ("visual", "illustrate", "source"),
    [
        (STATEMENT, "", ""),
        (STATEMENT, "footage", "footage"),
        ({**STATEMENT, "source": "none"}, "footage", ""),
        ({**STATEMENT, "source": "image"}, "footage", "image"),
        ({"template": "title", "title": "Kelp"}, "footage", ""),
        ({"template": "picture", "picture": "kelp.jpg"}, "footage", ""),
        ({"template": "clip", "source": "clip"}, "", "clip"),
    ],
)
def test_who_is_asked(visual, illustrate, source):
    assert source_of(normalise(visual), illustrate) == source


@pytest.mark.parametrize(
    ("visual", "complaint"),
    [
        ({"template": "picture"}, "visual.picture is missing, and so is a source"),
        ({"template": "picture", "source": "clip"}, "visual.source must be image or footage"),
        ({"template": "clip", "source": "image"}, "visual.source must be clip or footage"),
        ({"template": "clip", "source": "none"}, "visual.source must be clip or footage"),
        ({"template": "picture", "picture": "a", "source": "image"}, "goes without a picture"),
        ({**STATEMENT, "source": "google"}, "visual.source must be one of"),
        ({**STATEMENT, "prompt": "x" * 401}, "visual.prompt has 401 characters"),
        ({**STATEMENT, "turn": -1}, "visual.turn must be between 0 and 999"),
        ({"template": "title", "title": "x", "source": "image"}, "visual.source is unknown"),
    ],
)
def test_what_no_card_can_ask_for(visual, complaint):
    with pytest.raises(Wrong, match=complaint):
        read(visual)


def test_a_card_that_asks_nobody_is_written_as_it_always_was():
    assert set(write(read(STATEMENT))) == {"template", "kicker", "accent", "text"}
    assert set(normalise({"template": "picture", "picture": "a"})) == {
        "template",
        "kicker",
        "accent",
        "picture",
        "caption",
    }
