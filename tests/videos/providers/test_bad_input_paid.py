"""What goes wrong at vendors and in what people send them, through both doors: one sentence, no
money lost, and a video that goes on once it is mended."""

import itertools
import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from billing.models import CostEntry, Estimate, Hold, HoldState, Price
from tests.doubles.site import site
from tests.videos.orders import sample
from tests.videos.providers.doors import ByPage, ByProgram, Door, worked_off
from tests.videos.providers.pictured import CLIP, IMAGE
from videos import braked, vendor_voices
from videos.models import RunState, Video, VideoState

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.media,
    pytest.mark.processes,
    pytest.mark.filterwarnings("ignore:The model:DeprecationWarning"),
]
TEXT = sample("lighthouses.md")
KELP = {"template": "statement", "text": "Kelp", "kicker": ""}


def ready(*visuals: dict[str, Any]) -> str:
    scenes = [
        {"narration": f"Kelp grows in cold water, scene {n}.", "visual": visual}
        for n, visual in enumerate(visuals, 1)
    ]
    return json.dumps({"version": 1, "title": "Kelp", "language": "en", "scenes": scenes})


@dataclass(frozen=True)
class Bought:
    """Something that a vendor sells: who is asked for it at which stage, by which order."""

    name: str
    account: str
    stage: str
    path: str
    source: str = TEXT
    wish: dict[str, str] = field(default_factory=dict)


VOICED = ready(KELP)
BOUGHT = [
    Bought("words of openai", "llm", "script", "/v1/chat/*", wish={"writer": "openai"}),
    Bought(
        "words of anthropic", "anthropic", "script", "/v1/messages", wish={"writer": "anthropic"}
    ),
    Bought(
        "voice of openai", "speech", "narration", "/v1/audio/*", VOICED, {"voice": "openai:alloy"}
    ),
    Bought(
        "voice of elevenlabs",
        "elevenlabs",
        "narration",
        "/v1/text-to-speech/*",
        VOICED,
        {"voice": "elevenlabs:21m00Tcm4TlvDq8ikWAM"},
    ),
    Bought("picture of openai", "image", "visuals", "/v1/images/*", ready(IMAGE)),
    Bought("picture of replicate", "replicate", "visuals", "*/predictions", ready(IMAGE)),
    Bought("clip of replicate", "clip", "visuals", "*/predictions", ready(CLIP)),
]
DOORS = ("page", "program")
GOOD = {"key": "sk-double"}
TROUBLES = {
    "no key": ({"key": ""}, "key"),
    "wrong key": ({"key": "sk-wrong"}, "does not take the key in"),
    "no credit": ({"key": "sk-broke"}, "is out of credit"),
    "unknown model": ({}, "knows no model"),
}


def cases() -> Iterator[Any]:
    """Each trouble with each thing, the doors in turn; every third of them in each run."""
    for n, (one, trouble) in enumerate(itertools.product(BOUGHT, TROUBLES)):
        marks = () if n % 3 == 0 else pytest.mark.long
        door = DOORS[n // 3 % 2]
        yield pytest.param(one, trouble, door, id=f"{one.name}, {trouble}, {door}", marks=marks)


@pytest.fixture
def accounts(accounts, settings, db):
    """Changes one of them: `accounts("llm", key="sk-wrong")`."""
    vendor_voices.list_anew()

    def change(name: str, **changes: str) -> None:
        changed = replace(settings.ACCOUNTS[name], **changes)
        settings.ACCOUNTS = {**settings.ACCOUNTS, name: changed}

    return change


@pytest.fixture
def door(request, browser, program, ana, channel) -> Door:
    if request.param == "page":
        return ByPage(browser(ana), channel.pk)
    return ByProgram(program(ana), channel.pk)


both_doors = pytest.mark.parametrize("door", DOORS, indirect=True)


def is_one_sentence(said: str) -> bool:
    return said.endswith(".") and "\n" not in said and 20 < len(said) < 400


def books() -> int:
    return sum(CostEntry.objects.values_list("amount_micros", flat=True))


def nothing_was_spent(ai) -> bool:
    held = Hold.objects.filter(state=HoldState.OPEN).exists()
    return (books(), ai.bill()["price_micros"], held) == (0, 0, False)


def is_done_and_booked(video: Video, stage: str, ai) -> bool:
    held = Hold.objects.filter(state=HoldState.OPEN).exists()
    is_done = video.runs.get(stage=stage).state == RunState.DONE
    return is_done and not held and books() == ai.bill()["price_micros"] > 0


@pytest.mark.parametrize(("bought", "trouble", "door"), list(cases()), indirect=["door"])
def test_an_account_that_is_not_in_order_parks_the_video_until_it_is(
    bought, trouble, door, ai, accounts
):
    for other in {"image", "replicate"} - {bought.account}:
        accounts(other, key="")
    video = door.order(bought.source, **bought.wish)
    change, says = TROUBLES[trouble]
    accounts(bought.account, **change)
    if trouble == "unknown model":
        ai.fail("unknown_model", bought.path)
    video = worked_off(video, bought.stage)
    assert (video.state, video.reason_code) == (VideoState.BLOCKED, "provider_account")
    assert says in video.reason
    assert is_one_sentence(video.reason)
    assert video.reason in door.told(video)
    assert nothing_was_spent(ai)
    accounts(bought.account, **GOOD)
    door.resume(video)
    assert is_done_and_booked(worked_off(video, bought.stage), bought.stage, ai)


@pytest.mark.parametrize("bought", BOUGHT[::3], ids=lambda one: one.name)
@pytest.mark.parametrize("price", ["0", "-1"])
def test_what_has_no_price_is_bought_once_it_has_one_above_zero(
    bought, price, program, ana, channel, ai, accounts, admin_client
):
    prices = list(Price.objects.all())
    Price.objects.all().delete()
    video = ByProgram(program(ana), channel.pk).order(bought.source, **bought.wish)
    video = worked_off(video, bought.stage)
    assert (video.state, video.reason_code) == (VideoState.BLOCKED, "price_unknown")
    assert is_one_sentence(video.reason)
    form = {"provider": "openai", "unit": "tokens_in", "per": 1, "price": price, "currency": "USD"}
    answer = admin_client.post("/admin/billing/price/add/", form)
    assert "marked as free" in answer.content.decode()
    assert nothing_was_spent(ai)
    Price.objects.bulk_create(prices)
    braked.go_on()
    assert is_done_and_booked(worked_off(video, bought.stage), bought.stage, ai)


@both_doors
@pytest.mark.parametrize("writer", ["openai", "anthropic"])
def test_a_text_that_is_refused_is_changed_and_the_video_goes_on(door, writer, ai, accounts):
    video = door.order(TEXT, writer=writer)
    ai.fail("refused")
    video = worked_off(video, "script")
    assert (video.state, video.reason_code) == (VideoState.FAILED, "script")
    assert is_one_sentence(video.reason)
    assert video.reason in door.told(video)
    assert books() == ai.bill()["price_micros"]
    door.change(video, source=f"{TEXT}\n\nKeepers trim the lamp every four hours.\n")
    assert is_done_and_booked(worked_off(video, "script"), "script", ai)


PRINTED = 300 * 3_000


def printed(pages_of: str = "") -> str:
    """A text of three hundred printed pages."""
    told = "The keeper of light number {n} trims the lamp in storm {n} and writes it in the log."
    lines = (told.format(n=n) for n in range(PRINTED // len(told)))
    return "\n\n".join(f"{pages_of if n % 50 == 0 else ''}{one}" for n, one in enumerate(lines))


@both_doors
@pytest.mark.parametrize("writer", ["openai", "anthropic"])
def test_three_hundred_pages_become_a_script_within_its_estimate(door, writer, ai, accounts):
    video = worked_off(door.order(printed(), writer=writer, seconds=30), "script")
    assert is_done_and_booked(video, "script", ai), video.reason
    estimate = Estimate.objects.get(video_id=video.pk, stage="script")
    assert books() <= estimate.high_micros < 1_000_000


@pytest.mark.parametrize("name", ["log.txt", "log.md"])
def test_a_file_of_three_hundred_pages_is_taken_by_the_form(
    name, ana, browser, channel, ai, accounts
):
    file = SimpleUploadedFile(name, printed("# Storms\n\n" if name == "log.md" else "").encode())
    door = ByPage(browser(ana), channel.pk)
    video = worked_off(door.order("", file=file, writer="openai", seconds=30), "script")
    assert is_done_and_booked(video, "script", ai), video.reason


@both_doors
def test_a_text_in_another_language_than_asked_is_told_and_ordered_otherwise(door, ai, accounts):
    """The stand-in does not translate: what it says has to be refused."""
    video = worked_off(door.order(TEXT, writer="openai", language="de"), "script")
    assert (video.state, video.reason_code) == (VideoState.FAILED, "script")
    assert "It is in English (en); German (de) was asked." in video.reason
    assert video.reason in door.told(video)
    spent = books()
    assert spent == ai.bill()["price_micros"] > 0
    door.change(video, language="en")
    video = worked_off(video, "script")
    assert is_done_and_booked(video, "script", ai)
    assert books() > spent


@both_doors
@pytest.mark.parametrize(
    "source",
    [
        "http://127.0.0.1/",
        "http://10.0.0.1/admin",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::ffff:169.254.169.254]/",
        "http://[::ffff:10.0.0.1]/",
    ],
)
def test_a_private_address_is_refused_before_anything_is_bought(door, source, ai, accounts):
    said = door.order(source, writer="openai")
    assert "private network" in said
    assert is_one_sentence(said)
    assert not Video.objects.exists()
    assert nothing_was_spent(ai)


@both_doors
def test_a_name_that_leads_inwards_fails_the_video_until_it_has_another_source(
    door, ai, accounts, monkeypatch
):
    real = socket.getaddrinfo
    video = door.order("https://sea.example/kelp", writer="openai")
    with monkeypatch.context() as patched:
        patched.setattr(socket, "getaddrinfo", lambda host, *a, **k: real("10.1.2.3", *a, **k))
        video = worked_off(video, "script")
    assert (video.state, video.reason_code) == (VideoState.FAILED, "script")
    assert "private network" in video.reason
    assert is_one_sentence(video.reason)
    assert nothing_was_spent(ai)
    door.change(video, source=TEXT)
    assert is_done_and_booked(worked_off(video, "script"), "script", ai)


@both_doors
def test_a_page_that_leads_on_to_a_private_address_buys_nothing(door, ai, accounts, settings):
    settings.OUTBOUND_LOOPBACK = settings.OUTBOUND_HTTP = True
    with site() as there:
        trap = there.leads("/trap", "http://169.254.169.254/latest/meta-data/")
        video = worked_off(door.order(trap, writer="openai"), "script")
    assert there.asked == ["/trap"]
    assert video.state == VideoState.FAILED
    assert "private network" in video.reason
    assert nothing_was_spent(ai)
