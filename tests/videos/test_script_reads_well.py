"""Assembled scripts: true to the source, of the asked length, fit to be heard and seen."""

import json
import re

import pytest

from tests.videos.orders import assembled, order, sample, spoken, templates
from videos.contracts import Script
from videos.writing import scripts
from videos.writing.extract import extract
from videos.writing.languages import seconds_of
from videos.writing.selection import SCENE_S

ENGLISH = ["lighthouses.md", "news.txt", "howto.md", "readme.md", "recipe.html", "interview.txt"]
OTHERS = ["seetang.md", "faros.md", "manara.md", "konbu.md"]
PICTURES = {"lighthouse.jpg": "ab"}


def length(script: Script) -> float:
    return sum(seconds_of(scene.narration, script.language) + SCENE_S for scene in script.scenes)


def words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.casefold()))


def figures_shown(value) -> list[str]:
    """Every run of digits in the texts that a card shows."""
    if isinstance(value, str):
        return re.findall(r"\d+", value)
    if isinstance(value, dict):
        value = [inner for name, inner in value.items() if name != "picture"]
    inside = value if isinstance(value, list) else []
    return [figure for inner in inside for figure in figures_shown(inner)]


@pytest.mark.parametrize("seconds", [30, 60, 90])
@pytest.mark.parametrize("name", ENGLISH + OTHERS)
def test_no_word_and_no_figure_is_invented(name, seconds):
    source = sample(name)
    script = assembled(source, seconds=seconds, pictures=PICTURES)
    known = words(source.replace("&amp;", "&"))
    assert words(spoken(script)) <= known
    for scene in script.scenes:
        shown = json.dumps([scene.headline, scene.visual], ensure_ascii=False)
        assert all(figure in source for figure in figures_shown(json.loads(shown)))


@pytest.mark.parametrize("seconds", [30, 45, 60, 90])
def test_a_long_enough_text_fills_the_asked_time(seconds):
    script = assembled(sample("lighthouses.md"), seconds=seconds)
    assert length(script) == pytest.approx(seconds, rel=0.12)


def test_ten_minutes_are_filled_as_well_from_a_long_text():
    chapters = [sample(name) for name in ENGLISH if name.endswith((".md", ".txt"))]
    script = assembled("\n\n".join(chapters), seconds=240, kind="markdown")
    assert length(script) == pytest.approx(240, rel=0.12)


def test_a_short_text_is_told_whole_and_the_notes_say_so():
    script = assembled("Kelp grows in cold water. Otters guard the kelp forest.", seconds=60)
    assert "Kelp grows in cold water." in spoken(script)
    assert "Otters guard the kelp forest." in spoken(script)
    assert any("of the 60 s asked for" in note for note in script.notes)


@pytest.mark.parametrize("name", ENGLISH + OTHERS)
def test_the_notes_say_honestly_that_nothing_was_written(name):
    script = assembled(sample(name))
    assert script.method == "assembled"
    assert script.notes[0].startswith("Assembled from your text, not written")


@pytest.mark.parametrize("name", ENGLISH + OTHERS)
def test_every_scene_can_be_heard_seen_and_stored(name):
    script = assembled(sample(name), pictures=PICTURES)
    assert scripts.from_json(scripts.to_json(script)) == script
    assert len({scene.id for scene in script.scenes}) == len(script.scenes)
    for scene in script.scenes:
        assert 1 < seconds_of(scene.narration, script.language) <= 26
        assert scene.headline
        assert not scene.headline.endswith((" the", " of", " and", " a", " to", ",", " der", " de"))


@pytest.mark.parametrize("name", [*ENGLISH[:-1], *OTHERS])  # an interview holds words alone
def test_pictures_vary(name):
    shown = templates(assembled(sample(name), seconds=90, pictures=PICTURES))
    assert shown[0] == "title"
    assert len(set(shown)) >= 3
    for three in zip(shown, shown[1:], shown[2:], strict=False):
        assert set(three) != {"number"}
        assert set(three) != {"quote"}


@pytest.mark.parametrize("name", ENGLISH + OTHERS)
def test_equal_orders_give_equal_scripts(name):
    asked = order(sample(name), pictures=PICTURES)
    assert scripts.to_json(extract(asked)) == scripts.to_json(extract(asked))


def test_the_sample_shows_what_it_holds():
    script = assembled(sample("lighthouses.md"), seconds=60, pictures=PICTURES)
    cards = {scene.visual["template"]: scene.visual for scene in script.scenes}
    assert cards["title"]["picture"] == "lighthouse.jpg"
    assert cards["chart"]["labels"] == ["10 m", "20 m", "40 m", "80 m"]
    assert cards["chart"]["shown"] == ["11 km", "16 km", "23 km", "32 km"]
    assert cards["quote"]["attribution"] == "Henry Wadsworth Longfellow"
    assert [item["title"] for item in cards["list"]["items"]][:2] == ["Fixed", "Flashing"]
    longer = assembled(sample("lighthouses.md"), seconds=90, pictures=PICTURES)
    assert "number" in templates(longer)


def test_the_opening_says_the_title_and_one_sentence_more():
    first = assembled(sample("lighthouses.md")).scenes[0]
    assert first.narration.startswith("How a lighthouse throws its light. For most of history,")


def test_the_text_has_the_last_word():
    last = assembled(sample("lighthouses.md")).scenes[-1]
    assert last.narration == "A lighthouse asks nothing of the ship except a pair of eyes."


def test_an_order_title_wins_over_the_texts_own():
    script = assembled(sample("lighthouses.md"), title="Lights of the coast")
    assert script.title == "Lights of the coast"
    assert script.scenes[0].narration.startswith("Lights of the coast. ")


def test_no_scene_opens_on_a_word_that_points_at_nothing():
    source = (
        "# Otters\n\nSea otters live along the coast of California and eat sea urchins all day.\n\n"
        "## Fur\n\nOtter fur is the densest of any animal in the world today. However, it made"
        " the otter a target for hunters.\n\n"
        "## Hunting\n\nThis nearly ended the species. Hunters killed most otters before 1911.\n"
    )
    for seconds in (12, 16, 20, 25, 30):
        for scene in assembled(source, seconds=seconds).scenes:
            first = scene.narration.partition(" ")[0]
            assert first not in {"This", "It", "However,", "They"} or "Otter fur" in spoken(
                assembled(source, seconds=seconds)
            )


def test_a_claim_that_the_next_sentence_takes_back_brings_it_along():
    script = assembled(sample("lighthouses.md"), seconds=75)
    said = spoken(script)
    if "may look like a thing of the past" in said:
        assert "But satellites can be jammed" in said


def test_steps_are_told_in_order_and_to_the_end():
    script = assembled(sample("howto.md"))
    lists = [scene.visual for scene in script.scenes if scene.visual["template"] == "list"]
    steps = [card for card in lists if card["ordered"]]
    assert [card["start"] for card in steps] == [1, 4]
    assert sum(len(card["items"]) for card in steps) == 6


def test_an_interview_keeps_question_and_answer_together():
    script = assembled(sample("interview.txt"))
    asked = [scene for scene in script.scenes if scene.narration.startswith("What has changed")]
    assert asked
    assert "The silence between the sounds has become shorter." in asked[0].narration


def test_a_speaker_is_named_beside_the_words():
    script = assembled(sample("news.txt"), seconds=60)
    quotes = [scene.visual for scene in script.scenes if scene.visual["template"] == "quote"]
    assert {"Jonas Berg", "Ana Ruiz"} & {quote["attribution"] for quote in quotes}


def test_figures_keep_their_units():
    cards = [scene.visual for scene in assembled(sample("news.txt"), seconds=90).scenes]
    shown = {f"{c['prefix']}{c['value']}{c['suffix']}" for c in cards if c["template"] == "number"}
    assert {"312 beds", "€59"} <= shown


def test_half_of_a_compound_figure_is_never_shown():
    cards = [scene.visual for scene in assembled(sample("readme.md"), seconds=60).scenes]
    assert not [
        card for card in cards if card["template"] == "number" and card["value"] in {"12", "25"}
    ]


def test_code_links_and_page_furniture_are_never_spoken():
    said = spoken(assembled(sample("readme.md"), seconds=120))
    assert not re.search(r"pip|import|http|toml|NEEDED|TODO|MIT|🚀|badge", said)
    said = spoken(assembled(sample("recipe.html"), seconds=120))
    assert not re.search(r"Do not speak|Nor this one|Subscribe|Related|rights reserved|Home", said)


def test_a_picture_of_the_creator_goes_where_the_text_has_it():
    source = sample("lighthouses.md").replace(
        "## Still shining\n", "## Still shining\n\n![A tower today](img/my%20tower.png)\n"
    )
    pictures = {"lighthouse.jpg": "ab", "img/my tower.png": "cd"}
    script = assembled(source, seconds=60, pictures=pictures)
    assert script.scenes[0].visual["picture"] == "lighthouse.jpg"
    last = script.scenes[-1].visual
    assert (last["template"], last["picture"]) == ("picture", "img/my tower.png")
    assert last["caption"] == "A tower today"
    strange = assembled(source, seconds=60, pictures={})
    assert not any(scene.visual.get("picture") for scene in strange.scenes)


@pytest.mark.parametrize(
    ("name", "language"),
    [("seetang.md", "de"), ("faros.md", "es"), ("manara.md", "ar"), ("konbu.md", "ja")],
)
def test_other_languages_are_found_and_told_in_whole_sentences(name, language):
    script = assembled(sample(name), seconds=40)
    assert script.language == language
    assert length(script) == pytest.approx(40, rel=0.12)
    for scene in script.scenes:
        assert scene.narration.rstrip("”»」").endswith((".", "。", "!", "?", "؟", "？"))


def test_the_given_language_wins():
    assert assembled(sample("seetang.md"), language="nl").language == "nl"
