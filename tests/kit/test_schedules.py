"""What is done daily: installed once, left to the operator, and never for a cluster of nobody."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connection
from django_q.models import Schedule, Task

from config.kit import jobs, schedules

pytestmark = pytest.mark.django_db


def ours():
    return Schedule.objects.filter(name__startswith=schedules.OURS).order_by("name")


def test_installing_twice_writes_each_once():
    schedules.install()
    before = list(ours().values_list("name", "func", "cluster"))
    schedules.install()
    assert list(ours().values_list("name", "func", "cluster")) == before
    assert {cluster for _, _, cluster in before} == {jobs.cluster("batch")}
    assert "config.kit.jobs.prune_tasks" in [func for _, func, _ in before]


def test_what_an_operator_moved_stays_where_it_is():
    schedules.install()
    at = datetime(2030, 1, 1, tzinfo=UTC)
    ours().update(next_run=at, schedule_type=Schedule.WEEKLY, cluster="elsewhere")
    schedules.install()
    assert set(ours().values_list("next_run", "schedule_type", "cluster")) == {
        (at, Schedule.WEEKLY, jobs.cluster("batch"))
    }


def test_a_schedule_of_another_version_goes_and_others_stay():
    Schedule.objects.create(name=schedules.OURS + "old", func="gone.away", cluster="studio")
    Schedule.objects.create(name="their own", func="theirs", cluster="studio")
    schedules.install()
    assert not Schedule.objects.filter(func="gone.away").exists()
    assert Schedule.objects.filter(name="their own").exists()


@pytest.mark.parametrize("cluster", [None, "", "elsewhere"])
def test_a_schedule_without_a_cluster_of_ours_fails_the_check(cluster):
    Schedule.objects.create(name="lost", func="somewhere.task", cluster=cluster)
    with pytest.raises(SystemCheckError, match=r"The schedule 'lost' names (no|the) cluster"):
        call_command("check", databases=["default"])


def test_what_is_installed_passes_the_check():
    schedules.install()
    assert schedules.check(None, ["default"]) == []


def test_old_failures_are_pruned_and_young_ones_kept():
    now = datetime.now(tz=UTC)
    for name, age in (("old", timedelta(days=15)), ("young", timedelta(days=13))):
        stopped = now - age
        Task.objects.create(
            id=name, name=name, func="a.task", started=stopped, stopped=stopped, success=False
        )
    jobs.prune_tasks()
    assert list(Task.objects.values_list("name", flat=True)) == ["young"]


def test_the_brokers_table_has_an_index_for_its_question():
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, "django_q_ormq")
    columns = [index["columns"] for index in found.values() if index["index"]]
    assert ["key", "lock", "id"] in columns
