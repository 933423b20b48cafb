"""What a platform's probes and a Prometheus server are told."""

import json
import re
import socket
import time
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import OperationalError
from prometheus_client.parser import text_string_to_metric_families

from config.kit import metrics, probes, registry
from config.kit.database import after
from config.kit.errors import Rejected, Unavailable
from config.kit.models import ClusterBeat, Mail
from teams.middleware import SET_UP
from teams.models import User
from tests.rows import make
from tests.videos.paid import PAST, PaidVoice, failing, narrating
from videos import pipeline, runs
from videos.models import RunState, StageRun, VideoState


class Measured:
    """What /metrics says: `found("mail", state="failed")`, None where it says nothing."""

    def __init__(self, client, **headers: str) -> None:
        answer = client.get("/metrics", headers=headers)
        assert answer.status_code == 200
        families = text_string_to_metric_families(answer.content.decode())
        self.samples = [sample for family in families for sample in family.samples]

    def __call__(self, name: str, **labels: str) -> float | None:
        for sample in self.samples:
            if (sample.name, sample.labels) == (f"showrunner_{name}", labels):
                return sample.value
        return None

    def names(self) -> set[str]:
        return {sample.name.removeprefix("showrunner_") for sample in self.samples}


# No database fixture here: one question to the database would fail these tests.
def test_a_living_process_says_so_without_a_database(client):
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert answer["Cache-Control"] == "no-store"


def test_a_probe_by_address_and_plain_http_is_answered(client, settings):
    settings.ALLOWED_HOSTS = ["studio.example"]
    settings.SECURE_SSL_REDIRECT = True
    assert client.get("/healthz", headers={"Host": "10.2.3.4:8000"}).status_code == 200
    assert client.get("/readyz", headers={"Host": "10.2.3.4:8000"}).status_code in (200, 503)


def test_a_stale_cookie_costs_a_probe_nothing(client):
    client.cookies["sessionid"] = "0123456789abcdef0123456789abcdef"
    assert client.get("/healthz").status_code == 200


def test_a_probe_only_reads(client):
    answer = client.post("/healthz")
    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD")


@pytest.mark.django_db(transaction=True)
def test_before_anybody_has_set_it_up_probes_are_answered(client, settings):
    settings.REDIS_URL = ""
    cache.delete(SET_UP)
    assert not User.objects.exists()
    assert client.get("/readyz").json() == {
        "status": "ok",
        "parts": {"database": "ok", "storage": "ok", "queue": "ok"},
    }
    assert client.get("/metrics").status_code == 200


def parts_failing(client, code: int = 503) -> dict[str, str]:
    answer = client.get("/readyz")
    status = {503: "failed", 200: "degraded"}[code]
    assert (answer.status_code, answer.json()["status"]) == (code, status)
    return {part: said for part, said in answer.json()["parts"].items() if said != "ok"}


@pytest.mark.django_db(transaction=True)
def test_a_store_that_takes_nothing_is_named(client, settings, tmp_path):
    (tmp_path / "file").touch()
    settings.MEDIA_DIR = tmp_path / "file" / "media"
    assert parts_failing(client) == {
        "storage": "The media folder can't be written: Not a directory."
    }


@pytest.fixture
def port():
    """Listens and never answers."""
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        yield deaf.getsockname()[1]


@pytest.mark.django_db(transaction=True)
def test_a_redis_that_never_answers_is_named_and_its_password_is_not(client, settings, port):
    settings.REDIS_URL = f"redis://:s3cret@127.0.0.1:{port}/0"
    found = parts_failing(client, 200)
    assert list(found) == ["redis"]
    assert "s3cret" not in json.dumps(found)


@pytest.mark.django_db(transaction=True)
def test_a_redis_that_is_gone_is_named(client, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert parts_failing(client, 200) == {"redis": "It can't be used: ConnectionError."}
    assert Measured(client)("part_failed", part="redis") == 1


@pytest.mark.django_db(transaction=True)
def test_without_redis_and_store_it_is_not_ready(client, settings, tmp_path):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    (tmp_path / "file").touch()
    settings.MEDIA_DIR = tmp_path / "file"
    assert set(parts_failing(client)) == {"redis", "storage"}


@pytest.mark.media
@pytest.mark.django_db(transaction=True)
class TestBucket:
    def test_one_that_answers_is_well(self, client, s3):
        assert client.get("/readyz").json()["parts"]["storage"] == "ok"

    def test_one_that_is_gone_is_named(self, client, s3):
        s3.client.delete_bucket(Bucket=s3.name)
        said = parts_failing(client)["storage"]
        assert said == "S3 refuses us (404): check MEDIA_S3_URL and what its key may do."

    def test_one_that_never_answers_holds_up_no_probe(self, client, faulty):
        faulty.fail("hang")
        began = time.monotonic()
        assert list(parts_failing(client)) == ["storage"]
        assert time.monotonic() - began < probes.ANSWER_S + 0.5

    def test_a_storm_of_probes_asks_it_once_and_comes_to_no_harm(self, client, faulty):
        client.get("/readyz")
        faulty.fail("hang")
        answers = [client.get("/readyz").status_code for _ in range(20)]
        assert set(answers) == {200}
        assert [method for method, _ in faulty.asked] == ["HEAD"]

    def test_one_that_comes_back_is_soon_well(self, client, faulty, monkeypatch):
        monkeypatch.setattr(probes, "KEPT_S", 0.2)
        faulty.fail("503")
        assert list(parts_failing(client)) == ["storage"]
        time.sleep(0.2)
        assert client.get("/readyz").json()["parts"]["storage"] == "ok"


@pytest.fixture
def overdue(video):
    StageRun.objects.filter(due_at__isnull=False).update(due_at=after(timedelta(hours=-2)))
    return video


@pytest.mark.django_db(transaction=True)
def test_work_that_nobody_does_is_named(client, overdue):
    assert re.search(r"has waited 7[12]\d\d s, and no worker", parts_failing(client, 200)["queue"])


@pytest.mark.django_db(transaction=True)
def test_a_long_queue_with_workers_is_no_fault(client, overdue):
    for cluster in {metrics.jobs.cluster(name) for name in metrics.jobs.CLUSTERS}:
        alive(cluster)
    assert client.get("/readyz").status_code == 200


def alive(cluster: str, workers: int = 3, beat: timedelta = timedelta()) -> None:
    at = after(beat)
    ClusterBeat.objects.create(
        cluster=cluster, host="one", pid=1, workers=workers, started_at=at, beat_at=at
    )


@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("::1", {}, 200),
        ("10.1.2.3", {}, 403),
        ("", {}, 403),
        ("127.0.0.1", {"X-Forwarded-For": "127.0.0.1"}, 403),
        ("127.0.0.1", {"Forwarded": "for=127.0.0.1"}, 403),
        ("127.0.0.1", {"X-Forwarded-Proto": "https"}, 403),
    ],
)
@pytest.mark.parametrize("trusts", [True, False])
@pytest.mark.django_db
def test_without_a_token_this_machine_alone_reads(
    client, settings, address, headers, status, trusts
):
    settings.TRUST_PROXY = trusts
    answer = client.get("/metrics", headers=headers, REMOTE_ADDR=address)
    assert answer.status_code == status


@pytest.mark.parametrize(
    ("given", "status"),
    [("Bearer right", 200), ("Bearer wrong", 401), ("right", 401), ("", 401), ("Bearer ", 401)],
)
@pytest.mark.django_db
def test_with_a_token_the_token_alone_counts(client, settings, given, status):
    settings.METRICS_TOKEN = "right"
    for address in ("127.0.0.1", "10.1.2.3"):
        answer = client.get("/metrics", headers={"Authorization": given}, REMOTE_ADDR=address)
        assert answer.status_code == status


@pytest.mark.django_db
def test_a_collector_is_spoken_to_in_its_format(client):
    openmetrics = client.get("/metrics", headers={"Accept": "application/openmetrics-text"})
    assert openmetrics["Content-Type"].startswith("application/openmetrics-text")
    assert openmetrics.content.endswith(b"# EOF\n")
    assert client.get("/metrics")["Content-Type"].startswith("text/plain")


@pytest.mark.django_db
def test_queues_and_workers_are_told_by_cluster(client, overdue):
    cluster = metrics.jobs.cluster("ai")
    alive(cluster)
    ClusterBeat.objects.create(
        cluster=cluster,
        host="dead",
        pid=2,
        workers=9,
        started_at=after(timedelta(hours=-1)),
        beat_at=after(timedelta(hours=-1)),
    )
    found = Measured(client)
    assert found("queue_depth", cluster=cluster) == 1
    assert 7200 <= found("queue_age_seconds", cluster=cluster) < 7300
    assert (found("workers", cluster=cluster), found("clusters", cluster=cluster)) == (3, 1)


@pytest.mark.django_db
def test_durations_are_of_the_last_day_whoever_ran_the_stage(client, video):
    runs_of = StageRun.objects.filter(video=video, stage="script")
    runs_of.update(
        state=RunState.DONE, started_at=after(timedelta(seconds=-8)), ended_at=after(timedelta())
    )
    found = Measured(client)
    name = "stage_duration_seconds_bucket"
    assert [found(name, stage="script", le=le) for le in ("5", "10", "+Inf")] == [0, 1, 1]
    runs_of.update(ended_at=after(timedelta(days=-2)), started_at=after(timedelta(days=-3)))
    assert Measured(client)(name, stage="script", le="10") is None


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("error", [Unavailable("Busy."), Rejected("Too long.")])
def test_a_provider_that_fails_is_counted(client, by_ana, channel, monkeypatch, error):
    monkeypatch.setattr(PaidVoice, "meanwhile", failing(error))
    pipeline.perform(narrating(by_ana, channel, "paid:one"))
    found, kind = Measured(client), type(error).__name__.lower()
    assert found("stage_troubles_total", stage="narration", reason=kind) == 1
    assert found("provider_errors_total", provider="voice:paid", kind=kind) == 1


@pytest.mark.django_db(transaction=True)
def test_a_full_disk_is_no_fault_of_a_provider(client, by_ana, channel, settings, tmp_path):
    run = narrating(by_ana, channel, "paid:one")
    (tmp_path / "file").touch()
    settings.MEDIA_DIR = tmp_path / "file"
    pipeline.perform(run)
    found = Measured(client)
    assert found("stage_troubles_total", stage="narration", reason="unavailable") == 1
    assert "provider_errors_total" not in found.names()


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_dies_is_counted(client, video):
    run = StageRun.objects.get(video=video, stage="script")
    StageRun.objects.filter(pk=run.pk).update(
        state=RunState.RUNNING, attempt=1, fence=1, lease_until=after(PAST)
    )
    video.state = VideoState.PRODUCING
    video.save(update_fields=["state"])
    runs.reap()
    assert Measured(client)("stage_troubles_total", stage="script", reason="worker_lost") == 1


@pytest.mark.django_db
def test_mail_that_does_not_leave_is_told(client):
    make(Mail)
    Mail.objects.update(created_at=after(timedelta(hours=-3)))
    found = Measured(client)
    assert found("mail", state="waiting") == 1
    assert 10_800 <= found("mail_age_seconds") < 10_900


@pytest.mark.django_db
def test_one_part_that_fails_hides_no_other(client, monkeypatch):
    def broken():
        raise OperationalError("no such table")

    measures: registry.Ports = registry.Ports()
    for measure in (metrics.mail, broken, metrics.queues, metrics.pool):
        measures.fill(measure)
    monkeypatch.setattr(registry, "measures", measures)
    found = Measured(client)
    assert found("measure_failed", part="config.kit.metrics.mail") == 0
    assert found("measure_failed", part=f"{__name__}.broken") == 1
    assert found("mail", state="waiting") == 0


@pytest.mark.django_db
def test_the_number_of_questions_does_not_grow(client, video, django_assert_max_num_queries):
    with django_assert_max_num_queries(30):
        Measured(client)
