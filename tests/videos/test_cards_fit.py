"""Whatever the words: they stay inside the safe area, off each other and off the captions."""

import itertools

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.videos import looks
from videos.contracts import SIZES
from videos.media.cards import scene
from videos.media.cards.elements import Text
from videos.media.cards.layout import sheet_for

pytestmark = pytest.mark.media

QUICK = settings(
    max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
ALPHABETS = (
    "abcdefghijklmnop rstu wxyzABCDEF ÄÖÜß,.-",
    "Donaudampfschifffahrtsgesellschaftskapitän",
    "日本語東京大阪今日明日、。のがを「」",
    "ابتثجحخدذرزسش عغفقكلمنهوي ،",
    "กขคงจฉชซญดตถทธนบ าิีุู",
    "WWWWMMMM@@%% 1234567890",
)


def texts(limit: int, least: int = 1) -> st.SearchStrategy[str]:
    return st.sampled_from(ALPHABETS).flatmap(
        lambda letters: (
            st.text(letters, min_size=least, max_size=limit)
            .map(lambda text: " ".join(text.split()))
            .filter(bool)
        )
    )


forms = st.sampled_from(sorted(SIZES))


def texts_of(spec: dict) -> list[Text]:
    sheet = sheet_for(*SIZES[spec["format"]])
    built = scene.build(spec, {}, sheet, turn=0)
    return [one for one in looks.flat(built.elements) if isinstance(one, Text)]


def assert_fits(spec: dict) -> None:
    sheet = sheet_for(*SIZES[spec["format"]])
    boxes = [looks.inked(text) for text in texts_of(spec)]
    for box in boxes:
        assert sheet.content.holds(box, slack=6), (box, sheet.content)
        assert not box.touches(sheet.captions)
    for one, other in itertools.combinations(boxes, 2):
        assert not one.touches(other, slack=6), (one, other)


@QUICK
@given(forms, texts(90), texts(140), texts(32))
def test_a_title_fits_whatever_its_words(form, title, subtitle, kicker):
    fields = {"title": title, "subtitle": subtitle, "kicker": kicker}
    assert_fits(looks.scene("title", form, fields=fields))


@QUICK
@given(forms, texts(180), texts(32))
def test_a_statement_fits_whatever_its_words(form, text, kicker):
    assert_fits(looks.scene("statement", form, fields={"text": text, "kicker": kicker}))


@QUICK
@given(forms, st.lists(st.tuples(texts(64), texts(96)), min_size=2, max_size=6), texts(90))
def test_a_list_fits_whatever_its_rows(form, rows, headline):
    items = [{"title": title, "detail": detail} for title, detail in rows]
    assert_fits(looks.scene("list", form, fields={"items": items}, headline=headline))


@QUICK
@given(forms, texts(100), texts(90), st.integers(0, 10**12))
def test_a_number_fits_whatever_its_label(form, label, headline, amount):
    fields = {"value": str(amount), "amount": amount, "label": label, "suffix": " per month"}
    assert_fits(looks.scene("number", form, fields=fields, headline=headline))


@QUICK
@given(forms, texts(280), texts(80))
def test_a_quote_fits_whatever_its_words(form, text, who):
    assert_fits(looks.scene("quote", form, fields={"text": text, "attribution": who}))


@QUICK
@given(
    forms,
    st.lists(st.tuples(texts(28), st.floats(-1e6, 1e9)), min_size=2, max_size=8),
    texts(80),
    st.sampled_from(["bar", "line"]),
)
def test_a_chart_fits_whatever_its_values(form, points, title, kind):
    fields = {
        "kind": kind,
        "labels": [label for label, _ in points],
        "values": [value for _, value in points],
        "shown": [f"{value:,.1f}"[:24] for _, value in points],
        "title": title,
    }
    spec = looks.scene("chart", form, fields=fields)
    sheet = sheet_for(*SIZES[form])
    for text in texts_of(spec):
        assert sheet.content.holds(looks.inked(text), slack=6), text.name


@QUICK
@given(
    forms,
    st.lists(
        st.tuples(texts(32), st.lists(texts(64), min_size=1, max_size=4)), min_size=2, max_size=3
    ),
    texts(80),
    st.lists(texts(28), max_size=1),
)
def test_a_comparison_fits_whatever_its_words(form, sides, headline, labels):
    told = [{"title": title, "points": points} for title, points in sides]
    fields = {"sides": told, "labels": labels}
    assert_fits(looks.scene("comparison", form, fields=fields, headline=headline))


@pytest.mark.parametrize("form", sorted(SIZES))
@pytest.mark.parametrize("template", sorted(looks.SHORT))
def test_ordinary_words_are_never_cut(template, form):
    assert all(text.block.is_whole for text in texts_of(looks.scene(template, form)))


@pytest.mark.parametrize("form", sorted(SIZES))
def test_a_long_german_word_is_divided_at_a_syllable(form):
    word = "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen"
    spec = looks.scene("statement", form, fields={"text": word}, language="de")
    lines = texts_of(spec)[0].block.lines
    assert "".join(line.text.removesuffix("-") for line in lines) == word
    assert lines[0].text.endswith("-")


def test_right_to_left_cards_are_mirrored():
    fields = {"title": "الصبر مفتاح الفرج", "kicker": "الفكرة"}
    title = next(t for t in texts_of(looks.scene("title", fields=fields, language="ar")))
    content = sheet_for(1080, 1920).content
    assert abs(looks.inked(title).right - content.right) < 8
