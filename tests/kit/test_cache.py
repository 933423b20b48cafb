"""Kept answers: what lets go of them, what they never mix, and how many compute one."""

import shutil
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.db import connection, connections, transaction

from channels_app.actions import change_channel
from channels_app.models import BrandKit, Channel, Upload
from config.kit.cache import (
    PATIENCE_S,
    cache_result,
    end_turn,
    forget_everything,
    invalidate,
    invalidate_cache_on_update,
    take_turn,
)
from config.kit.caches import Files
from config.kit.database import verb
from teams.models import Invitation, Membership, Team, User
from tests.kit.conftest import lie_in
from tests.processes import until

pytestmark = pytest.mark.django_db(transaction=True)
invalidate_cache_on_update(User)  # no page of ours needs it: it has links to many and no team
asked = []


@pytest.fixture(autouse=True)
def nothing_asked() -> None:
    asked.clear()


@cache_result(ttl=60, of=(Channel,))
def names(team_id: int, start: str = "") -> list[str]:
    asked.append(team_id)
    mine = Channel.objects.filter(team_id=team_id, name__startswith=start)
    return list(mine.order_by("name").values_list("name", flat=True))


@cache_result(ttl=60, of=(User,))
def groups() -> list[str]:
    found = User.objects.filter(groups__isnull=False).order_by("id", "groups__name")
    return list(found.values_list("groups__name", flat=True))


@cache_result(ttl=60, of=(Team,))
def nobody(team_id: int) -> None:
    asked.append(team_id)


@cache_result(ttl=60, of=(Upload,))
def states(team_id: int) -> list[str]:
    asked.append(team_id)
    return list(Upload.objects.filter(team_id=team_id).values_list("state", flat=True))


def add(team: Team, name: str) -> Channel:
    kit, _ = BrandKit.objects.get_or_create(team=team, name="Kit")
    return Channel.objects.create(team=team, name=name, slug=name.lower(), brand_kit=kit)


def in_thread(act) -> None:
    def alone() -> None:
        act()
        connections.close_all()

    thread = threading.Thread(target=alone)
    thread.start()
    thread.join()


def test_a_change_of_any_kind_shows_at_once(store, team, others):
    def rename(row: Channel, name: str) -> Channel:
        row.name = name
        return row

    kelp, new = add(team, "Kelp"), Channel(team=team, name="New", slug="new")
    new.brand_kit = kelp.brand_kit
    mine = Channel.objects.filter(team=team)
    changes = {
        "save": (lambda: rename(kelp, "Alga").save(), ["Alga"]),
        "update": (lambda: mine.update(name="Bull kelp"), ["Bull kelp"]),
        "bulk_create": (lambda: Channel.objects.bulk_create([new]), ["Bull kelp", "New"]),
        "bulk_update": (
            lambda: Channel.objects.bulk_update([rename(kelp, "Dulse")], ["name"]),
            ["Dulse", "New"],
        ),
        "related": (lambda: kelp.brand_kit.channels.update(name="Kelps"), ["Kelps", "Kelps"]),
        "row": (lambda: mine.get(pk=kelp.pk).delete(), ["Kelps"]),
        "queryset": (lambda: mine.delete(), []),
    }
    add(others, "Strange")
    names(others.pk)
    for kind, (change, after) in changes.items():
        names(team.pk)
        change()
        assert names(team.pk) == after, kind
    asked.clear()
    assert (names(team.pk), names(others.pk)) == ([], ["Strange"])
    assert asked == []  # kept, and the other team's from the beginning


def test_teams_and_arguments_never_meet(store, team, others):
    add(team, "Kelp")
    add(others, "Strange")
    for _ in range(2):
        assert names(team.pk) == ["Kelp"]
        assert names(team.pk, start="S") == []
        assert names(others.pk) == ["Strange"]
    assert len(asked) == 3


def test_links_of_many_to_many_are_seen_from_both_sides(store, ana):
    group = Group.objects.create(name="Operators")
    assert groups() == []
    ana.groups.add(group)
    assert groups() == ["Operators"]
    group.user_set.clear()
    assert groups() == []


def test_a_verb_of_another_thread_shows_at_once(store, by_ana, channel):
    assert names(channel.team_id) == ["Kelp"]
    change = {"by": by_ana, "channel": channel, "settings": {"name": "Dulse"}}
    in_thread(lambda: change_channel(**change))
    assert names(channel.team_id) == ["Dulse"]


def test_nothing_is_an_answer_too(store, team):
    assert nobody(team.pk) is None
    assert nobody(team.pk) is None
    assert len(asked) == 1


def test_what_is_rolled_back_changes_nothing(store, team):
    assert names(team.pk) == []

    @verb
    def fails() -> None:
        add(team, "Kelp")
        assert names(team.pk) == ["Kelp"]  # its own change, which nobody else sees
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        fails()
    asked.clear()
    assert names(team.pk) == []
    assert asked == []


def test_a_savepoint_that_is_undone_takes_its_change_along(store, team):
    names(team.pk)
    with transaction.atomic():
        undone = transaction.savepoint()
        add(team, "Kelp")
        transaction.savepoint_rollback(undone)
        add(team, "Dulse")
    assert names(team.pk) == ["Dulse"]


def test_who_computed_before_a_commit_and_keeps_after_it_does_no_harm(store, team):
    computing, may_go_on = threading.Event(), threading.Event()

    @cache_result(ttl=60, of=(Channel,))
    def slow(team_id: int) -> int:
        found = Channel.objects.filter(team_id=team_id).count()
        if not computing.is_set():
            computing.set()
            may_go_on.wait(10)
        return found

    def read() -> None:
        slow(team.pk)
        connections.close_all()

    reader = threading.Thread(target=read)
    reader.start()
    computing.wait(10)
    add(team, "Kelp")
    may_go_on.set()
    reader.join()
    assert slow(team.pk) == 1


def test_a_number_that_was_evicted_never_comes_back(store, team):
    names(team.pk)
    add(team, "Kelp")
    for name in ("cv:channels_app.Channel", f"cv:channels_app.Channel:{team.pk}", "cv:all"):
        cache.delete(name)
    assert names(team.pk) == ["Kelp"]


def test_fields_that_nobody_is_shown_let_go_of_nothing(store, team):
    channel = add(team, "Kelp")
    upload = Upload.objects.create(team=team, channel=channel, video_id=1, title="Kelp")
    states(team.pk)
    Upload.objects.filter(pk=upload.pk).update(worker="w", fence=3)
    upload.attempt = 2
    upload.save(update_fields=["attempt"])
    states(team.pk)
    assert len(asked) == 1
    Upload.objects.update(state="done", worker="")
    assert states(team.pk) == ["done"]


def test_of_fifty_that_miss_at_once_one_computes(store):
    @cache_result(ttl=60, of=(Team,))
    def slow(team_id: int) -> int:
        asked.append(team_id)
        time.sleep(0.4)
        return team_id * 2

    found = []

    def ask() -> None:
        found.append(slow(7))
        connections.close_all()

    threads = [threading.Thread(target=ask) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (found, asked) == ([14] * 50, [7])


def test_who_waits_too_long_computes_too(store, monkeypatch):
    monkeypatch.setattr("config.kit.cache.PATIENCE_S", 0.2)
    assert PATIENCE_S <= 5  # a web request waits for it

    @cache_result(ttl=60, of=(Team,))
    def slow(team_id: int) -> int:
        asked.append(team_id)
        time.sleep(0.2 + 0.8 * (len(asked) == 1))
        return team_id

    first = threading.Thread(target=lambda: (slow(7), connections.close_all()))
    first.start()
    time.sleep(0.1)
    began = time.monotonic()
    assert slow(7) == 7
    assert time.monotonic() - began < 0.9
    first.join()


def test_what_failed_is_not_kept_and_stands_in_nobodys_way(store):
    @cache_result(ttl=60, of=(Team,))
    def fails_once(team_id: int) -> int:
        asked.append(team_id)
        if len(asked) == 1:
            raise LookupError("no")
        return team_id

    with pytest.raises(LookupError, match="no"):
        fails_once(7)
    began = time.monotonic()
    assert fails_once(7) == 7
    assert time.monotonic() - began < 1


def test_answers_end_by_themselves(store):
    @cache_result(ttl=3, of=(Team,))
    def short(team_id: int) -> int:
        asked.append(team_id)
        return team_id

    short(7), short(7)
    assert len(asked) == 1
    until(lambda: short(7) and len(asked) == 2, within_s=20, what="it is asked again")


def test_a_caller_may_change_what_it_was_given(store, team):
    add(team, "Kelp")
    names(team.pk).append("mine")
    names(team.pk).append("mine")
    assert names(team.pk) == ["Kelp"]


def test_raw_sql_is_told_of_by_hand(store, team):
    add(team, "Kelp")
    names(team.pk)
    for told in (team.pk, None):
        with connection.cursor() as cursor:
            cursor.execute("UPDATE channels_app_channel SET name = name || '!'")
        before = names(team.pk)
        invalidate(Channel, told)
        assert names(team.pk) == [f"{before[0]}!"]


def test_a_change_in_more_teams_than_are_told_apart_reaches_all(store, team, monkeypatch):
    monkeypatch.setattr("config.kit.invalidation.MANY_TEAMS", 1)
    more = [Team.objects.create(name=f"T{n}", slug=f"t{n}", email="t@example.org") for n in "ab"]
    for one in (team, *more):
        add(one, "Kelp")
        names(one.pk)
    Channel.objects.update(name="Dulse")
    assert [names(one.pk) for one in (team, *more)] == [["Dulse"]] * 3


def test_a_change_of_a_person_in_no_team_is_told_over_all_teams(store, team, ana):
    @cache_result(ttl=60, of=(Membership, User))
    def people(team_id: int) -> list[str]:
        mine = Membership.objects.filter(team_id=team_id)
        return list(mine.values_list("user__name", flat=True))

    assert people(team.pk) == ["Ana"]
    ana.name = "Anna"
    ana.save()
    assert people(team.pk) == ["Anna"]


def test_what_another_version_kept_is_not_read(store, team, monkeypatch):
    names(team.pk)
    monkeypatch.setattr("config.kit.cache.release", lambda: "other")
    names(team.pk)
    assert len(asked) == 2


class Gone:
    """As a class of an older version."""


def test_what_can_not_be_read_any_more_is_a_miss(store, monkeypatch):
    @cache_result(ttl=60, of=(Team,))
    def thing(team_id: int) -> object:
        asked.append(team_id)
        return Gone() if len(asked) == 1 else "new"

    thing(7)
    monkeypatch.delattr(sys.modules[__name__], "Gone")
    assert thing(7) == "new"


def test_only_plain_values_name_an_answer(team):
    with pytest.raises(TypeError, match="Team is no argument"):
        names(team.pk, start=team)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"teams\.Invitation is not"):
        cache_result(ttl=60, of=(Invitation,))


def test_turns_are_one_at_a_time(store):
    assert take_turn("draw", 10)
    assert not take_turn("draw", 10)
    end_turn("draw")
    assert take_turn("draw", 10)


def test_the_cache_is_empty_after_a_migration(store, team):
    names(team.pk)
    forget_everything()
    names(team.pk)
    assert len(asked) == 2


# --- files


@pytest.fixture
def files(tmp_path) -> Files:
    return Files(str(tmp_path / "files"), {"OPTIONS": {"MAX_ENTRIES": 10}})


def test_of_many_that_add_one_file_one_succeeds(files):
    for n in range(20):
        with ThreadPoolExecutor(8) as threads:
            added = list(threads.map(files.add, [f"k{n}"] * 8, [True] * 8, [60] * 8))
        assert sorted(added) == [False] * 7 + [True]


def test_a_sweep_drops_what_is_over_and_what_ends_soonest(files):
    files.set("over", 1, 0.01)
    files.set("forever", 1, None)
    for n in range(12):
        files.set(f"k{n}", n, 100 + n)
    time.sleep(0.02)
    files.sweep()
    left = [name for name in ("over", "forever", *(f"k{n}" for n in range(12))) if name in files]
    assert left == ["forever", *(f"k{n}" for n in range(3, 12))]


def test_where_no_file_can_be_written_the_answer_is_computed(settings, team, tmp_path):
    folder = tmp_path / "kept"
    lie_in(settings, tmp_path)
    add(team, "Kelp")
    names(team.pk)
    shutil.rmtree(folder)
    folder.write_text("no folder")
    assert names(team.pk) == ["Kelp"]
    add(team, "Tang")
    folder.unlink()
    assert names(team.pk) == ["Kelp", "Tang"]
