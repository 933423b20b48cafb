"""Comparisons are taken only where the source really compares."""

import pytest

from videos.contracts import Brand, Order
from videos.writing import contrasts, extract
from videos.writing.documents import Table


def plain(card):
    return {side.title: side.points for side in card.sides} if card else None


@pytest.mark.parametrize(
    ("sentence", "language", "sides"),
    [
        (
            "Giant kelp grows 60 cm a day, whereas bamboo grows 91 cm a day.",
            "en",
            {"Giant kelp": ("Grows 60 cm a day",), "Bamboo": ("Grows 91 cm a day",)},
        ),
        (
            "An LED lamp is cheap to run, while a halogen lamp is cheap to buy.",
            "en",
            {"LED lamp": ("Cheap to run",), "Halogen lamp": ("Cheap to buy",)},
        ),
        (
            "LEDs last 25,000 hours, whereas a halogen lamp lasts 2,000 hours.",
            "en",
            {"LEDs": ("Last 25,000 hours",), "Halogen lamp": ("Lasts 2,000 hours",)},
        ),
        (
            "El bambú crece 91 cm al día, mientras que el alga crece 60 cm al día.",
            "es",
            {"Bambú": ("Crece 91 cm al día",), "Alga": ("Crece 60 cm al día",)},
        ),
        ("He sleeps all day, while she sleeps all night.", "en", None),
        ("Kelp grew, while the ships were kept away from the bay.", "en", None),
        ("The keeper slept while the light burned.", "en", None),
        ("Kelp grows fast, whereas bamboo grows faster.", "ja", None),
    ],
)
def test_a_sentence_compares_two_subjects_of_one_verb(sentence, language, sides):
    assert plain(contrasts.in_sentence(sentence, language)) == sides


def test_a_table_of_two_things_becomes_labelled_columns():
    rows = (("Life", "25,000 hours", "2,000 hours"), ("Power", "9 W", "53 W"))
    card = contrasts.from_table(Table(("", "LED", "Halogen"), rows))
    assert plain(card) == {"LED": ("25,000 hours", "9 W"), "Halogen": ("2,000 hours", "53 W")}
    assert card.labels == ("Life", "Power")


def test_a_table_of_words_in_two_columns_becomes_two_sides():
    rows = (("Cheap to run", "Dear to buy"), ("Stays cool", "Blue light"))
    card = contrasts.from_table(Table(("For", "Against"), rows))
    assert plain(card) == {
        "For": ("Cheap to run", "Stays cool"),
        "Against": ("Dear to buy", "Blue light"),
    }


@pytest.mark.parametrize(
    "table",
    [
        Table(("Year", "Ships"), (("1990", "12"), ("1991", "13"))),
        Table(("", "A", "B"), (("x", "1", "2"),)),
        Table(("", "A", "A"), (("x", "1", "2"), ("y", "3", "4"))),
        Table(("", "A", ""), (("x", "1", "2"), ("y", "3", "4"))),
        Table(("", "A", "B"), (("x", "1", ""), ("y", "3", "4"))),
        Table(("", "A", "B"), (("x", "1" * 70, "2"), ("y", "3", "4"))),
        Table(("", "A", "B"), tuple((str(n), "a", "b") for n in range(5))),
    ],
)
def test_other_tables_are_left_alone(table):
    assert contrasts.from_table(table) is None


def test_a_heading_that_names_two_gets_what_is_said_of_each():
    texts = ["Kelp lives in cold water.", "Bamboo lives on land.", "Both grow fast."]
    assert plain(contrasts.under_heading("Kelp vs. bamboo", texts)) == {
        "Kelp": ("Lives in cold water",),
        "Bamboo": ("Lives on land",),
    }
    assert contrasts.under_heading("Kelp vs. bamboo", texts[:1]) is None
    assert contrasts.under_heading("Kelp and bamboo", texts) is None


def test_the_script_of_a_text_with_a_table_of_two_shows_it():
    source = (
        "# Which lamp is better?\n\nA lamp is bought once and paid for every evening.\n\n"
        "## The lamps compared\n\nThe LED lamp lives longer and takes less power than the "
        "halogen lamp in every home.\n\n| | LED | Halogen |\n|---|---|---|\n"
        "| Life | 25,000 hours | 2,000 hours |\n| Power | 9 watts | 53 watts |\n"
    )
    order = Order("", source, "markdown", "short", 30, "en", "", "none", Brand())
    script = extract.extract(order, lambda: False)
    shown = [scene.visual for scene in script.scenes if scene.visual["template"] == "comparison"]
    assert [side["title"] for side in shown[0]["sides"]] == ["LED", "Halogen"]
