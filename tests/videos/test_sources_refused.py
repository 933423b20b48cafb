"""Texts that no video is made of as they are: a sentence says what to do, and nothing begins."""

import io
import zipfile
from dataclasses import replace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from config.kit.errors import Refused
from videos import actions, sources
from videos.models import StageRun, Video

GERMAN = (
    "Der Tang wächst in kaltem und klarem Wasser an felsigen Küsten, wo das Licht bis zum Grund "
    "reicht. An sonnigen Tagen wird ein Blatt einen halben Meter länger. Otter hüten den Wald, "
    "denn sie fressen die Seeigel, die an ihm weiden. "
) * 3


def office(name: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr(name, "<w:p>Kelp grows.</w:p>")
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("kelp.docx", office("word/document.xml"), "a Word document: save it as PDF"),
        ("kelp.doc", b"\xd0\xcf\x11\xe0" + b"\0" * 99, "a Word document: save it as PDF"),
        ("kelp.odt", office("content.xml"), "an OpenDocument text: save it as PDF"),
        ("kelp.rtf", rb"{\rtf1 Kelp grows.}", "a rich text document: save it as PDF"),
        ("kelp", office("word/document.xml"), "an office program: save it as PDF"),
        ("kelp.bin", b"Kelp\0\0\1", "is no text: choose a text file or a PDF"),
        ("kelp.txt", "Küste".encode("latin-1"), "is not UTF-8 text: save it as UTF-8"),
        ("kelp.txt", "Kelp".encode("utf-16"), "is not UTF-8 text: save it as UTF-8"),
    ],
)
def test_a_file_that_is_no_text_says_what_to_do(name, content, says):
    with pytest.raises(sources.BadSource, match=says) as refusal:
        sources.decode(name, content)
    assert refusal.value.message.endswith("copy its text and paste that instead.")


@pytest.mark.django_db
def test_the_form_says_so_too(browser, ana, channel):
    file = SimpleUploadedFile("kelp.docx", office("word/document.xml"))
    answer = browser(ana).post("/videos/new/", {"channel": channel.pk, "file": file})
    assert answer.status_code == 422
    assert "save it as PDF" in answer.content.decode()


@pytest.mark.django_db(transaction=True)
def test_a_text_in_another_language_than_ordered_is_refused_before_anything_begins(by_ana, channel):
    with pytest.raises(Refused, match="in German and the video is ordered in English") as refusal:
        actions.create_video(
            by=by_ana, channel=channel, wish=actions.Wish(source=GERMAN, language="en")
        )
    assert refusal.value.code == "other_language"
    assert not Video.objects.exists()
    wish = actions.Wish(source=GERMAN, language="de")
    video = actions.create_video(by=by_ana, channel=channel, wish=wish)
    with pytest.raises(Refused, match="order it in German"):
        actions.change_order(by=by_ana, video=video, language="en")
    assert StageRun.objects.filter(video=video, stage="script").get().fence == 0


@pytest.mark.django_db(transaction=True)
def test_a_writer_who_translates_takes_it(by_ana, channel, settings):
    account = replace(settings.ACCOUNTS["llm"], key="k")
    settings.ACCOUNTS = {**settings.ACCOUNTS, "llm": account}
    wish = actions.Wish(source=GERMAN, language="en", writer="openai")
    assert actions.create_video(by=by_ana, channel=channel, wish=wish).pk
