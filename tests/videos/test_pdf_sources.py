"""PDFs as sources: what is read of them, and what a hostile or an empty one gains."""

import io
import re
import zlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from pypdf import PdfReader, PdfWriter
from weasyprint import HTML

from videos import runs, sources
from videos.models import RunState, StageRun, Video
from videos.pipeline import perform
from videos.writing import pdf_texts
from videos.writing.sources import read_source

PROSE = (
    "Kelp forests grow in cold and clear water along rocky coasts where light reaches the ground. "
    "A frond may grow half a metre a day when the sun is high. Otters guard the forest, as they "
    "eat the urchins that graze it. "
)
STYLE = (
    "<style>@page{size:A6;@bottom-center{content:counter(page)} @top-center{content:'The Sea Post'}"
    "} p{hyphens:auto;text-align:justify}</style>"
)


def printed(body: str) -> bytes:
    return HTML(string=f'<html lang="en">{STYLE}<body>{body}</body></html>').write_pdf()


def chapters(count: int) -> bytes:
    told = (f"<h2>Chapter {n} of kelp</h2><p>{PROSE * 3}</p><p>{PROSE}</p>" for n in range(count))
    return printed(f"<h1>Kelp forests</h1>{''.join(told)}")


@pytest.fixture(scope="module")
def book() -> bytes:
    return chapters(3)


def read(content: bytes) -> str:
    text, kind = sources.decode("kelp.pdf", content)
    assert kind == "markdown"
    return text


def test_headings_are_headings_and_paragraphs_one_line_each(book):
    blocks = read(book).split("\n\n")
    assert blocks[:2] == ["# Kelp forests", "## Chapter 0 of kelp"]
    paragraphs = [block for block in blocks if not block.startswith("#")]
    assert set(paragraphs) == {(PROSE * 3).strip(), PROSE.strip()}


def test_broken_words_are_whole_again():
    words = "Extraordinary characterisations notwithstanding, photosynthesis overcomes obscurity. "
    narrow = printed(f"<p style='width:19mm'>{words * 4}</p>")
    seen = PdfReader(io.BytesIO(narrow)).pages[0].extract_text()
    assert re.search(r"[a-z][-\u2010]\n[a-z]", seen)
    assert read(narrow) == (words * 4).strip()


def test_numbers_of_pages_and_what_stands_above_each_are_left_out(book):
    text = read(book)
    assert "Sea Post" not in text
    assert not any(block.isdigit() for block in text.split("\n\n"))


def test_what_looks_like_markup_is_text():
    text = read(printed(f"<p>1. Kelp *grows* [here](x) &lt;b&gt;fast&lt;/b&gt;.</p><p>{PROSE}</p>"))
    said = " ".join(read_source(text, "markdown").texts())
    assert "1. Kelp *grows* [here](x) <b>fast</b>." in said


def scanned() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (400, 600), "white").save(file, "PDF")
    return file.getvalue()


def locked(content: bytes) -> bytes:
    writer, file = PdfWriter(clone_from=io.BytesIO(content)), io.BytesIO()
    writer.encrypt("secret", algorithm="AES-256")
    writer.write(file)
    return file.getvalue()


def endless() -> bytes:
    """A page whose stream unpacks to more than a child may have."""
    packer = zlib.compressobj(1)
    packed = b"".join(packer.compress(b"\0" * 10_000_000) for _ in range(120)) + packer.flush()
    head = b"<< /Length %d /Filter /FlateDecode >>\nstream\n" % len(packed)
    body = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n"
    body += b"2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n"
    body += (
        b"3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R >>\nendobj\n"
    )
    return body + b"4 0 obj\n" + head + packed + b"\nendstream\nendobj\ntrailer << /Root 1 0 R >>"


def circle() -> bytes:
    """Pages that are their own children."""
    body = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n"
    body += b"2 0 obj\n<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 9999999 >>\nendobj\n"
    return body + b"trailer << /Root 1 0 R >>"


def many_pages() -> bytes:
    writer, file = PdfWriter(), io.BytesIO()
    for _ in range(pdf_texts.MOST_PAGES + 1):
        writer.add_blank_page(10, 10)
    writer.write(file)
    return file.getvalue()


REFUSED = {
    "scanned": (scanned, "pictures of pages and no text"),
    "locked": (lambda: locked(chapters(1)), "asks for a password"),
    "cut off": (lambda: b"%PDF-1.7\n" + b"\xff" * 2_000, "damaged or no PDF"),
    "empty": (lambda: b"", "damaged or no PDF"),
    "another file": (lambda: b"PK\x03\x04" + b"\0" * 500, "damaged or no PDF"),
    "a bomb": (endless, r"kelp\.pdf"),
    "a circle": (circle, r"kelp\.pdf"),
    "too long": (many_pages, "more than 1,000 pages"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_pdf_without_a_text_that_can_be_read_is_refused_with_a_sentence(name):
    make, says = REFUSED[name]
    with pytest.raises(sources.BadSource, match=says) as refusal:
        read(make())
    assert refusal.value.message.endswith(".")


def test_who_takes_for_ever_is_given_up(book, monkeypatch):
    monkeypatch.setattr(sources, "PDF_S", 0.05)
    with pytest.raises(sources.BadSource, match=r"can't be read in a minute"):
        read(book)


@pytest.mark.django_db(transaction=True)
def test_a_pdf_that_is_given_to_the_form_becomes_a_script(book, browser, ben, channel):
    file = SimpleUploadedFile("Kelp.PDF", book, "application/pdf")
    form = {"channel": channel.pk, "seconds": 30, "format": "short", "file": file}
    assert browser(ben).post("/videos/new/", form).status_code == 302
    video = Video.objects.get()
    assert video.source.startswith("# Kelp forests")
    run = runs.claim("studio", "w:1", 9)
    perform(run)
    assert StageRun.objects.get(pk=run.pk).state == RunState.DONE
    video.refresh_from_db()
    assert video.title == "Kelp forests"


@pytest.mark.django_db
def test_a_scanned_pdf_stays_in_the_form_with_a_sentence(browser, ben, channel):
    file = SimpleUploadedFile("scan.pdf", scanned(), "application/pdf")
    form = {"channel": channel.pk, "seconds": 30, "format": "short", "file": file}
    answer = browser(ben).post("/videos/new/", form)
    assert answer.status_code == 422
    assert "scan.pdf holds pictures of pages and no text" in answer.content.decode()
    assert not Video.objects.exists()
