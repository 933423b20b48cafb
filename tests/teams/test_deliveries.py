"""Events on their way to webhooks: signed, tried again, given up, sent again."""

import json
from datetime import timedelta

import pytest
from standardwebhooks.webhooks import Webhook as Verifier
from standardwebhooks.webhooks import WebhookVerificationError

from config.kit.database import after, verb
from config.kit.errors import Refused
from teams import deliveries, listening, notices, webhooks
from teams.events import publish
from teams.models import Delivery, Event, Notification, Webhook
from teams.tokens import TokenMade, TokenRevoked
from tests.doubles.receiver import receiver

MADE = TokenMade(7, "nightly", ("team:read",))


@pytest.fixture(autouse=True)
def loopback(settings):
    settings.OUTBOUND_LOOPBACK = settings.OUTBOUND_HTTP = True


@pytest.fixture
def there():
    with receiver() as found:
        yield found


@pytest.fixture
def hook(by_ana, there) -> Webhook:
    return webhooks.create(by=by_ana, url=there.url, kinds=[MADE.kind])[0]


@verb
def tell(team, *news) -> None:
    for one in news:
        publish(team, one)


def deliver(team, *news) -> None:
    tell(team, *news)
    listening.work(team.pk)
    deliveries.work()


def is_due() -> None:
    Delivery.objects.filter(state="waiting").update(due_at=after(-timedelta(seconds=1)))
    Webhook.objects.update(rests_until=None)


def waits_s() -> float:
    count, _ = deliveries.backlog("nowhere")
    assert count == 0
    row = Delivery.objects.annotate(now=after(timedelta(0))).get()
    return (row.due_at - row.now).total_seconds()


def test_what_was_asked_for_arrives_signed(team, hook, there):
    deliver(team, MADE, TokenRevoked(7))
    (headers, body) = there.got[0]
    told = Verifier(hook.secret).verify(body, headers)
    event = Event.objects.get(kind=MADE.kind)
    assert told["type"] == MADE.kind
    assert told["data"] == {"token_id": 7, "name": "nightly", "scopes": ["team:read"]}
    assert (told["seq"], told["team_id"]) == (event.seq, team.pk)
    sent = Delivery.objects.get()
    assert (sent.state, sent.last_status, sent.response) == ("delivered", 200, "thanks")
    assert headers["webhook-id"] == str(sent.uid)
    assert headers["content-type"] == "application/json"
    assert len(there.got) == 1


def test_a_webhook_without_kinds_gets_all_and_each_team_its_own(team, others, by_ana, there):
    webhooks.create(by=by_ana, url=there.url)
    deliver(team, MADE, TokenRevoked(7))
    deliver(others, MADE)
    kinds = [json.loads(body)["type"] for _, body in there.got]
    assert kinds == ["teams.webhook_made", MADE.kind, "teams.token_revoked"]


def test_nothing_from_before_it_was_made_is_sent(team, by_ana, there):
    tell(team, MADE)
    webhooks.create(by=by_ana, url=there.url, kinds=[MADE.kind])
    webhooks.create(by=by_ana, url=there.url + "2", kinds=[MADE.kind])
    listening.work(team.pk)
    assert not Delivery.objects.exists()


def test_a_forged_body_is_not_taken_for_ours(team, hook, there):
    deliver(team, MADE)
    headers, body = there.got[0]
    with pytest.raises(WebhookVerificationError):
        Verifier(hook.secret).verify(body.replace(b"nightly", b"daily"), headers)


def test_with_a_new_secret_both_sign_for_a_day(team, by_ana, hook, there):
    old = hook.secret
    _, new = webhooks.rotate(by=by_ana, webhook=hook)
    deliver(team, MADE)
    for secret in (old, new):
        Verifier(secret).verify(there.got[0][1], there.got[0][0])
    Webhook.objects.update(old_until=after(-timedelta(seconds=1)))
    deliver(team, MADE)
    Verifier(new).verify(there.got[1][1], there.got[1][0])
    with pytest.raises(WebhookVerificationError):
        Verifier(old).verify(there.got[1][1], there.got[1][0])


# --- trying again


@pytest.mark.parametrize("status", [500, 503, 599, 408, 429])
def test_what_may_pass_is_tried_again_under_the_same_id(team, hook, there, status):
    there.status = status
    deliver(team, MADE)
    sent = Delivery.objects.get()
    assert (sent.state, sent.last_status, sent.attempt) == ("waiting", status, 1)
    there.status = 204
    is_due()
    deliveries.work()
    sent.refresh_from_db()
    assert (sent.state, sent.attempt) == ("delivered", 2)
    ids = {headers["webhook-id"] for headers, _ in there.got}
    bodies = {body for _, body in there.got}
    assert (len(ids), len(bodies), len(there.got)) == (1, 1, 2)
    hook.refresh_from_db()
    assert (hook.failures, hook.failing_since) == (0, None)


@pytest.mark.parametrize("status", [301, 302, 307, 400, 401, 404, 422])
def test_what_will_not_pass_is_tried_once(team, hook, there, status):
    there.status = status
    there.headers = {"Location": "http://127.0.0.1:9/"}
    deliver(team, MADE)
    sent = Delivery.objects.get()
    assert (sent.state, sent.last_status, sent.attempt) == ("failed", status, 1)
    assert str(status) in sent.error
    assert Webhook.objects.get().is_active


def test_it_is_tried_eight_times_with_growing_pauses(team, hook, there):
    there.status = 500
    tell(team, MADE)
    listening.work(team.pk)
    pauses = []
    for _ in range(8):
        is_due()
        deliveries.work()
        if Delivery.objects.get().state == "waiting":
            pauses.append(round(waits_s()))
    assert pauses == [5, 300, 1800, 7200, 18000, 36000, 50400]
    assert Delivery.objects.get().state == "failed"
    assert len(there.got) == 8


@pytest.mark.parametrize(
    ("told", "waits"), [("3600", 3600), ("1", 5), ("later", 5), ("999999999", 86400), ("-5", 5)]
)
def test_retry_after_is_honoured(team, hook, there, told, waits):
    there.status, there.headers = 503, {"Retry-After": told}
    deliver(team, MADE)
    assert waits_s() == pytest.approx(waits, abs=2)


def test_an_address_that_can_t_be_reached_is_tried_again(team, by_ana):
    webhooks.create(by=by_ana, url="http://127.0.0.1:9/", kinds=[MADE.kind])
    deliver(team, MADE)
    sent = Delivery.objects.get()
    assert (sent.state, sent.last_status) == ("waiting", None)
    assert "connection failed" in sent.error


def test_an_address_that_leads_inwards_is_never_asked(team, by_ana, hook, there, settings):
    settings.OUTBOUND_LOOPBACK = False
    deliver(team, MADE)
    assert there.got == []
    assert "private network" in Delivery.objects.get().error


def test_what_a_dead_worker_held_is_sent_by_another(team, hook, there):
    tell(team, MADE)
    listening.work(team.pk)
    lost = deliveries._claim()
    deliveries.work()
    assert there.got == []  # the lease holds
    Delivery.objects.update(lease_until=after(-timedelta(seconds=1)))
    deliveries.work()
    assert len(there.got) == 1
    deliveries.settle(lost, deliveries.Outcome(status=500))  # it comes back late
    assert Delivery.objects.get().state == "delivered"


def test_an_address_that_fails_rests_whatever_waits_for_it(team, hook, there):
    there.status = 500
    tell(team, *[MADE] * 40)
    listening.work(team.pk)
    deliveries.work()
    tried = len(there.got)
    assert tried == 2  # the first failure costs no rest
    deliveries.work()
    assert len(there.got) == tried
    hook.refresh_from_db()
    assert hook.failures == 2


def test_a_dead_address_holds_up_no_other(team, by_ana, hook, there):
    webhooks.create(by=by_ana, url="http://127.0.0.1:9/", kinds=[MADE.kind])
    deliver(team, *[MADE] * 5)
    assert len(there.got) == 5


def test_two_workers_at_most_wait_for_one_address(team, hook, there):
    tell(team, *[MADE] * 5)
    listening.work(team.pk)
    assert [deliveries._claim() is not None for _ in range(3)] == [True, True, False]


# --- giving up


def test_410_switches_it_off_and_its_admins_are_told(team, ana, ben, hook, there):
    there.status = 410
    deliver(team, MADE)
    hook.refresh_from_db()
    assert not hook.is_active
    assert "410" in hook.disabled_reason
    listening.work(team.pk)
    found = Notification.objects.get(kind="webhook_disabled")
    assert found.user == ana
    assert found.url == f"/team/webhooks/{hook.pk}/"
    assert "127.0.0.1 was switched off" in found.text


def test_what_takes_nothing_for_more_than_a_day_is_switched_off(team, ana, hook, there):
    there.status = 500
    deliver(team, MADE, MADE)
    assert Webhook.objects.get().is_active
    Webhook.objects.update(failing_since=after(-timedelta(hours=31)))
    is_due()
    deliveries.work()
    hook.refresh_from_db()
    assert not hook.is_active
    assert {one.state for one in Delivery.objects.all()} == {"failed"}
    deliver(team, MADE)
    assert Delivery.objects.count() == 2
    listening.work(team.pk)
    notices.work()
    assert Notification.objects.filter(kind="webhook_disabled").count() == 1


def test_what_is_on_its_way_when_it_is_switched_off_goes_nowhere_later(team, by_ana, hook, there):
    tell(team, MADE, MADE)
    listening.work(team.pk)
    sent, lost = deliveries._claim(), deliveries._claim()
    webhooks.change(by=by_ana, webhook=hook, settings={"is_active": False})
    deliveries.settle(sent, deliveries.Outcome(status=500))
    Delivery.objects.filter(pk=lost.pk).update(lease_until=after(-timedelta(seconds=1)))
    deliveries.sweep()
    assert {one.state for one in Delivery.objects.all()} == {"failed"}
    assert there.got == []


# --- tests and replays


def test_a_test_is_sent_also_to_one_that_is_off_and_tried_once(team, by_ana, hook, there):
    webhooks.change(by=by_ana, webhook=hook, settings={"is_active": False})
    there.status = 500
    webhooks.ping(by=by_ana, webhook=hook)
    deliveries.work()
    assert json.loads(there.got[0][1])["type"] == "webhooks.ping"
    assert Delivery.objects.get().state == "failed"
    hook.refresh_from_db()
    assert hook.failures == 0


def test_one_delivery_is_sent_again_under_its_id(team, by_ana, hook, there):
    deliver(team, MADE)
    sent = Delivery.objects.select_related("webhook").get()
    webhooks.replay(by=by_ana, delivery=sent)
    deliveries.work()
    assert [headers["webhook-id"] for headers, _ in there.got] == [str(sent.uid)] * 2


def test_a_range_is_sent_again_with_what_was_never_sent(team, by_ana, hook, there):
    deliver(team, MADE)
    webhooks.change(by=by_ana, webhook=hook, settings={"is_active": False})
    tell(team, MADE, TokenRevoked(1))
    with pytest.raises(Refused, match="switched off"):
        webhooks.replay_range(by=by_ana, webhook=hook, since_seq=1, until_seq=99)
    hook = webhooks.change(by=by_ana, webhook=hook, settings={"is_active": True})
    deliver(team)
    assert len(there.got) == 1
    assert webhooks.replay_range(by=by_ana, webhook=hook, since_seq=1, until_seq=99) == 2
    deliveries.work()
    assert len(there.got) == 3
    assert len({headers["webhook-id"] for headers, _ in there.got}) == 2


def test_a_range_is_bounded_and_names_what_is_there(team, by_ana, hook, monkeypatch):
    tell(team, MADE, MADE, MADE)
    monkeypatch.setattr(webhooks, "MOST_REPLAYED", 2)
    with pytest.raises(Refused, match="At most 2"):
        webhooks.replay_range(by=by_ana, webhook=hook, since_seq=1, until_seq=99)
    with pytest.raises(webhooks.NothingToReplay):
        webhooks.replay_range(by=by_ana, webhook=hook, since_seq=500, until_seq=900)


def test_a_pruned_event_is_told_as_such(team, hook, there):
    tell(team, MADE)
    listening.work(team.pk)
    Event.objects.filter(kind=MADE.kind).delete()
    deliveries.work()
    assert (there.got, Delivery.objects.get().state) == ([], "failed")
    assert "pruned" in Delivery.objects.get().error


def test_of_an_answer_its_beginning_is_kept(team, hook, there):
    there.body = b"\0\xff" + b"x" * 100_000
    deliver(team, MADE)
    kept = Delivery.objects.get().response
    assert 2_000 < len(kept) <= 2_048
    assert "\0" not in kept


def test_old_deliveries_go(team, hook, there):
    deliver(team, MADE, MADE)
    first = Delivery.objects.order_by("id").first()
    Delivery.objects.filter(pk=first.pk).update(ended_at=after(-timedelta(days=31)))
    deliveries.prune()
    assert Delivery.objects.count() == 1


def test_the_backlog_is_what_may_be_sent_now(team, hook, there):
    tell(team, MADE, MADE)
    listening.work(team.pk)
    assert deliveries.backlog("studio")[0] + deliveries.backlog("publish")[0] == 2
    Webhook.objects.update(rests_until=after(timedelta(minutes=5)))
    assert deliveries.backlog("studio")[0] + deliveries.backlog("publish")[0] == 0
