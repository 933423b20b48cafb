"""Languages, sentences, openings, figures and ranks."""

import pytest

from videos.writing import figures, lexrank
from videos.writing.charts import from_items, from_table
from videos.writing.cleaning import cleaned, fault
from videos.writing.documents import Entry, Table
from videos.writing.enumerations import items_in
from videos.writing.headlines import Phrases, shortened
from videos.writing.languages import find_language, seconds_of, terms
from videos.writing.openers import contrasts, opening
from videos.writing.quotations import quotation_in
from videos.writing.sentences import split


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Kelp grows.", "en"),
        ("ok", "en"),
        ("The ships came in at dawn and left before the tide turned.", "en"),
        ("Der Hafen ist groß und alt.", "de"),
        ("Los bosques de algas son grandes.", "es"),
        ("Les forêts de la mer", "fr"),
        ("Il mare è grande e blu", "it"),
        ("O mar é grande e azul", "pt"),
        ("De zee is groot en blauw", "nl"),
        ("Море большое и синее", "ru"),
        ("Це море дуже велике і синє, а їх багато.", "uk"),
        ("هذا البحر كبير جدا", "ar"),
        ("این یک کتاب خوب است و من آن را دوست دارم", "fa"),
        ("שלום עולם", "he"),
        ("昆布は海の森です", "ja"),
        ("这是一个测试。", "zh"),
        ("한국어 문장입니다", "ko"),
        ("नमस्ते दुनिया", "hi"),
        ("สวัสดีชาวโลก", "th"),
    ],
)
def test_the_language_is_found_even_in_few_words(text, language):
    assert find_language([text]) == language


def test_a_given_language_wins_and_loses_its_region():
    assert find_language(["Kelp grows."], "pt-BR") == "pt"


@pytest.mark.parametrize(
    ("language", "text", "sentences"),
    [
        ("en", "Dr. Smith paid $3.5 million. He left.", 2),
        ("en", "He was born in approx. 1900. He left.", 2),
        ("en", "“We saw it. It was huge,” said Ana. She left.", 2),
        ("en", '"Never mind" is fine. "So is this."', 2),
        ("de", "Am 3. Oktober 1990 war es so weit. Das sind z. B. Algen.", 2),
        ("de", "„Wir sahen es. Es war groß“, sagte Ana.", 1),
        ("es", "¿Qué es? ¡Es grande! El Sr. López vino.", 3),
        ("ja", "「見た。大きい」と言った。森です。", 2),
        ("ar", "هذا كتاب. هل تقرأ؟ نعم، أقرأ.", 3),
        ("hi", "यह एक किताब है। क्या आप पढ़ते हैं?", 2),
    ],
)
def test_text_is_cut_at_the_ends_of_sentences(language, text, sentences):
    assert len(split(text, language)) == sentences


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("The **kelp** grows 😀 fast.", "The kelp grows fast."),
        ("Kelp grows (https://a.b/c?d=e) fast.[2]", "Kelp grows fast."),
        ("1. Soak the stone.", "Soak the stone."),
        ("• Soak the stone .", "Soak the stone."),
        ("In 1.5 hours it dries [citation needed].", "In 1.5 hours it dries."),
        ("1990 was a good year.", "1990 was a good year."),
        ("It is `fast` and _light_.", "It is fast and light."),
    ],
)
def test_marks_that_can_not_be_read_are_taken_out(raw, clean):
    assert cleaned(raw) == clean


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [
        ("The kelp grows fast in cold water.", ""),
        ("Set x = foo_bar() in the file.", "code"),
        ("Write to ana@example.com for more.", "links"),
        ("See www.example.com for the rest.", "links"),
        ("Click here to read the whole story.", "page furniture"),
        ("As Figure 3 shows, the kelp grows fast.", "page furniture"),
        ("NEEDED: tests on Windows.", "fragments"),
        ("Current: three servers.", "fragments"),
        ("Fresh basil, ripe tomatoes, sea salt.", "fragments"),
        ("the end of a sentence that began elsewhere.", "fragments"),
        ("The kelp grows fast in cold water", "fragments"),
        ("The kelp (a brown alga grows fast in water.", "fragments"),
        ("It " + "really " * 80 + "grows.", "sentences too long to follow"),
    ],
)
def test_a_sentence_that_can_not_be_used_is_told_why(sentence, reason):
    assert fault(sentence, "en") == reason


@pytest.mark.parametrize(
    ("sentence", "leans", "alone"),
    [
        ("However, the sea rose.", False, "However, the sea rose."),
        ("However, the sea rose by a metre.", False, "The sea rose by a metre."),
        ("But the sea rose by two metres.", False, "The sea rose by two metres."),
        ("So every ship carries a light now.", False, "Every ship carries a light now."),
        ("So far nobody has seen the ship.", False, "So far nobody has seen the ship."),
        ("Still water runs deep in this case.", True, "Still water runs deep in this case."),
        ("This means that the sea rises.", True, "This means that the sea rises."),
        ("They grow fast in cold water.", True, "They grow fast in cold water."),
        ("However, they grow fast in cold water.", True, "They grow fast in cold water."),
        ("In 1759 he tried a new shape.", True, "In 1759 he tried a new shape."),
        ("John Smeaton said he would try.", False, "John Smeaton said he would try."),
        ("Sailors could see it from afar.", True, "Sailors could see it from afar."),
        ("Kelp is strong because it bends.", False, "Kelp is strong because it bends."),
        ("It takes two hours to dry the net.", False, "It takes two hours to dry the net."),
        ("There are ten kinds of kelp.", False, "There are ten kinds of kelp."),
        ("This year the kelp came back.", False, "This year the kelp came back."),
        ("Henry lit the first tower there.", True, "Henry lit the first tower there."),
        ("Until then, the train runs daily.", True, "Until then, the train runs daily."),
        ('"I would rather lose a night."', True, '"I would rather lose a night."'),
        ('"It is a start," said Ana Ruiz.', False, '"It is a start," said Ana Ruiz.'),
    ],
)
def test_a_sentence_that_leans_on_another_is_noticed(sentence, leans, alone):
    found = opening(sentence, "en")
    assert found.leans == leans
    assert found.alone == alone


def test_german_word_order_is_left_alone():
    sentence = "Darüber hinaus ist das Meer sehr kalt."
    assert opening(sentence, "de").alone == sentence
    assert opening(sentence, "de").leans


def test_words_that_take_something_back_are_known():
    assert contrasts("But satellites can fail.", "en")
    assert not contrasts("Butter melts in the sun.", "en")
    assert contrasts("しかし森は戻ります。", "ja")


@pytest.mark.parametrize(
    ("language", "text", "written"),
    [
        ("en", "It cost $5,633 in 1990.", ["$5,633"]),
        ("en", "It fell by 42% or 30 per cent.", ["42%", "30 per cent"]),
        ("en", "Some 3.2 million people came.", ["3.2 million people"]),
        ("en", "It holds 1,008 separate pieces.", ["1,008"]),
        ("en", "The tower is 100 metres high.", ["100 metres"]),
        ("en", "It carried 58 containers from Newark.", ["58 containers"]),
        ("en", "It takes 12 hours and 25 minutes.", []),
        ("en", "On 3 October 1956 at 5:30, version 3.11.2 came.", []),
        ("en", "In the 1990s, No. 5 came 1st in 5-10 races.", []),
        ("de", "Das kostet 3,5 Millionen Euro.", ["3,5 Millionen Euro"]),
        ("de", "Er wiegt 1.008 Kilogramm.", ["1.008 Kilogramm"]),
        ("fr", "Il coûte 1 500 euros.", ["1 500 euros"]),
        ("es", "Mide 45 metros y pesa 3,6 toneladas.", ["45 metros", "3,6 toneladas"]),
        ("ja", "1823年に300万人が42％増えた。", ["300万人", "42％"]),
        ("ar", "ارتفاعه 100 متر و٤٢٪ من السكان", ["100 متر", "٤٢٪"]),
    ],
)
def test_telling_figures_are_found_as_they_are_written(language, text, written):
    assert [one.written for one in figures.find(text, language) if one.weight > 1] == written


def test_a_table_becomes_bars_or_a_line_with_its_own_writing():
    years = tuple((str(year), f"{year - 1950} %") for year in (1960, 1970, 1980, 1990))
    line = from_table(Table(("Year", "Share"), years), "en")
    assert line.kind == "line"
    assert line.shown == ("10 %", "20 %", "30 %", "40 %")
    uneven = (*years[:3], ("1999", "49 %"))
    assert from_table(Table(("Year", "Share"), uneven), "en").kind == "bar"
    bars = from_table(
        Table(("Port", "Ships (thousands)"), (("A", "3"), ("B", "9"), ("C", "4"))), "en"
    )
    assert (bars.kind, bars.highlight, bars.title, bars.unit) == ("bar", 1, "Ships", "thousands")


@pytest.mark.parametrize(
    "rows",
    [
        (("A", "3 km"), ("B", "9 kg"), ("C", "4 km")),
        (("A", "3 km"), ("B", "9 km")),
        (("A", "3 km"), ("A", "9 km"), ("C", "4 km")),
        (("A", "yes"), ("B", "no"), ("C", "no")),
        (("A", "3"), ("B", "3"), ("C", "3")),
    ],
)
def test_figures_that_can_not_be_compared_make_no_chart(rows):
    assert from_table(Table((), rows), "en") is None


def test_a_list_of_labels_and_figures_becomes_a_chart():
    entries = [Entry("", text) for text in ("Norway: 42 %", "Chile: 30 %", "Japan: 12 %")]
    chart = from_items(entries, "en", "Catch")
    assert chart.labels == ("Norway", "Chile", "Japan")
    assert chart.values == (42, 30, 12)
    assert from_items([*entries, Entry("", "Others")], "en") is None


@pytest.mark.parametrize(
    ("sentence", "items"),
    [
        ("It needs three things: a pan, butter and eggs.", ["A pan", "Butter", "Eggs"]),
        ("It hides animals such as crabs, snails, and fish.", ["Crabs", "Snails", "Fish"]),
        ("Kelp shelters fish, crabs and snails.", []),
        ("It includes a client, has support for both this and that, and more.", []),
        ("It needs two things: a pan and butter.", []),
    ],
)
def test_a_list_inside_a_sentence_is_found_only_where_it_is_announced(sentence, items):
    assert items_in(sentence, "en") == items


@pytest.mark.parametrize(
    ("sentence", "name"),
    [
        ("“We bought the old carriages back,” said Jonas Berg, who runs it.", "Jonas Berg"),
        ("Ana Ruiz, a sailor, said: “I would rather lose a night than a day.”", "Ana Ruiz"),
        ("“We bought the old carriages back,” said the man.", ""),
        ("The so-called “night train of the north coast” left.", ""),
    ],
)
def test_a_quotation_needs_a_name(sentence, name):
    assert quotation_in(sentence, "en")[1] == name


@pytest.mark.parametrize(
    ("sentence", "headline"),
    [
        ("In 1759 John Smeaton tried a new shape.", "In 1759 John Smeaton tried a new shape"),
        ("A bed costs €59, about half the price of a room in town.", "A bed costs €59"),
        (
            "All 312 beds were sold within two hours of going on sale there.",
            "All 312 beds were sold",
        ),
    ],
)
def test_a_headline_is_a_phrase_that_can_stand(sentence, headline):
    assert Phrases([sentence], "en").headline([sentence]) == headline


def test_a_negated_sentence_is_never_cut():
    sentence = "The museum is not open for visitors of any age on Sundays in winter."
    assert "open" not in Phrases([sentence], "en").headline([sentence])


def test_shortened_texts_end_on_a_word_that_can_end():
    text = "The answer was simple to say and hard to do for the keepers"
    assert shortened(text, 34, "en") == "The answer was simple to say…"
    assert shortened("short", 34, "en") == "short"


def test_the_longer_text_takes_longer_and_digits_take_their_time():
    assert seconds_of("The sea is wide.", "en") < seconds_of("The sea is wide and deep.", "en")
    assert seconds_of("In 1999.", "en") > seconds_of("In May.", "en") * 2
    assert 50 < seconds_of("The captain saw a light on the rock. " * 26, "en") < 60
    assert 50 < seconds_of("昆布は海の中の森です。" * 34, "ja") < 70


def test_terms_are_stems_and_pairs_of_signs():
    assert terms("The lighthouses and the lighthouse", "en") == ["lightho", "lightho"]
    assert terms("海の森", "ja") == ["海の", "の森"]


def test_the_sentence_that_others_resemble_ranks_first():
    sentences = ["kelp forest otter", "kelp forest fish", "kelp forest", "paper boat"]
    ranks = lexrank.rank(lexrank.likeness(lexrank.weights([one.split() for one in sentences])))
    assert max(ranks[:3]) > ranks[3]
    assert sum(ranks) == pytest.approx(4, abs=0.01)


def test_ranking_nothing_and_strangers_is_fine():
    assert lexrank.rank(lexrank.likeness(lexrank.weights([]))) == []
    ranks = lexrank.rank(lexrank.likeness(lexrank.weights([["a"], ["b"]])))
    assert ranks[0] == ranks[1]
