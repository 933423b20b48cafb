"""What can't become a video is refused with one sentence that says what to do."""

import random
import resource
import time

import pytest

from config.kit.errors import Rejected, Stopped
from tests.videos.orders import assembled, order, sample, spoken
from videos.writing import scripts
from videos.writing.extract import extract
from videos.writing.sources import MAX_CHARACTERS

CODE = "def f(x):\n    return x + 1\n\nfor i in range(3):\n    print(f(i));\n"


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("", "There is no text. Paste an article"),
        (" \n\t\u200b", "There is no text."),
        ("Lighthouse", "The text has no whole sentences. Write or paste some"),
        ("Kelp grows.", "The text has no whole sentences."),
        ("# Heading\n\n## Other heading\n", "The text has no whole sentences."),
        (f"```\n{CODE}```", "The text is only code. Add some sentences"),
        (CODE, "The text is only code."),
        ("😀😀🎉 🚀", "The text has no words."),
        ("1 2 3 4 5. 6 7 8 9.", "The text has no words."),
        ("https://a.com/x\nhttps://b.org/y", "The text is only links. Paste the article itself"),
        ("\x00\x01PNG\r\n" * 40, "This is not a text file."),
        ("%PDF-1.7 stream", "This is not a text file."),
        ("\ufffd\ufffd\ufffdabc", "This is not a text file."),
        ("a b c. " * (MAX_CHARACTERS // 6), "4,000,000 is the most."),
    ],
)
def test_what_can_not_be_told_is_refused_in_one_sentence(source, says):
    with pytest.raises(Rejected) as refusal:
        assembled(source)
    assert says in refusal.value.message
    assert refusal.value.message.endswith(".")
    assert "\n" not in refusal.value.message


def test_two_megabytes_are_read_in_seconds_and_little_memory():
    dice = random.Random(7)  # noqa: S311 - words, not secrets
    names = "abcdefghijkl"

    def sentence():
        one, two, three = dice.sample(names, 3)
        year = dice.randrange(1500, 2000)
        return f"The {one}boat reached the {two}town near the {three}hill in {year}."

    parts = (" ".join(sentence() for _ in range(50)) for _ in range(800))
    source = "\n\n".join(f"# Part {place}\n\n{part}" for place, part in enumerate(parts))
    assert len(source) > 2_000_000
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begun = time.process_time()
    script = assembled(source)
    assert time.process_time() - begun < 12
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300_000
    assert any("The text is very long" in note for note in script.notes)


@pytest.mark.parametrize(
    "source",
    [
        "a" * 2_000_000,
        "." * 1_000_000,
        "(" * 300_000,
        '"' * 300_000,
        "a.b@" * 200_000,
        "a-" * 400_000,
    ],
)
def test_texts_made_to_be_slow_are_not(source):
    begun = time.process_time()
    with pytest.raises(Rejected):
        assembled(source)
    assert time.process_time() - begun < 6


def test_a_script_tag_is_never_spoken():
    page = "<script>The secret word is kelp forest.</script><p>The sea is wide and very deep.</p>"
    assert "secret" not in spoken(assembled(page))


def test_a_huge_table_does_not_drown_the_article():
    rows = "".join(f"| row {n} | {n} |\n" for n in range(50_000))
    script = assembled(f"{sample('lighthouses.md')}\n\n| a | b |\n|---|---|\n{rows}")
    assert script.scenes[0].narration.startswith("How a lighthouse throws its light.")


@pytest.mark.parametrize(
    ("source", "language"),
    [
        ("היער שמתחת למים גדל מהר מאוד בכל קיץ. האצות נאחזות בסלעים בעזרת איבר מיוחד.", "he"),
        (
            "海带是生长在海底岩石上的大型海藻。它们一天可以长45厘米。许多鱼类生活在海带森林里。",
            "zh",
        ),
        ("สาหร่ายทะเลเติบโตเร็วมากในน้ำเย็น ปลาหลายชนิดอาศัยอยู่ในป่าสาหร่าย", "th"),
        ("해초는 차가운 물에서 빠르게 자랍니다. 많은 물고기가 해초 숲에서 삽니다.", "ko"),
    ],
)
def test_every_script_is_told(source, language):
    script = assembled(source, seconds=30)
    assert script.language == language
    assert len(spoken(script)) > 30


def test_a_lone_surrogate_and_control_characters_reach_no_scene():
    script = assembled("The sea\x07 is wide and deep.\ud800 A ship sails over the sea at night.")
    assert script.scenes
    spoken(script).encode()


def test_a_title_without_a_word_is_passed_over():
    script = assembled("# ?!\n\nThe sea is wide and deep. A ship sails over the sea.", title="—")
    assert script.title == "The sea is wide and deep"


def test_a_writer_told_to_stop_stops():
    with pytest.raises(Stopped):
        extract(order(sample("lighthouses.md")), lambda: True)


def test_mangled_articles_give_a_sound_script_or_a_reason():
    dice = random.Random(1811)  # noqa: S311
    names = ["lighthouses.md", "news.txt", "readme.md", "recipe.html", "konbu.md", "manara.md"]
    marks = ["“", '"', "(", "*", "|", "\n\n", "# ", "- ", "1. ", "> ", "—", ": ", "?", "$", "。"]
    reasons: list[str] = []
    for _ in range(120):
        text = sample(dice.choice(names))
        for _ in range(dice.randrange(1, 40)):
            place = dice.randrange(len(text) + 1)
            lost = dice.randrange(40) if dice.random() < 0.5 else 0
            text = text[:place] + dice.choice(marks) + text[place + lost :]
        try:
            script = assembled(text, seconds=dice.choice([5, 30, 60, 600]))
        except Rejected as refusal:
            reasons.append(refusal.message)
            continue
        assert scripts.from_json(scripts.to_json(script)) == script
    assert all(reasons)
