"""Operators see machines, mail and stored bytes, and send again what failed."""

import pytest
from django.apps import apps
from django.db.models.functions import Now

from config.kit import jobs
from config.kit.mail import NothingToSend, send_again
from config.kit.models import ClusterBeat, Mail
from tests.rows import make

pytestmark = pytest.mark.django_db
MAIL = "/admin/kit/mail/"


def letter(state: str) -> Mail:
    mail = make(Mail)
    Mail.objects.filter(pk=mail.pk).update(state=state, attempt=8, error="refused")
    return mail


def test_a_letter_that_failed_is_sent_again(admin_client):
    mail = letter("failed")
    admin_client.post(MAIL, {"action": "send_again", "_selected_action": [mail.pk]})
    mail.refresh_from_db()
    assert (mail.state, mail.attempt, mail.error) == ("waiting", 0, "")
    assert apps.get_model("django_q", "OrmQ").objects.count() == 1


@pytest.mark.parametrize("state", ["waiting", "sending", "sent"])
def test_no_other_letter_is_sent_again(admin_client, state):
    mail = letter(state)
    form = {"action": "send_again", "_selected_action": [mail.pk]}
    answer = admin_client.post(MAIL, form, follow=True)
    assert "Only a letter that failed" in answer.content.decode()
    assert Mail.objects.get().state == state
    with pytest.raises(NothingToSend):
        send_again(mail)


def test_the_queue_shows_what_waits_and_lets_nobody_change_it(admin_client):
    jobs.enqueue("config.kit.mail.work", to="publish")
    answer = admin_client.get("/admin/django_q/ormq/")
    assert "config.kit.mail.work" in answer.content.decode()
    task = apps.get_model("django_q", "OrmQ").objects.get()
    page = f"/admin/django_q/ormq/{task.pk}/change/"
    assert task.payload not in admin_client.get(page).content.decode()
    assert admin_client.post(page, {"key": "other"}).status_code == 403


def test_a_cluster_that_beats_is_alive(admin_client):
    make(ClusterBeat)
    ClusterBeat.objects.update(beat_at=Now())
    row = admin_client.get("/admin/kit/clusterbeat/").context["cl"].result_list[0]
    assert row.silence <= jobs.FRESH
