"""The operators' admin as a whole: every list and form, who gets in, what is never shown."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from collab.models import ShareLink
from config.kit.models import Mail
from teams.models import Invitation, Membership, Team, User
from teams.tokens import create_token
from tests.conftest import acting
from tests.rows import make

LABELS = sorted(model._meta.label for model in admin.site._registry)
pytestmark = pytest.mark.django_db


def page(label: str, name: str = "changelist", *args) -> str:
    return reverse(f"admin:{label.lower().replace('.', '_')}_{name}", args=args)


def queries(client, url: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as seen:
        assert client.get(url).status_code == 200
    return len(seen)


@pytest.mark.parametrize("label", LABELS)
def test_a_list_asks_no_more_for_many_rows_than_for_one(admin_client, label):
    model = apps.get_model(label)
    make(model)
    queries(admin_client, page(label))
    for_one = queries(admin_client, page(label))
    for _ in range(49):
        make(model)
    assert queries(admin_client, page(label)) == for_one


@pytest.mark.parametrize("label", LABELS)
def test_every_page_opens_for_who_may_do_everything(admin_client, label):
    row = make(apps.get_model(label))
    own = admin.site._registry[type(row)]
    assert admin_client.get(page(label)).status_code == 200
    assert admin_client.get(page(label, "change", row.pk)).status_code == 200
    adds = own.has_add_permission(admin_client.get(page(label)).wsgi_request)
    assert admin_client.get(page(label, "add")).status_code == (200 if adds else 403)


@pytest.mark.parametrize("label", LABELS)
def test_no_page_opens_for_who_has_no_rights(browser, ana, label):
    row = make(apps.get_model(label))
    pages = [page(label), page(label, "add"), page(label, "change", row.pk)]
    for url in pages:
        answer = browser(ana).get(url, follow=True)
        assert answer.status_code == 403
        assert answer.redirect_chain[0][0].startswith("/admin/login/")
    User.objects.filter(pk=ana.pk).update(is_staff=True)
    assert [browser(ana).get(url).status_code for url in pages] == [403, 403, 403]


@pytest.mark.parametrize("url", ["/admin/", "/admin/providers/", "/admin/teams/team/"])
def test_there_is_one_door_for_all(client, url):
    first = client.get(url)
    assert first.url == f"/admin/login/?next={url}"
    assert client.get(first.url).url == f"/accounts/login/?next={url}"


def test_the_door_leads_to_no_other_site(client, admin_client):
    url = "/admin/login/?next=https://elsewhere.example/"
    assert client.get(url).url == "/accounts/login/?next=/admin/"
    assert admin_client.get(url).url == "/admin/"


def test_the_password_is_changed_where_everybody_changes_it(admin_client):
    answer = admin_client.get("/admin/password_change/")
    assert answer.url == reverse("account_change_password")


def test_who_leaves_is_signed_out(admin_client):
    assert admin_client.post("/admin/logout/").url == "/accounts/login/"
    assert admin_client.get("/admin/").status_code == 302


def test_an_operator_without_rights_sees_no_figures(browser, ana):
    User.objects.filter(pk=ana.pk).update(is_staff=True)
    answer = browser(ana).get("/admin/")
    assert "no rights to see work" in answer.content.decode()
    assert browser(ana).get("/admin/providers/").status_code == 403
    ana.user_permissions.add(Permission.objects.get(codename="view_stagerun"))
    assert "Clusters alive" in browser(ana).get("/admin/").content.decode()
    assert browser(ana).get("/admin/providers/").status_code == 200


def test_the_policy_is_relaxed_here_and_nowhere_else(admin_client, team):
    here = admin_client.get("/admin/").headers["Content-Security-Policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in here.split(";") if " " in rule.strip())
    assert rules["script-src"] == "'self' 'unsafe-eval'"
    assert rules["style-src"] == "'self'"
    assert rules["style-src-attr"] == "'unsafe-inline'"
    there = admin_client.get("/accounts/login/").headers["Content-Security-Policy"]
    assert "unsafe" not in there


def test_every_model_stands_in_one_area_of_the_menu(admin_client):
    areas = admin_client.get("/admin/").context["sidebar_navigation"]
    more = [item["title"] for area in areas if area["title"] == "More" for item in area["items"]]
    assert more == []


def test_the_menu_shows_what_one_may_see(browser, ana):
    User.objects.filter(pk=ana.pk).update(is_staff=True)
    ana.user_permissions.add(Permission.objects.get(codename="view_event"))
    shown = browser(ana).get("/admin/").content.decode()
    assert "/admin/teams/event/" in shown
    assert "/admin/videos/video/" not in shown


def everywhere(client, label: str, pk: int) -> str:
    urls = [page(label), page(label, "change", pk), page(label, "history", pk)]
    return "".join(client.get(url).content.decode() for url in urls)


def test_the_hash_of_a_token_is_shown_to_nobody(admin_client, ana):
    token, secret = create_token(by=acting(ana), name="Cron", scopes=["videos:read"])
    seen = everywhere(admin_client, "teams.ApiToken", token.pk)
    assert "Cron" in seen
    assert token.sha256 not in seen
    assert secret not in seen


def test_the_hash_of_a_password_is_shown_to_nobody(admin_client, ana):
    seen = everywhere(admin_client, "teams.User", ana.pk)
    assert "A password is set" in seen
    _, salt, hashed = ana.password.split("$")
    assert salt not in seen
    assert hashed[:6] not in seen


def test_links_of_letters_and_invitations_are_shown_to_nobody(admin_client):
    invitation = make(Invitation)
    assert invitation.sha256 not in everywhere(admin_client, "teams.Invitation", invitation.pk)
    link = make(ShareLink)
    assert link.sha256 not in everywhere(admin_client, "collab.ShareLink", link.pk)
    mail = make(Mail)
    Mail.objects.update(text="https://studio.example/once", html="<a>once</a>")
    assert "/once" not in everywhere(admin_client, "kit.Mail", mail.pk)


def test_a_team_page_asks_no_more_for_many_members(admin_client, team):
    def counted() -> int:
        return queries(admin_client, page("teams.Team", "change", team.pk))

    Membership.objects.create(team=team, user=make(User))
    counted()
    for_one = counted()
    Membership.objects.bulk_create(Membership(team=team, user=make(User)) for _ in range(20))
    assert counted() == for_one


def test_the_list_of_teams_says_what_each_has_and_keeps(admin_client, video, ben):
    Team.objects.get().refresh_from_db()
    row = admin_client.get(page("teams.Team")).context["cl"].result_list[0]
    assert (row.member_count, row.video_count, row.stored_bytes) == (2, 1, 0)
