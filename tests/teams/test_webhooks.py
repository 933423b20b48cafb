"""Webhooks: who manages them, and through which doors."""

import pytest

from config.kit.errors import Refused
from teams import events, webhooks
from teams.models import Delivery, Event, ListenerCursor, TeamJournal, Webhook
from tests.conftest import acting
from tests.kit.test_api import problem

URL = "https://hooks.example/in?key=secret-in-the-path"


@pytest.fixture
def hook(by_ana) -> Webhook:
    return webhooks.create(by=by_ana, url=URL)[0]


def hears(team) -> str:
    return TeamJournal.objects.get(team=team).hears


# --- rules


def test_the_journal_knows_what_some_webhook_wants(by_ana, team):
    assert hears(team) == ""
    one, _ = webhooks.create(by=by_ana, url=URL, kinds=["videos.video_moved"])
    assert hears(team) == "videos.video_moved"
    two, _ = webhooks.create(by=by_ana, url=URL, kinds=["billing.cost_booked"])
    assert hears(team) == "billing.cost_booked,videos.video_moved"
    every, _ = webhooks.create(by=by_ana, url=URL)
    assert events.ALL in hears(team).split(",")
    webhooks.remove(by=by_ana, webhook=every)
    webhooks.change(by=by_ana, webhook=one, settings={"is_active": False})
    assert hears(team) == "billing.cost_booked"
    webhooks.disable(two.pk, "It answered 410.")
    assert hears(team) == ""


def test_a_first_webhook_begins_where_the_journal_stands(by_ana, team):
    cursor = ListenerCursor.objects.get(listener=webhooks.LISTENER, team=team)
    assert cursor.seq == 0
    hook, _ = webhooks.create(by=by_ana, url=URL)
    cursor.refresh_from_db()
    hook.refresh_from_db()
    assert cursor.seq == hook.since_seq == TeamJournal.objects.get(team=team).seq - 1


@pytest.mark.parametrize(
    ("url", "kinds"),
    [("http://hooks.example/", []), ("https://a:b@hooks.example/", []), (URL, ["videos.danced"])],
)
def test_what_can_t_be_a_webhook_is_refused(by_ana, url, kinds):
    with pytest.raises(Refused):
        webhooks.create(by=by_ana, url=url, kinds=kinds)
    assert not Webhook.objects.exists()


def test_a_team_has_twenty_at_most(by_ana, monkeypatch):
    monkeypatch.setattr(webhooks, "MOST", 1)
    webhooks.create(by=by_ana, url=URL)
    with pytest.raises(Refused, match="at most 1"):
        webhooks.create(by=by_ana, url=URL)


def test_the_journal_tells_of_webhooks_without_their_secrets(by_ana, hook):
    webhooks.rotate(by=by_ana, webhook=hook)
    webhooks.disable(hook.pk, "It answered 410.")
    webhooks.disable(hook.pk, "again")
    webhooks.remove(by=by_ana, webhook=hook)
    told = Event.objects.filter(kind__startswith="teams.webhook").order_by("seq")
    kinds = [one.kind.removeprefix("teams.webhook_") for one in told]
    assert kinds == ["made", "changed", "disabled", "removed"]
    assert not any("secret-in" in str(one.payload) or "whsec" in str(one.payload) for one in told)


# --- pages


def test_an_admin_adds_one_and_sees_its_secret_once(ana, browser):
    page = browser(ana).post("/team/webhooks/new/", {"url": URL, "kinds": ["videos.video_moved"]})
    hook = Webhook.objects.get()
    assert hook.secret in page.content.decode()
    assert (hook.kinds, hook.created_by_id) == (["videos.video_moved"], ana.pk)
    again = browser(ana).get(f"/team/webhooks/{hook.pk}/").content.decode()
    assert "whsec_" not in again
    assert "hooks.example" in browser(ana).get("/team/webhooks/").content.decode()


def test_what_the_form_refuses_stands_at_its_field(ana, browser):
    answer = browser(ana).post("/team/webhooks/new/", {"url": "ftp://hooks.example/"})
    assert answer.status_code == 422
    assert "write an address that begins with https://" in answer.content.decode()


def test_it_is_changed_switched_off_and_on_and_removed(ana, browser, hook):
    path = f"/team/webhooks/{hook.pk}/"
    wanted = {"url": "https://other.example/", "version": hook.version}
    assert browser(ana).post(path, wanted).status_code == 302
    stale = browser(ana).post(path, wanted | {"url": URL})
    assert "Somebody else has changed this" in stale.content.decode()
    browser(ana).post(f"{path}switch/", {"to": "off"})
    hook.refresh_from_db()
    assert (hook.url, hook.is_active) == ("https://other.example/", False)
    assert "It is switched off" in browser(ana).get(path).content.decode()
    browser(ana).post(f"{path}switch/", {"to": "on"})
    hook.refresh_from_db()
    assert hook.is_active
    browser(ana).post(f"{path}remove/")
    assert not Webhook.objects.exists()


def test_a_new_secret_is_shown_once_and_the_old_one_is_kept_for_a_day(ana, browser, hook):
    old = hook.secret
    page = browser(ana).post(f"/team/webhooks/{hook.pk}/secret/").content.decode()
    hook.refresh_from_db()
    assert hook.secret in page
    assert (hook.old_secret, hook.secret != old) == (old, True)
    assert hook.secret not in browser(ana).get(f"/team/webhooks/{hook.pk}/").content.decode()


PAGES = ["", "new/", "{pk}/"]
DOORS = ["new/", "{pk}/", "{pk}/switch/", "{pk}/remove/", "{pk}/secret/", "{pk}/ping/"]
DOORS += ["{pk}/replay/"]


@pytest.mark.parametrize("who", ["ben", "vic", "cho", None])
@pytest.mark.parametrize("page", PAGES)
def test_nobody_else_sees_them(request, browser, hook, who, page):
    client = browser(request.getfixturevalue(who) if who else None)
    answer = client.get(f"/team/webhooks/{page.format(pk=hook.pk)}", follow=True)
    assert b"hooks.example/in" not in answer.content
    assert b"secret-in-the-path" not in answer.content


@pytest.mark.parametrize("who", ["ben", "vic", "cho", None])
@pytest.mark.parametrize("door", DOORS)
def test_nobody_else_changes_them(request, browser, hook, who, door):
    client = browser(request.getfixturevalue(who) if who else None)
    if (who, door) == ("cho", "new/"):
        return  # in her own team she may
    before = list(Webhook.objects.values())
    wanted = {"url": "https://evil.example/", "to": "off", "since_seq": 1, "until_seq": 9}
    client.post(f"/team/webhooks/{door.format(pk=hook.pk)}", wanted)
    assert list(Webhook.objects.values()) == before
    assert not Delivery.objects.exists()


@pytest.mark.parametrize("who", ["ben", "vic", "cho", None])
def test_nobody_else_sends_again(request, browser, by_ana, hook, who):
    sent = webhooks.ping(by=by_ana, webhook=hook)
    Delivery.objects.update(state="failed")
    client = browser(request.getfixturevalue(who) if who else None)
    client.post(f"/team/deliveries/{sent.pk}/replay/")
    assert Delivery.objects.get().state == "failed"


def test_the_settings_lead_there_for_who_may(browser, ana, ben):
    assert "/team/webhooks/" in browser(ana).get("/settings/").content.decode()
    assert "/team/webhooks/" not in browser(ben).get("/settings/").content.decode()


# --- programs


def test_a_program_adds_one_and_gets_the_secret_once(program, ana):
    mine = program(ana)
    wanted = {"url": URL, "kinds": ["videos.video_moved"]}
    made = mine.post("webhooks/", wanted, Idempotency_Key="a")
    assert made.status_code == 201
    assert made.json()["secret"].startswith("whsec_")
    again = mine.post("webhooks/", wanted, Idempotency_Key="a")
    assert (again.json()["id"], again.json()["secret"]) == (made.json()["id"], None)
    assert "secret" not in mine.get(f"webhooks/{made.json()['id']}/").json()
    assert Webhook.objects.get().secret == made.json()["secret"]


def test_a_program_changes_rotates_tests_and_removes(program, ana, hook):
    mine, path = program(ana), f"webhooks/{hook.pk}/"
    etag = mine.get(path)["ETag"]
    problem(mine.patch(path, {"kinds": []}), 428, "if_match_required")
    changed = mine.patch(path, {"kinds": ["videos.video_moved"]}, If_Match=etag)
    assert changed.json()["kinds"] == ["videos.video_moved"]
    problem(mine.patch(path, {"kinds": []}, If_Match=etag), 412, "stale")
    told = problem(mine.patch(path, {"url": "http://a.example/"}, If_Match="*"), 400, "invalid")
    assert told["errors"][0]["pointer"] == "/url"
    secret = mine.post(f"{path}rotate/").json()["secret"]
    assert Webhook.objects.get().secret == secret
    sent = mine.post(f"{path}ping/").json()
    assert (sent["kind"], sent["state"], sent["event_seq"]) == ("webhooks.ping", "waiting", None)
    listed = mine.get(f"{path}deliveries/?state=waiting").json()["results"]
    assert [one["id"] for one in listed] == [sent["id"]]
    assert mine.get(f"deliveries/{sent['id']}/").json()["message_id"] == sent["message_id"]
    problem(mine.post(f"deliveries/{sent['id']}/replay/"), 409, "nothing_to_replay")
    assert mine.delete(path, If_Match="*").status_code == 204
    assert not Webhook.objects.exists()


@pytest.mark.parametrize("who", ["ben", "vic"])
def test_a_program_of_who_is_no_admin_sees_none(request, program, hook, who):
    theirs = program(request.getfixturevalue(who))
    for path in ("webhooks/", f"webhooks/{hook.pk}/", f"webhooks/{hook.pk}/deliveries/"):
        problem(theirs.get(path), 403, "forbidden")
    problem(theirs.post("webhooks/", {"url": URL}), 403, "forbidden")


def test_a_program_of_another_team_finds_none(program, cho, by_ana, hook):
    sent = webhooks.ping(by=by_ana, webhook=hook)
    theirs = program(cho)
    assert theirs.get("webhooks/").json()["results"] == []
    for path in (f"webhooks/{hook.pk}/", f"deliveries/{sent.pk}/"):
        problem(theirs.get(path), 404, "not_found")
    for path in (
        *(f"webhooks/{hook.pk}/{act}/" for act in ("rotate", "ping")),
        f"deliveries/{sent.pk}/replay/",
    ):
        problem(theirs.post(path), 404, "not_found")
    problem(theirs.delete(f"webhooks/{hook.pk}/", If_Match="*"), 404, "not_found")


def test_a_reading_program_reads(program, ana, hook):
    reading = program(ana, "team:read")
    assert reading.get("webhooks/").json()["results"][0]["url"] == URL
    problem(reading.post(f"webhooks/{hook.pk}/ping/"), 403, "forbidden")


def test_an_operator_sees_neither_secrets_nor_paths(admin_client, hook):
    for path in (f"{hook.pk}/change/", ""):
        page = admin_client.get(f"/admin/teams/webhook/{path}").content.decode()
        assert "hooks.example" in page
        assert "whsec_" not in page
        assert "secret-in-the-path" not in page


def test_a_list_asks_no_more_for_many(ana, by_ana, browser, django_assert_max_num_queries):
    for _ in range(8):
        webhooks.create(by=by_ana, url=URL)
    client = browser(ana)
    client.get("/team/webhooks/")
    with django_assert_max_num_queries(14):
        assert client.get("/team/webhooks/").status_code == 200


def test_verbs_ask_for_themselves(ben, hook):
    by = acting(ben)
    for act in (
        lambda: webhooks.create(by=by, url=URL),
        lambda: webhooks.change(by=by, webhook=hook, settings={"is_active": False}),
        lambda: webhooks.rotate(by=by, webhook=hook),
        lambda: webhooks.remove(by=by, webhook=hook),
        lambda: webhooks.ping(by=by, webhook=hook),
        lambda: webhooks.replay_range(by=by, webhook=hook, since_seq=1, until_seq=2),
    ):
        with pytest.raises(Refused):
            act()
