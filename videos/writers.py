"""Writers that are paid: which are set up here, and what one has to know besides the order."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings

from channels_app.models import Channel
from config.kit.errors import Refused, Rejected
from videos import routing, rules
from videos.briefs import KEYLESS
from videos.contracts import Order
from videos.models import StageRun, Video
from videos.outputs import vendor_name
from videos.providers.catalogue import providers
from videos.stages.script import REPAIRS
from videos.writing.assignments import Assignment
from videos.writing.given_sentences import Given
from videos.writing.page_sources import in_other_language
from videos.writing.sources import is_page

WISHES = frozenset({"writer", "tone", "audience"})
REMEMBERED = 30  # videos of a channel that a new one is told of
SUMMARY = 160


class NoSuchWriter(Refused):
    code = "no_such_writer"


def offered() -> list[tuple[str, str]]:
    """For forms: those whose account is set, and what they are."""
    found = []
    for name in providers.names():
        account = settings.ACCOUNTS.get(getattr(providers.get(name), "account", ""))
        if name.startswith("script:") and account and account.is_set:
            vendor = name.removeprefix("script:")
            found.append((vendor, f"{vendor_name(vendor)}, {account.model}"))
    return found


def full_name(wanted: str) -> str:
    """`vendor:model` of what an order names; "" stays so. Raises NoSuchWriter."""
    if not wanted:
        return ""
    try:
        writer = routing.made("script", wanted)
    except LookupError:
        writer = None
    if not hasattr(writer, "ask"):
        known = ", ".join(name for name, _ in offered()) or "none is set up here"
        raise NoSuchWriter(f"writer: there is no writer {wanted!r}; there is: {known}.")
    return str(writer.name)


class OtherLanguage(Refused):
    code = "other_language"


def refuse_other_language(writer: str, source: str, kind: str, language: str) -> None:
    """Of a text whose own sentences would be read out by a voice of another language. Of a page its
    stage says it. Raises OtherLanguage."""
    if writer != "extractive" or is_page(source, kind):
        return
    if told := in_other_language(source, language, "text"):
        instead = "choose a writer, who translates" if offered() else "paste one in that language"
        raise OtherLanguage(f"language: {told}, or {instead}.")


class TooLongToWrite(Refused):
    code = "too_long_to_write"


def refuse_too_long(writer: str, order: Order) -> None:
    """By the length alone, so without a look at the text. Raises TooLongToWrite."""
    if writer in KEYLESS:
        return
    try:
        draft = Assignment(order, Given(order.language or "en")).draft()
        routing.made("script", writer).uses(draft)
    except Rejected as refusal:
        raise TooLongToWrite(f"seconds: {refusal.message}") from refusal
    except LookupError:
        return  # its stage says so


def briefing(video: Video, writer: str) -> dict[str, Any]:
    """Kept in the plan, so that what other videos tell meanwhile buys nothing anew. Empty where
    nobody is paid."""
    if writer in KEYLESS:
        return {}
    told = list(told_by(video.channel, but=video.pk))
    return {"writing": {"told": told, "avoided": rules.avoided(video.channel), "turn": 0}}


def told_by(channel: Channel, but: int | None) -> Iterable[str]:
    videos = Video.objects.filter(channel=channel, deleted_at=None).exclude(script=None)
    others = videos.exclude(pk=but) if but else videos
    rows = others.order_by("-id").values_list("title", "script__content")
    for title, content in rows[:REMEMBERED]:
        heads = ", ".join(scene["headline"] for scene in content["scenes"] if scene["headline"])
        yield f"{title[:100]}: {content['description'][:SUMMARY]} {heads[:SUMMARY]}".strip()


def brief_anew(video: Video, writer: str) -> None:
    """For an order that was changed; the caller writes the plan."""
    video.plan.pop("writing", None)
    video.plan |= briefing(video, writer)


def write_anew(video: Video, run: StageRun) -> None:
    """A person does the stage again: a script that was written is asked for anew. What was bought
    before the stage could end is kept."""
    is_script = run.stage == "script" and "writing" in video.plan
    if not is_script or not run.parts.filter(part=REPAIRS[-1]).exists():
        return
    video.plan["writing"]["turn"] += 1
    video.save(update_fields=["plan"])
