"""What people are told of providers: who makes what, who is waited for, and what a route costs."""

import json

import pytest
from django.urls import reverse

from billing.models import Price
from config.kit.errors import AccountFault, Busy
from config.kit.vendors import Account
from teams.models import User
from tests.videos.providers import pictured as p
from tests.videos.providers.pictured import IMAGE, ordered
from videos import resting, routes
from videos.models import RouteStep, RunState, StageRun
from videos.providers.calling import refusal

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def waiting(by_ana, channel, accounts):
    """Its pictures are due."""
    video = ordered(by_ana, channel, IMAGE)
    StageRun.objects.filter(state=RunState.WAITING).update(due_at=None)
    video.runs.filter(stage="visuals").update(due_at=p.after(p.PAST))
    return video


def page(browser, person, video) -> str:
    browser.force_login(person)
    return browser.get(reverse("videos:status", args=[video.pk])).content.decode()


def test_the_page_of_a_video_says_who_makes_what(client, ana, waiting):
    assert "By OpenAI" in page(client, ana, waiting)


def test_a_stranger_is_told_nothing(client, cho, waiting):
    client.force_login(cho)
    assert client.get(reverse("videos:status", args=[waiting.pk])).status_code == 404


def test_the_page_says_who_is_waited_for_and_till_when(client, ana, waiting):
    resting.failed("image:openai", "It has trouble.", is_over=True)
    told = page(client, ana, waiting)
    assert "Waits for OpenAI, which failed several times." in told
    assert "Asked again at" in told


def test_the_page_says_who_took_over(client, ana, waiting):
    for place, name in enumerate(("openai", "replicate")):
        routes.add(RouteStep(kind="image", position=place, name=name))
    waiting.plan["providers"]["image"] = "openai:gpt-image-1"
    waiting.save()
    run = p.run_of(waiting)
    assert resting.go_elsewhere(run, "image", "It has trouble.")
    assert "By Replicate (took over from OpenAI)" in page(client, ana, waiting)


@pytest.fixture
def route(client, accounts) -> str:
    """The page of the routes, as an operator sees it."""
    client.force_login(User.objects.create_superuser("op@example.org", "correct horse"))
    return reverse("admin:videos_routestep_changelist")


@pytest.mark.parametrize(
    ("kind", "name", "told"),
    [
        ("image", "replicate", "about USD 0.0030 a picture"),
        ("clip", "replicate", " a clip"),
        ("footage", "pexels", "free"),
        ("voice", "openai:alloy", " a minute"),
        ("script", "anthropic", " a script"),
    ],
)
def test_each_step_of_a_route_shows_its_price(client, route, kind, name, told):
    routes.add(RouteStep(kind=kind, position=0, name=name))
    assert told in client.get(route).content.decode()


def test_a_step_without_a_price_says_that_it_is_not_asked(client, route):
    Price.objects.filter(provider__in=["replicate", ""]).delete()
    routes.add(RouteStep(kind="image", position=0, name="replicate"))
    assert "no price: will not be asked" in client.get(route).content.decode()


def test_who_is_no_operator_sees_no_routes(client, ana):
    client.force_login(ana)
    assert client.get(reverse("admin:videos_routestep_changelist")).status_code == 302


def test_what_is_too_large_for_a_minute_is_not_asked_again():
    said = (
        "Request too large for gpt-4.1-mini in organization org-1 on tokens per min (TPM): Limit "
        "30000, Requested 41234. The input or output tokens must be reduced."
    )
    account = Account("LLM", "http://far.example", "k")
    for message, kind in ((said, AccountFault), ("Rate limit reached for gpt-4.1-mini.", Busy)):
        body = json.dumps({"error": {"message": message, "code": "rate_limit_exceeded"}}).encode()
        assert type(refusal("openai", account, 429, {}, body, is_paid=True)) is kind
