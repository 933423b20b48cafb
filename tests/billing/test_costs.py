"""What is expected of a video, and how what others cost moves that."""

import pytest
from django.db.models.functions import Now

from billing import costs
from billing.costs import Expected, Line, Request
from billing.models import Estimate, Price, Unit
from billing.prices import Cost
from config.kit.money import Use

pytestmark = pytest.mark.django_db
VOICE = "acme:joe"


@pytest.fixture(autouse=True)
def price() -> Price:
    return Price.objects.create(provider="acme", unit=Unit.SECONDS, per=1, amount_micros=100)


def request(provider: str = VOICE, low: float = 5, expected: float = 10, high: float = 20):
    return Request("narration", "scene:1", [Use(provider, "seconds", low, expected, high)])


def made(team, *ratios: float, first: int = 1) -> None:
    """Videos of the past, each of which cost so many times what the book expected."""
    for n, ratio in enumerate(ratios, first):
        told = {"low_micros": 0, "expected_micros": 1000, "high_micros": 9000}
        paid = {"actual_micros": round(1000 * ratio), "settled_at": Now()}
        of = {"video_id": n, "stage": "narration", "provider": "acme", "plain_micros": 1000}
        Estimate.objects.create(team=team, **of, **told, **paid)


def test_without_history_the_book_says_what_it_costs(team):
    found = costs.expect(team.pk, [request(), request()])
    assert found.cost == Cost(1000, 2000, 4000)
    assert found.told == "USD 0.0020 (0.0010 to 0.0040)"


def test_what_uses_nothing_costs_nothing(team):
    found = costs.expect(team.pk, [Request("narration", "scene:1", ())])
    assert (found.is_free, found.told) == (True, "USD 0.00")


def test_what_has_no_price_is_named_and_left_out(team):
    found = costs.expect(team.pk, [request(), request("nobody:one")])
    assert (found.cost.expected, found.is_free) == (1000, False)
    assert "nobody" in found.unknown[0]


def test_one_video_moves_the_expectation_a_little_and_many_move_it_far(team):
    made(team, 2.0)
    assert costs.expect(team.pk, [request()]).cost.expected == 1333
    made(team, *[2.0] * 30, first=2)
    assert costs.expect(team.pk, [request()]).cost.expected == pytest.approx(2000, rel=0.05)


def test_one_video_that_went_wild_does_not_move_it(team):
    made(team, 1.0, 1.0, 1.0, 1.0, 50.0)
    assert costs.expect(team.pk, [request()]).cost.expected == 1000


def test_many_videos_narrow_the_range_to_what_was_seen(team):
    made(team, *[0.9 + n / 100 for n in range(20)])
    found = costs.expect(team.pk, [request()]).cost
    assert 850 <= found.low <= found.expected <= found.high <= 1150


def test_a_team_without_videos_learns_from_all_and_then_from_its_own(team, others):
    made(others, *[2.0] * 20)
    assert costs.expect(team.pk, [request()]).cost.expected > 1800
    made(team, *[1.0] * 5)
    assert costs.expect(team.pk, [request()]).cost.expected == 1000


@pytest.mark.parametrize("stage", ["script", "narration"])
def test_each_stage_learns_from_itself_alone(team, stage):
    made(team, *[3.0] * 10)
    found = costs.expect(team.pk, [Request(stage, "whole", request().uses)])
    assert (found.cost.expected > 2000) == (stage == "narration")


def test_a_later_estimate_takes_the_place_of_the_one_before(team):
    line = Line("narration", "acme", Cost(1, 2, 3), Cost(1, 2, 3), 1)
    costs.keep(team.pk, 7, Expected([line]))
    costs.keep(team.pk, 7, Expected())
    assert not Estimate.objects.exists()
