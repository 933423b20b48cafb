"""The stage that turns an order into script.json."""

import json
from dataclasses import replace
from types import SimpleNamespace

from config.kit.vendors import Account
from tests.videos.orders import order, sample
from videos.contracts import Brand, Task
from videos.providers.extractive import Extractive
from videos.providers.openai_writer import OpenAIWriter
from videos.stages import catalogue
from videos.stages.script import forecast, plan, script
from videos.writing import given_sentences
from videos.writing.assignments import Assignment


class Bench:
    """The pipeline's side of a run, with a real order, a real writer and a real folder."""

    def __init__(self, asked, room):
        self.inputs = SimpleNamespace(order=asked)
        self.tools = SimpleNamespace(script=Extractive())
        self.room = room
        self.parts = iter(Task(part.id, part.params, {}) for part in plan(self.inputs))

    def beat(self, fraction, phase=""):
        pass

    def stopping(self):
        return False


def planned(asked):
    (part,) = plan(SimpleNamespace(order=asked))
    return part


def test_the_stage_needs_nothing_and_makes_the_script():
    stage = catalogue.get("script")
    assert (stage.needs, stage.makes) == ((), ("script.json",))
    assert (stage.provider, stage.cluster) == ("script", "ai")


def test_the_script_is_written_to_the_room_and_told_in_short(tmp_path):
    bench = Bench(order(sample("lighthouses.md")), tmp_path)
    (made,) = script(bench)
    written = json.loads(made.files["script.json"].read_text(encoding="utf-8"))
    assert made.part == "whole"
    assert made.files["script.json"].parent == tmp_path
    assert written["method"] == "assembled"
    assert made.facts["title"] == written["title"] == "How a lighthouse throws its light"
    assert json.dumps(made.facts)
    assert not made.spent


def test_equal_orders_make_equal_bytes(tmp_path):
    made = []
    for name in ("one", "two"):
        room = tmp_path / name
        room.mkdir()
        (part,) = script(Bench(order(sample("lighthouses.md")), room))
        made.append(part.files["script.json"].read_bytes())
    assert made[0] == made[1]


def test_only_what_the_words_depend_on_asks_for_a_new_script():
    first = order(sample("lighthouses.md"))
    same = replace(first, format="square", music="composed", voice="x:y", brand=Brand(name="B"))
    assert planned(first) == planned(same)
    for change in (
        {"source": first.source + " More."},
        {"seconds": 61},
        {"language": "de"},
        {"title": "Other"},
        {"source_kind": "text"},
        {"pictures": {"a.png": "ff"}},
    ):
        assert planned(first) != planned(replace(first, **change))


def test_a_lone_surrogate_in_the_source_does_not_break_the_plan():
    assert planned(order("a\ud800b")).params["source"]


def test_values_in_running_text_become_a_chart(tmp_path):
    source = (
        "# Fish of the north\n\nThree countries share the catch of the northern sea.\n\n"
        "## The catch\n\nNorway caught 2.3 million tonnes, Iceland 1.1 million and Denmark 0.7"
        " million. Cod makes up most of it.\n"
    )
    (made,) = script(Bench(order(source), tmp_path))
    written = json.loads(made.files["script.json"].read_text(encoding="utf-8"))
    cards = [scene["visual"] for scene in written["scenes"]]
    (chart,) = [card for card in cards if card["template"] == "chart"]
    assert chart["labels"] == ["Norway", "Iceland", "Denmark"]
    assert chart["shown"] == ["2.3 million", "1.1 million", "0.7 million"]
    assert (chart["suffix"], chart["unit"]) == (" million", "tonnes")


def test_a_page_is_read_before_a_paid_writer_is_asked():
    asked = replace(order("https://example.org/kelp"), writer="openai:gpt-4.1")
    parts = plan(SimpleNamespace(order=asked))
    names = ["source", "material", "draft", "repair", "repair:2", "whole"]
    assert [part.id for part in parts] == names
    assert all("script/source/source.md" in part.needs for part in parts[1:])


def test_tone_and_audience_ask_nothing_anew_of_who_is_not_paid():
    first = order(sample("lighthouses.md"))
    assert planned(first) == planned(replace(first, tone="dry", audience="sailors"))


def test_a_forecast_of_a_book_is_as_that_of_all_its_words():
    writer = OpenAIWriter("gpt-4.1", Account("LLM", "http://localhost"))
    book = order("\n\n".join(f"The keeper of rock {n} lit the lamp at dusk." for n in range(1_500)))
    told = forecast(book, writer)
    given = given_sentences.given(book, 60_000)
    really = writer.uses(Assignment(book, given).draft())[0]
    assert abs(told.uses[0].expected / really.expected - 1) < 0.03
    assert "of these 69," in told.notes[0]  # by its beginning, so that an order is taken at once


def test_a_forecast_says_what_a_long_text_loses_and_what_it_may_cost():
    writer = OpenAIWriter("gpt-4.1", Account("LLM", "http://localhost"))
    source = "\n\n".join(f"The keeper of rock {n} lit the lamp at dusk." for n in range(4_000))
    told = forecast(order(source), writer)
    assert any("sentences that matter most" in note for note in told.notes)
    assert {use.unit for use in told.uses} == {"tokens_in", "tokens_out"}
    assert all(use.low <= use.expected <= use.high for use in told.uses)
    assert sum(use.high for use in told.uses) > sum(use.expected for use in told.uses) > 0
