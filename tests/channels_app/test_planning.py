"""Which day an upload goes: never past a limit, nobody for ever last, the same when asked again."""

from collections import Counter, defaultdict
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels_app.pacific import resets_at, starts_at
from channels_app.planning import CAP, Lane, Plan, Supply, Waiting, Why, plan, urgent_from

NOW = datetime(2026, 11, 28, 18, tzinfo=UTC)  # ten in the morning in California
LONG_AGO = NOW - timedelta(days=90)
DAY = timedelta(days=1)
TODAY = {"uploads": Supply(100, 100), "units": Supply(9_000, 9_000)}
PARTS = {"captions": {"units": 400}, "thumbnail": {"units": 50}}
DRESSES = [(), ("captions",), ("thumbnail",), ("captions", "thumbnail")]


def lane(channel: int, **told) -> Lane:
    return Lane(channel, **{"last_at": LONG_AGO, "cap": 50, **told})


def upload(number: int, channel: int = 1, *parts: str, **told) -> Waiting:
    chosen = {name: PARTS[name] for name in parts}
    units = 5 + sum(part["units"] for part in chosen.values())
    return Waiting(number, channel, number, {"uploads": 1, "units": units}, chosen, **told)


def days(made: Plan) -> dict[int, int]:
    return {turn.upload: turn.day for turn in made.turns}


def turn_of(made: Plan, number: int):
    return next(turn for turn in made.turns if turn.upload == number)


# --- by example


def test_five_channels_and_more_share_a_day_whose_quota_is_short():
    supplies = {"uploads": Supply(14, 14), "units": Supply(9_000, 9_000)}
    waiting = [upload(10 * one + n, one) for one in range(1, 8) for n in range(5)]
    made = plan(NOW, supplies, [lane(one) for one in range(1, 8)], waiting)
    today = Counter(turn.upload // 10 for turn in made.today())
    assert today == dict.fromkeys(range(1, 8), 2)
    assert sorted(Counter(days(made).values()).items()) == [(0, 14), (1, 14), (2, 7)]


def test_the_units_end_before_the_uploads_where_captions_go_with_them():
    waiting = [upload(n, 1, "captions", "thumbnail") for n in range(25)]
    made = plan(NOW, TODAY, [lane(1)], waiting)
    assert [turn.day for turn in made.turns] == [0] * 19 + [1] * 6
    waits = turn_of(made, 19)
    assert (waits.why, waits.bucket) == (Why.QUOTA, "units")
    assert waits.at == resets_at(NOW) == datetime(2026, 11, 29, 8, tzinfo=UTC)


def test_it_is_told_what_would_bring_an_upload_forward():
    waiting = [upload(n, 1, "captions", "thumbnail") for n in range(20)]
    made = plan(NOW, TODAY, [lane(1)], waiting)
    sooner = turn_of(made, 19).sooner
    assert (sooner.without, sooner.at) == ("captions", NOW)


def test_a_channel_sends_no_more_a_day_than_it_may_and_is_told_so():
    made = plan(NOW, TODAY, [lane(1, cap=3, sent_today=1)], [upload(n) for n in range(6)])
    assert [turn.day for turn in made.turns] == [0, 0, 1, 1, 1, 2]
    assert turn_of(made, 2).why is Why.CAP
    assert turn_of(made, 2).sooner.without == CAP


def test_what_is_public_soon_goes_before_what_came_earlier():
    soon = upload(99, 2, public_at=NOW + timedelta(hours=5))
    supplies = {"uploads": Supply(2, 2), "units": Supply(9_000, 9_000)}
    waiting = [upload(n, 1) for n in range(9)] + [upload(n, 2) for n in range(20, 29)] + [soon]
    turns = plan(NOW, supplies, [lane(1), lane(2, sent_lately=40)], waiting).turns
    assert 99 in {turn.upload for turn in turns[:2]}
    assert not turn_of(plan(NOW, supplies, [lane(1), lane(2)], waiting), 99).is_late


def test_it_is_told_when_one_would_be_late():
    supplies = {"uploads": Supply(5, 0), "units": Supply(9_000, 9_000)}
    made = plan(NOW, supplies, [lane(1)], [upload(1, public_at=NOW + timedelta(hours=2))])
    assert (made.turns[0].day, made.turns[0].is_late) == (1, True)


def test_a_reserved_minimum_goes_before_turns():
    supplies = {"uploads": Supply(8, 8), "units": Supply(9_000, 9_000)}
    lanes = [lane(one) for one in range(1, 20)] + [lane(50, least=4, sent_lately=60)]
    waiting = [upload(100 * one + n, one) for one in range(1, 20) for n in range(3)]
    waiting += [upload(n, 50) for n in range(6)]
    today = plan(NOW, supplies, lanes, waiting).today()
    assert sum(turn.upload < 10 for turn in today) == 4


def test_twice_the_weight_is_twice_the_share():
    supplies = {"uploads": Supply(9, 9), "units": Supply(9_000, 9_000)}
    waiting = [upload(n, 1) for n in range(20)] + [upload(n, 2) for n in range(20, 40)]
    made = plan(NOW, supplies, [lane(1, weight=2), lane(2)], waiting)
    assert Counter(turn.upload < 20 for turn in made.today()) == {True: 6, False: 3}


def test_a_new_channel_comes_first_in_a_round_and_has_no_round_more():
    supplies = {"uploads": Supply(4, 4), "units": Supply(9_000, 9_000)}
    lanes = [lane(1, sent_lately=30), lane(2, sent_lately=0)]
    waiting = [upload(n, 1) for n in range(9)] + [upload(n, 2) for n in range(20, 29)]
    today = [turn.upload for turn in plan(NOW, supplies, lanes, waiting).today()]
    assert today == [20, 0, 21, 1]


def test_a_channel_that_rests_goes_on_when_youtube_lets_it():
    until = NOW + timedelta(hours=30)
    made = plan(NOW, TODAY, [lane(1, rests_until=until)], [upload(1)])
    assert (made.turns[0].at, made.turns[0].why) == (until, Why.REST)


def test_what_no_day_can_carry_is_told_and_stops_nobody():
    huge = Waiting(1, 1, 1, {"uploads": 1, "units": 9_001})
    made = plan(NOW, TODAY, [lane(1)], [huge, upload(2)])
    assert [(turn.upload, turn.why) for turn in made.turns] == [(2, Why.NOTHING), (1, Why.NEVER)]
    assert made.turns[1].at is None


@pytest.mark.parametrize(
    ("now", "at"),
    [
        (datetime(2026, 3, 8, 7, 59, tzinfo=UTC), datetime(2026, 3, 8, 8, tzinfo=UTC)),
        (datetime(2026, 3, 8, 8, 1, tzinfo=UTC), datetime(2026, 3, 9, 7, tzinfo=UTC)),
        (datetime(2026, 11, 1, 12, tzinfo=UTC), datetime(2026, 11, 2, 8, tzinfo=UTC)),
    ],
)
def test_a_day_is_one_of_california_also_when_clocks_change(now, at):
    supplies = {"uploads": Supply(1, 0), "units": Supply(9_000, 9_000)}
    assert plan(now, supplies, [lane(1)], [upload(1)]).turns[0].at == at


# --- by any example


def supply(least: int, most: int):
    whole = st.integers(least, most)
    return whole.flatmap(lambda n: st.builds(Supply, st.just(n), st.integers(0, n)))


@st.composite
def problems(draw):
    numbers = range(draw(st.integers(1, 7)))
    lanes = [
        Lane(
            number,
            last_at=LONG_AGO + draw(st.integers(0, 80)) * DAY,
            cap=draw(st.integers(1, 6)),
            least=draw(st.integers(0, 2)),
            weight=draw(st.integers(1, 4)),
            sent_today=(today := draw(st.integers(0, 3))),
            sent_lately=today + draw(st.integers(0, 9)),
            rests_until=draw(
                st.none() | st.integers(1, 90).map(lambda h: NOW + timedelta(hours=h))
            ),
        )
        for number in numbers
    ]
    dates = st.none() | st.integers(-20, 200).map(lambda h: NOW + timedelta(hours=h))
    waiting = [
        upload(
            number,
            draw(st.sampled_from(numbers)),
            *draw(st.sampled_from(DRESSES)),
            public_at=draw(dates),
        )
        for number in range(draw(st.integers(0, 30)))
    ]
    supplies = {"uploads": draw(supply(1, 12)), "units": draw(supply(455, 3_000))}
    return supplies, lanes, waiting


CASES = settings(max_examples=60)


@CASES
@given(problems())
def test_no_day_is_ever_over_a_limit(problem):
    supplies, lanes, waiting = problem
    made = plan(NOW, supplies, lanes, waiting)
    need = {one.upload: one for one in waiting}
    taken, sent = defaultdict(Counter), Counter({(0, one.channel): one.sent_today for one in lanes})
    for turn in made.turns:
        taken[turn.day].update(need[turn.upload].need)
        sent[turn.day, need[turn.upload].channel] += 1
    for day, units in taken.items():
        for bucket, one in supplies.items():
            assert units[bucket] <= (one.a_day if day else one.today)
            assert made.left[day][bucket] == (one.a_day if day else one.today) - units[bucket]
    new = Counter((turn.day, need[turn.upload].channel) for turn in made.turns)
    assert all(sent[place] <= lanes[place[1]].cap for place in new)


@CASES
@given(problems())
def test_each_goes_once_on_a_day_with_its_time(problem):
    supplies, lanes, waiting = problem
    turns = plan(NOW, supplies, lanes, waiting).turns
    assert sorted(turn.upload for turn in turns) == [one.upload for one in waiting]
    channel = {one.upload: lanes[one.channel] for one in waiting}
    for turn in turns:
        begins = starts_at((NOW - timedelta(hours=8)).date() + turn.day * DAY)
        assert begins <= turn.at < begins + DAY
        assert turn.at >= max(NOW, channel[turn.upload].rests_until or NOW)


@CASES
@given(problems())
def test_the_order_within_a_channel_is_kept(problem):
    supplies, lanes, waiting = problem
    turns = plan(NOW, supplies, lanes, waiting).turns
    by_number = {one.upload: one for one in waiting}
    for channel in {one.channel for one in waiting}:
        gone = [(turn, by_number[turn.upload]) for turn in turns]
        mine = [(turn.day, one) for turn, one in gone if one.channel == channel]
        plain = [one.place for _, one in mine if one.public_at is None]
        dated = [(one.public_at, one.place) for _, one in mine if one.public_at]
        assert (plain, dated) == (sorted(plain), sorted(dated))
        for place, (day, one) in enumerate(mine):
            is_urgent = one.public_at and urgent_from(one, NOW) <= day
            passed = [other for _, other in mine[place + 1 :] if other.public_at is None]
            assert one.public_at is None or is_urgent or not passed


@CASES
@given(problems())
def test_no_day_leaves_room_that_the_next_upload_of_a_channel_could_have_had(problem):
    supplies, lanes, waiting = problem
    made = plan(NOW, supplies, lanes, waiting)
    by_number = {one.upload: one for one in waiting}
    sent = Counter((turn.day, by_number[turn.upload].channel) for turn in made.turns)
    seen = dict[int, int]()  # channel -> the day of its last one
    for turn in made.turns:
        one = by_number[turn.upload]
        since, own = seen.get(one.channel), lanes[one.channel]
        day = turn.day - 1
        count = sent[day, one.channel] + (own.sent_today if day == 0 else 0)
        begins = starts_at((NOW - timedelta(hours=8)).date() + turn.day * DAY)
        is_first = since is None or since < turn.day
        was_free = count < own.cap and (own.rests_until or NOW) < begins
        if day >= 0 and is_first and was_free and one.public_at is None:
            assert any(made.left[day][name] < units for name, units in one.need.items())
        seen[one.channel] = turn.day


@CASES
@given(problems())
def test_asked_again_it_says_the_same_whatever_the_order_it_is_told_in(problem):
    supplies, lanes, waiting = problem
    once = plan(NOW, supplies, lanes, waiting)
    assert plan(NOW, supplies, lanes[::-1], waiting[::-1]) == once


def carried_out(problem, made: Plan, n: int):
    """What is left to be planned when the first `n` of a day have gone."""
    supplies, lanes, waiting = problem
    gone = [turn.upload for turn in made.turns[:n]]
    by_number = {one.upload: one for one in waiting}
    left = {name: one.today for name, one in supplies.items()}
    lanes = list(lanes)
    for place, number in enumerate(gone):
        one = by_number[number]
        left = {name: left[name] - one.need[name] for name in left}
        own = lanes[one.channel]
        lanes[one.channel] = replace(
            own,
            sent_today=own.sent_today + 1,
            sent_lately=own.sent_lately + 1,
            last_at=NOW + timedelta(seconds=place),
        )
    supplies = {name: replace(one, today=left[name]) for name, one in supplies.items()}
    return supplies, lanes, [one for one in waiting if one.upload not in gone]


@CASES
@given(problems(), st.integers(0, 20))
def test_while_it_is_carried_out_it_stays_as_it_was(problem, n):
    made = plan(NOW, *problem)
    gone = min(n, len(made.today()))
    then = plan(NOW, *carried_out(problem, made, gone))
    told = [(turn.upload, turn.day, turn.at) for turn in made.turns[gone:]]
    assert [(turn.upload, turn.day, turn.at) for turn in then.turns] == told


@CASES
@given(problems())
def test_on_the_next_day_it_goes_on_as_it_said(problem):
    made = plan(NOW, *problem)
    supplies, lanes, waiting = carried_out(problem, made, len(made.today()))
    supplies = {name: replace(one, today=one.a_day) for name, one in supplies.items()}
    lanes = [replace(one, sent_today=0) for one in lanes]
    then = plan(resets_at(NOW), supplies, lanes, waiting)
    told = [(turn.upload, turn.day - 1) for turn in made.turns[len(made.today()) :]]
    assert [(turn.upload, turn.day) for turn in then.turns] == told


@CASES
@given(problems())
def test_what_it_says_would_be_sooner_is(problem):
    supplies, lanes, waiting = problem
    for turn in plan(NOW, supplies, lanes, waiting).turns:
        if turn.sooner is None:
            continue
        assert turn.sooner.at < turn.at
        lighter, freer = waiting, lanes
        own = next(one for one in waiting if one.upload == turn.upload)
        if turn.sooner.without == CAP:
            freer = [
                replace(one, cap=one.cap + 4) if one.channel == own.channel else one
                for one in lanes
            ]
        else:
            part = own.parts[turn.sooner.without]
            need = {name: n - part.get(name, 0) for name, n in own.need.items()}
            lighter = [replace(own, need=need) if one is own else one for one in waiting]
        assert turn_of(plan(NOW, supplies, freer, lighter), own.upload).at <= turn.sooner.at


@CASES
@given(st.integers(1, 6), st.integers(2, 12), st.integers(1, 9), st.integers(0, 60))
def test_no_channel_starves_while_another_has_urgent_ones_without_end(a_day, channels, each, rush):
    supplies = {"uploads": Supply(a_day, a_day), "units": Supply(9_000, 9_000)}
    lanes = [lane(one) for one in range(channels)]
    waiting = [upload(100 * one + n, one) for one in range(1, channels) for n in range(each)]
    waiting += [upload(10_000 + n, 0, public_at=NOW + timedelta(hours=1)) for n in range(rush)]
    first = dict[int, int]()
    for turn in plan(NOW, supplies, lanes, waiting).turns:
        first.setdefault(turn.upload // 100, turn.day)
    in_turn = -(-4 * channels // a_day) + 4  # one of four goes in turn
    assert all(first[one] <= in_turn for one in range(1, channels))


@CASES
@given(st.integers(1, 9), st.integers(2, 8), st.integers(1, 12))
def test_channels_of_one_weight_differ_by_one_at_any_time(a_day, channels, each):
    supplies = {"uploads": Supply(a_day, a_day), "units": Supply(9_000, 9_000)}
    waiting = [upload(100 * one + n, one) for one in range(channels) for n in range(each)]
    sent = Counter(dict.fromkeys(range(channels), 0))
    for turn in plan(NOW, supplies, [lane(one) for one in range(channels)], waiting).turns:
        sent[turn.upload // 100] += 1
        assert max(sent.values()) - min(sent.values()) <= 1
