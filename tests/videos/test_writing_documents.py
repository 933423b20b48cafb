"""Markdown, HTML and plain text become the same neutral document."""

import time

import pytest

from config.kit.errors import Rejected
from tests.videos.orders import sample
from videos.writing.documents import Image, Listing, Paragraph, Quotation, Table
from videos.writing.sources import find_kind, read_source
from videos.writing.thinning import MOST, thinned


def blocks(source, kind="auto"):
    return [block for section in read_source(source, kind).sections for block in section.blocks]


def texts(source, kind="auto"):
    return [block.text for block in blocks(source, kind) if isinstance(block, Paragraph)]


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("# Kelp\n\nIt grows.", "markdown"),
        ("Kelp\n====\n\nIt grows.", "markdown"),
        ("See [this](https://a.b).", "markdown"),
        ("---\ntitle: Kelp\n---\nIt grows.", "markdown"),
        ("<!doctype html><p>It grows.", "html"),
        ("<h1>Kelp</h1><p>It grows.</p>", "html"),
        ("<p align=center></p>\n\n# Kelp\n\n- a\n- b\n\n**It** grows [fast](x).", "markdown"),
        ("Kelp grows.\n\nIt is < 3 metres.", "text"),
        ('{"scenes": []}', "script"),
        ('{"kelp": 1}', "text"),
    ],
)
def test_the_kind_of_a_source_is_found(source, kind):
    assert find_kind(source) == kind


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("# Kelp\n\nIt grows.\n\n## Fast\n\n- one\n- two\n", "markdown"),
        ("<h1>Kelp</h1><p>It grows.</p><h2>Fast</h2><ul><li>one<li>two</ul>", "html"),
        ("Kelp\n\nIt grows.\n\nFast\n\n- one\n- two\n", "text"),
    ],
)
def test_all_three_kinds_give_the_same_document(source, kind):
    document = read_source(source, kind)
    assert document.title == "Kelp"
    assert [section.heading for section in document.sections] == ["", "Fast"]
    assert document.sections[0].blocks == [Paragraph("It grows.")]
    assert [item.text for item in document.sections[1].blocks[0].items] == ["one", "two"]


def test_tables_lists_quotes_and_images_are_kept_apart():
    source = (
        '![A](a.png "The A")\n\n| x | y |\n|---|---|\n| 1 | 2 |\n\n1. **One.** First\n2. Two\n\n'
        "> “Sail on!”\n>\n> — Longfellow\n"
    )
    image, table, listing, quote = blocks(source)
    assert image == Image("a.png", "A", "The A")
    assert table == Table(("x", "y"), (("1", "2"),))
    assert isinstance(listing, Listing)
    assert listing.ordered
    assert listing.items[0].title == "One."
    assert quote == Quotation("Sail on!", "Longfellow")


def test_a_page_gives_its_words_and_nothing_else():
    page = (
        "<title>Kelp | Site</title><nav>Menu</nav><script>alert('x')</script><!-- no -->"
        "<style>p{}</style><p>Fish &amp; kelp<script>no()</script> live<b>ly</b> here.</p>"
        "<form><p>Sign up</p><input value=no></form><p hidden>no</p><p style='display: none'>no</p>"
        "<template><p>no</p></template><noscript>no</noscript><svg><text>no</text></svg>"
        "<select><option>no</option></select><textarea>no</textarea><iframe>no</iframe>"
        "<pre>no = code()</pre><footer>no</footer>"
        "<p>10<sup>6</sup> cells.<sup><a href=#1>1</a></sup>"
    )
    document = read_source(page, "html")
    assert document.title == "Kelp"
    assert texts(page, "html") == ["Fish & kelp lively here.", "10⁶ cells."]
    assert document.dropped["pre"] == 1


def test_a_script_that_never_ends_swallows_no_time_and_says_nothing():
    assert texts("<p>Kelp.</p><script>" + "<p>no</p>" * 9, "html") == ["Kelp."]
    assert texts("<p>Kelp.</p><ſcript>here</script>", "html")


def test_lists_of_links_are_menus():
    assert blocks("- [a](x)\n- [b](y)\n\nKelp grows.") == [Paragraph("Kelp grows.")]


def test_hard_wrapped_lines_are_joined_and_japanese_ones_without_a_blank():
    assert texts("The sea\nis wide.\n\nThe end is near.") == [
        "The sea is wide.",
        "The end is near.",
    ]
    assert texts("昆布は海の\n森です。\n\n終わりです。", "text") == [
        "昆布は海の森です。",
        "終わりです。",
    ]


def test_a_table_copied_from_a_page_is_a_table():
    (table,) = blocks("Port\tShips\nOslo\t3\nBergen\t4", "text")
    assert table == Table(("Port", "Ships"), (("Oslo", "3"), ("Bergen", "4")))


def test_front_matter_names_the_document_and_is_not_read():
    document = read_source("---\ntitle: 'Kelp'\ndraft: true\n---\n\nIt grows.\n")
    assert document.title == "Kelp"
    assert [section.blocks for section in document.sections] == [[Paragraph("It grows.")]]


@pytest.mark.parametrize(
    "tag", ["<div>", "<b>", "<blockquote>", "<table><td>", "<ul><li>", "<a><p>"]
)
def test_html_nested_beyond_reason_is_refused_at_once(tag):
    begun = time.process_time()
    with pytest.raises(Rejected, match="nested too deeply"):
        read_source(f"<html>{tag * 100_000}", "html")
    assert time.process_time() - begun < 3


@pytest.mark.parametrize(
    "source",
    [
        "<div><select></div></select>" * 20_000,
        "<div><table></table></div>" * 20_000,
        "<p>" * 100_000,
        "<script " * 100_000,
        "<!-- " * 100_000,
        "> " * 20_000 + "a",
        "[" * 50_000,
        "| a | b |\n|---|---|\n" + "| 1 | 2 |\n" * 50_000,
        "- a\n" * 100_000,
        "*a **b " * 20_000,
    ],
)
def test_hostile_sources_are_read_in_seconds(source):
    begun = time.process_time()
    read_source(f"<html>{source}" if source.startswith("<") else f"# A\n\n{source}")
    assert time.process_time() - begun < 6


def test_of_a_book_parts_from_all_over_are_read():
    chapter = "\n\nThe captain saw the light. " * 400
    book = "".join(f"## Part {number}\n\n{chapter}\n\n" for number in range(60))
    document, share = thinned(read_source(book))
    assert 0.1 < share < 0.6
    read = sum(len(block.text) for section in document.sections for block in section.blocks)
    assert read <= MOST
    assert document.sections[0].heading == "Part 0"


def test_an_article_is_read_whole():
    document = read_source(sample("lighthouses.md"))
    thin, share = thinned(document)
    assert share == 1
    assert thin.sections == document.sections
