"""Charts from running text: those that are there, and those that would be false."""

import pytest

from tests.videos.orders import assembled
from videos.writing.counts_in_prose import chart_of

YEARS = ("1990", "2000", "2010")
SHARES = ("Spain", "France", "Italy")
CATCHES = ("Norway", "Iceland", "Denmark")
FRONT = "In 1990 the colony had 120 birds"


@pytest.mark.parametrize(
    ("text", "labels", "shown", "unit"),
    [
        (f"{FRONT}, in 2000 it had 340 and in 2010 it had 910.", YEARS, "120/340/910", "birds"),
        (
            "In 1990, it had 120 birds; in 2000, 340; and in 2010, 910.",
            YEARS,
            "120/340/910",
            "birds",
        ),
        ("It had 910 birds in 2010, 340 in 2000 and 120 in 1990.", YEARS, "120/340/910", "birds"),
        (
            "There were 120 breeding pairs in 1990, about 340 in 2000 and only 910 in 2010.",
            YEARS,
            "120/about 340/910",
            "breeding pairs",
        ),
        (
            "It rose from 12 percent in 1998 to 25 percent in 2008 and 41 percent in 2020.",
            ("1998", "2008", "2020"),
            "12 percent/25 percent/41 percent",
            "",
        ),
        (
            "It had 120 birds in 1990, rose to 340 birds in 2000 and fell to 91 birds in 2010, "
            "the lowest ever recorded.",
            YEARS,
            "120 birds/340 birds/91 birds",
            "",
        ),
        (
            "The population was 3,500 in 1801, 4,200 in 1851 and 5,100 in 1901.",
            ("1801", "1851", "1901"),
            "3,500/4,200/5,100",
            "population",
        ),
        (
            "The number of wolves rose from 12 in 1990 to 34 in 2000 and 91 in 2010.",
            YEARS,
            "12/34/91",
            "wolves",
        ),
        (
            "Norway caught 2.3 million tonnes, Iceland 1.1 million and Denmark 0.7 million.",
            CATCHES,
            "2.3 million/1.1 million/0.7 million",
            "tonnes",
        ),
        (
            "In 2020, Norway caught 3 tonnes of fish, Iceland caught 2 tonnes and Denmark 1.5.",
            CATCHES,
            "3/2/1.5",
            "tonnes of fish",
        ),
        (
            "Kelp grows 60 cm a day, bamboo 91 cm and ivy 2 cm.",
            ("Kelp", "Bamboo", "Ivy"),
            "60 cm/91 cm/2 cm",
            "cm a day",
        ),
        (
            "The Nile is 6,650 km long, the Amazon 6,400 km and the Yangtze 6,300 km.",
            ("Nile", "Amazon", "Yangtze"),
            "6,650 km/6,400 km/6,300 km",
            "km long",
        ),
        (
            "Norway won 16 gold medals, Iceland 12 and Denmark 9.",
            CATCHES,
            "16/12/9",
            "gold medals",
        ),
        (
            "Otters have 36 teeth, seals 30 and whales 50.",
            ("Otters", "Seals", "Whales"),
            "36/30/50",
            "teeth",
        ),
        (
            "Spain has 40 percent, France 22 percent and Italy 18 percent.",
            SHARES,
            "40 percent/22 percent/18 percent",
            "",
        ),
        ("Three lead: Spain 40%, France 22% and Italy 18%.", SHARES, "40%/22%/18%", ""),
        ("The share is 40% in Spain, 22% in France and 18% in Italy.", SHARES, "40%/22%/18%", ""),
        (
            "Tickets cost €12 for adults, €8 for students and €4 for children.",
            ("Adults", "Students", "Children"),
            "€12/€8/€4",
            "",
        ),
        (
            "The largest cities are Berlin (3.6 million), Hamburg (1.8 million) "
            "and Munich (1.5 million).",
            ("Berlin", "Hamburg", "Munich"),
            "3.6 million/1.8 million/1.5 million",
            "",
        ),
        (
            "It is led by Spain with 40%, followed by France with 22% and Italy with 18%.",
            SHARES,
            "40%/22%/18%",
            "",
        ),
    ],
)
def test_values_that_can_be_compared_make_a_chart(text, labels, shown, unit):
    chart = chart_of([text], "en")
    assert chart
    assert (chart.kind, chart.labels, chart.unit) == ("bar", labels, unit)
    assert chart.shown == tuple(shown.split("/"))


@pytest.mark.parametrize(
    ("language", "text", "labels", "shown"),
    [
        (
            "de",
            "1990 hatte die Kolonie 120 Vögel, 2000 waren es 340 und 2010 schon 910.",
            YEARS,
            "120/340/910",
        ),
        (
            "de",
            "Der Anteil stieg von 12 % im Jahr 1990 auf 25 % im Jahr 2000 und 41 % im Jahr 2010.",
            YEARS,
            "12 %/25 %/41 %",
        ),
        (
            "de",
            "Norwegen fing 2,3 Millionen Tonnen Fisch, Island 1,1 Millionen und"
            " Malta 0,7 Millionen.",
            ("Norwegen", "Island", "Malta"),
            "2,3 Millionen/1,1 Millionen/0,7 Millionen",
        ),
        (
            "fr",
            "En 1990 la colonie comptait 120 oiseaux, en 2000 elle en comptait 340 et en 2010 910.",
            YEARS,
            "120/340/910",
        ),
        (
            "fr",
            "L’Espagne a 40 %, la France 22 % et l’Italie 18 %.",
            ("Espagne", "France", "Italie"),
            "40 %/22 %/18 %",
        ),
        (
            "es",
            "España tiene el 40 %, Francia el 22 % e Italia el 18 %.",
            ("España", "Francia", "Italia"),
            "40 %/22 %/18 %",
        ),
    ],
)
def test_other_languages_have_their_own_words_for_it(language, text, labels, shown):
    chart = chart_of([text], language)
    assert chart
    assert (chart.labels, chart.shown) == (labels, tuple(shown.split("/")))


def test_four_values_in_equal_steps_of_time_are_a_line():
    text = "The share rose from 12% in 1990 to 25% in 2000, 41% in 2010 and 44% in 2020."
    even = chart_of([text], "en")
    uneven = chart_of([text.replace("2020", "2023")], "en")
    assert even
    assert uneven
    assert (even.kind, even.values, even.suffix) == ("line", (12, 25, 41, 44), "%")
    assert uneven.kind == "bar"


def test_neighbouring_sentences_may_share_a_series():
    sentences = [f"{FRONT}.", "By 2000 it had 340.", "In 2010 there were 910."]
    chart = chart_of(sentences, "en")
    assert chart
    assert (chart.labels, chart.shown) == (YEARS, ("120", "340", "910"))
    assert chart_of(sentences[:2], "en") is None
    assert chart_of([*sentences[:2], "Rabbits numbered 910 in 2010."], "en") is None


@pytest.mark.parametrize(
    "text",
    [
        # Two people, though pronouns alone tell them apart.
        "In 1990 Ana had 3 goats, in 2000 he had 4 goats and in 2010 she had 9 goats.",
        # Two things, or two units.
        f"{FRONT}, in 2000 it had 340 nests and in 2010 it had 910 eggs.",
        f"{FRONT}, in 2000 the island had 340 and in 2010 it had 910.",
        f"{FRONT}, in 1990 it had 340 and in 2010 it had 910.",
        f"{FRONT} per acre, in 2000 340 per cliff and in 2010 910.",
        "Norway caught 2.3 million tonnes, Iceland 900,000 tonnes and Denmark 0.7 million.",
        "Norway caught 2.3 million tonnes, Iceland 1.1 and Denmark 0.7.",
        "Norway caught 2 tonnes in 1990, Iceland 4 tonnes in 2000 and Denmark 3 tonnes in 2010.",
        "Norway has 120 ships, Iceland 34 harbours and Denmark 9 lighthouses.",
        "Spain has 40 percent, France 22 euros and Italy 18 percent.",
        "Spain has 40 percentage points, France 22 percent and Italy 18 percent.",
        "Sales were $2 million in Spain, €5 million in France and $1 million in Italy.",
        "Profits were 12% of sales in Spain, 22% of costs in France and 18% in Italy.",
        "It is 12 percent in Spain, 22 percent for France and 18 percent in Italy.",
        "The towns are Aa (12 km), Bb (5 miles) and Cc (14 km).",
        "The tower is 60 m high, the bridge 30 m long and the wall 20 m thick.",
        "It is 120 cm long, 60 cm wide and 75 cm high.",
        "Kelp grows 60 cm a day, bamboo 91 cm a week and ivy 2 cm a day.",
        "Water covers 70 percent, land 30 percent and ice 10 percent of land.",
        # Changes among levels, or another verb.
        "It rose 12 percent in 1998, 25 percent in 2008 and 41 percent in 2020.",
        "It rose by 12 percent in 1998, by 25 percent in 2008 and by 41 percent in 2020.",
        "It rose 12 percent in 1998, to 25 percent in 2008 and 41 percent in 2020.",
        "It had 120 birds in 1990, rose by 34 in 2000 and had 910 in 2010.",
        "It had 120 birds in 1990, lost 34 in 2000 and gained 91 in 2010.",
        "Norway lost 40 percent, Iceland gained 22 percent and Denmark 18 percent.",
        "Otters eat 12 crabs, kill 3 crabs and chase 5 crabs.",
        "Kelp grows 60 cm a day, loses 2 cm and regains 5 cm.",
        "The city planted 12 trees, felled 3 trees and watered 5 trees.",
        # Labels that name nothing.
        "It has 40 percent, they have 22 percent and we have 18 percent.",
        "Spain has 40 percent, France 22 percent and the rest 18 percent.",
        "Spain has 40 percent, others 22 percent and Italy 18 percent.",
        "One has 40 percent, another 22 percent and the other 18 percent.",
        "The first has 40 percent, the second 22 percent and the third 18 percent.",
        "Spain has 40 percent, Spain 22 percent and Italy 18 percent.",
        "Yesterday Norway caught 2 tonnes, Iceland 1.5 tonnes and Denmark 3 tonnes.",
        "Kelp grows 60 cm a day, sometimes 91 cm and rarely 2 cm.",
        "A ticket costs €12, online €10 and reduced €6.",
        "Norway and Sweden caught 2 tonnes, Iceland 3 tonnes and Denmark 5 tonnes.",
        "Compare Berlin (3.6 million), Hamburg (1.8 million) and Munich (1.5 million).",
        # Ordinals, dates, pages, versions, ranges, compounds.
        "Norway joined in 1949, Iceland in 1950 and Denmark in 1951.",
        "Ana was born in 1990, Ben in 1992 and Cho in 1994.",
        "Kings were Harald (872), Erik (930) and Haakon (934).",
        "The towns are Aa (12 km), Bb (1990) and Cc (14 km).",
        "Norway came 1st, Iceland 2nd and Denmark 3rd.",
        "On 3 May 1990 it had 120 birds, on 4 May 340 and on 5 May 910.",
        "In the 1990s it had 120 birds, in the 2000s 340 and in the 2010s 910.",
        "From 1990 to 2000 the colony had 120 birds, 340 in 2005 and 910 in 2010.",
        "The notes are on page 12 for Norway, page 22 for Iceland and page 30 for Denmark.",
        "Version 1.2 has 12 bugs, version 1.3 has 9 bugs and version 1.4 has 3 bugs.",
        "Kelp grows 10 to 20 cm a day, bamboo 60 to 91 cm and ivy 1 to 2 cm.",
        "Kelp grows 10-20 cm a day, bamboo 60-91 cm and ivy 1-2 cm.",
        "The bus takes 12 hours and 25 minutes, the train 13 hours and the ferry 14 hours.",
        "The bus leaves at 10:30, the train at 11:15 and the ferry at 12:00.",
        "The bus leaves at 10, the train at 11 and the ferry at 12.",
        "It was 3,500 in 1801, 4,200 in 1851 and 5,100 in 1901.",
        "The population density was 35 in 1801, 42 in 1851 and 51 in 1901.",
        "Growth was 3.9 percent in 1988, 0.8 percent in 1990 and -1 percent in 1991.",
        # No plain statements.
        "Spain has half of 40 percent, France 22 percent and Italy 18 percent.",
        "Spain has less than 40 percent, France 22 percent and Italy 18 percent.",
        "Spain has 40 percent, France up to 22 percent and Italy 18 percent.",
        "It will reach 12 percent in 2030, 25 percent in 2040 and 41 percent in 2050.",
        "It did not have 120 birds in 1990, 340 in 2000 and 910 in 2010.",
        "It didn’t have 120 birds in 1990, 340 in 2000 and 910 in 2010.",
        "If Spain has 40 percent, France 22 percent and Italy 18 percent, who leads?",
        "Does Spain have 40 percent, France 22 percent and Italy 18 percent?",
        "“Spain has 40 percent, France 22 percent and Italy 18 percent,” said Ana.",
        # Something left over, too little, or nothing to see.
        "Spain has 40 percent, France 22 percent, Italy 18 percent and Malta none.",
        "Spain has 40 percent, France 22 percent and Italy exports wine.",
        "Spain has 40 percent, France 22 percent and Italy 18 percent, 3 less.",
        f"{FRONT} and in 2000 it had 340.",
        "Spain has 40 percent, France 40 percent and Italy 40 percent.",
        "",
    ],
)
def test_no_chart_is_better_than_a_false_one(text):
    assert chart_of([text], "en") is None


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "1990 hatte die Kolonie 120 Vögel, 2000 die Insel 340 und 2010 das Kap 910."),
        ("de", "1990 hatte er 3 Ziegen, 2000 hatte sie 4 Ziegen und 2010 hatte er 9 Ziegen."),
        ("de", "Der Anteil stieg 1990 um 12 %, 2000 um 25 % und 2010 um 41 %."),
        ("de", "Spanien hat 40 %, Frankreich mehr als 22 % und Italien 18 %."),
        ("de", "Die Mauer ist 12 m lang, 3 m hoch und 2 m dick."),
        ("fr", "La France a 40 %, les autres 22 % et l’Italie 18 %."),
        ("fr", "La France a plus de 40 %, l’Espagne 22 % et l’Italie 18 %."),
        ("es", "España tiene más del 40 %, Francia el 22 % e Italia el 18 %."),
        ("ja", "1990年に120羽、2000年に340羽、2010年に910羽がいた。"),
        ("en", "Spanien hat 40 Prozent, Frankreich 22 Prozent und Italien 18 Prozent."),
    ],
)
def test_other_languages_refuse_as_well(language, text):
    assert chart_of([text], language) is None


BIRDS = (
    "# The island\n\nSea birds breed on the cliffs of the island every summer.\n\n"
    f"## The count\n\n{FRONT}, in 2000 it had 340 and in 2010 it had 910."
    " A fence keeps the rats away from the nests.\n"
)


def test_a_chart_in_a_sentence_is_shown_with_its_scene():
    (card,) = [one.visual for one in assembled(BIRDS).scenes if one.visual["template"] == "chart"]
    assert card["values"] == [120, 340, 910]
    assert (card["title"], card["unit"]) == ("", "birds")


def test_a_table_is_stronger_than_a_sentence():
    table = "\n| Cliff | Nests |\n|---|---|\n| North | 10 |\n| East | 30 |\n| South | 20 |\n"
    cards = [one.visual for one in assembled(BIRDS + table).scenes]
    assert [one["title"] for one in cards if one["template"] == "chart"] == ["Nests"]


def test_the_first_sentence_leaves_its_chart_to_a_scene_of_its_own():
    source = f"{FRONT}, in 2000 it had 340 and in 2010 it had 910. Sea birds breed on cliffs."
    scenes = assembled(source, title="The island").scenes
    assert scenes[0].narration == "The island."
    assert scenes[1].visual["template"] == "chart"


def test_a_headline_of_other_words_gives_way_to_those_of_the_chart():
    source = (
        "Wardens count all the animals of the island in spring. Gulls eat the eggs of smaller"
        " birds there. Kelp grows 60 cm a day, bamboo 91 cm and ivy 2 cm."
    )
    scenes = assembled(source, title="The island").scenes
    (shown,) = [one for one in scenes if one.visual["template"] == "chart"]
    assert "Kelp" in (shown.visual["title"] or shown.headline)
