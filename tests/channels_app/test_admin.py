"""Operators change channels and looks through the verbs, and see in words what is refused."""

import pytest
from django.contrib.auth.models import Permission
from django.forms.models import model_to_dict

from channels_app.actions import LOOK, SETTINGS, create_channel
from channels_app.models import BrandKit, Channel, Credential, GoogleProject
from teams.models import Event, User
from tests.conftest import acting


def save(client, row, fields: tuple[str, ...], **changed: str):
    form = model_to_dict(row, fields) | changed
    return client.post(f"/admin/channels_app/{row._meta.model_name}/{row.pk}/change/", form)


def told() -> list[str]:
    return list(Event.objects.order_by("id").values_list("kind", flat=True))


def test_a_look_is_changed_through_its_verb(admin_client, channel):
    answer = save(admin_client, channel.brand_kit, LOOK, ink="#112233")
    assert answer.status_code == 302
    assert BrandKit.objects.get().ink == "#112233"
    assert told()[-1] == "channels.brand_kit_changed"


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("logo_sha256", "zz", "sha256 of an uploaded picture"),
        ("logo_sha256", "0" * 64, "no such picture"),
        ("font", "Comic Kelp", "not installed"),
        ("ink", "red", "#rrggbb"),
    ],
)
def test_what_can_not_be_drawn_is_said_in_the_form(admin_client, channel, field, value, words):
    answer = save(admin_client, channel.brand_kit, LOOK, **{field: value})
    assert answer.status_code == 200
    assert words in answer.content.decode()
    assert getattr(BrandKit.objects.get(), field) != value
    assert "channels.brand_kit_changed" not in told()


def test_a_channel_is_changed_through_its_verb(admin_client, channel):
    answer = save(admin_client, channel, SETTINGS, name="Tang", approval="one", slug="elsewhere")
    assert answer.status_code == 302
    channel.refresh_from_db()
    assert (channel.name, channel.approval, channel.slug) == ("Tang", "one", "kelp")
    assert told()[-1] == "channels.channel_changed"


@pytest.mark.parametrize(("field", "value"), [("music", "jazz"), ("language", "English!")])
def test_what_no_video_could_be_ordered_with_is_shown_in_the_form(
    admin_client, channel, field, value
):
    answer = save(admin_client, channel, SETTINGS, **{field: value})
    assert answer.status_code == 200
    assert field in answer.context["adminform"].errors


def test_a_kit_of_another_team_is_not_on_offer(admin_client, channel, cho):
    theirs = create_channel(by=acting(cho), name="Cho", slug="cho", brand={})
    answer = save(admin_client, channel, SETTINGS, brand_kit=str(theirs.brand_kit_id))
    assert answer.status_code == 200
    assert "brand_kit" in answer.context["adminform"].errors


@pytest.mark.parametrize("model", ["brandkit", "channel", "upload"])
def test_nothing_is_added_or_deleted_without_its_verb(admin_client, channel, model):
    row = channel.brand_kit if model == "brandkit" else channel
    base = f"/admin/channels_app/{model}/"
    assert admin_client.get(base).status_code == 200
    assert admin_client.post(f"{base}add/", {"name": "New"}).status_code == 403
    if model != "upload":
        assert admin_client.post(f"{base}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    assert (BrandKit.objects.count(), Channel.objects.count()) == (1, 1)


def test_who_may_only_look_changes_nothing(client, channel):
    user = User.objects.create_user("ola@example.org", "pw", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_brandkit"))
    client.force_login(user)
    assert save(client, channel.brand_kit, LOOK, ink="#112233").status_code == 403
    assert told()[-1] == "channels.channel_created"


PROJECT = "/admin/channels_app/googleproject/"
KELP = {
    "client_id": "kelp.apps.googleusercontent.com",
    "client_secret": "GOCSPX-kelp",
    "consent_status": "testing",
    "is_active": "on",
}


def test_the_project_at_google_is_entered_and_its_secret_is_never_shown(admin_client):
    assert admin_client.post(f"{PROJECT}add/", KELP).status_code == 302
    row = GoogleProject.objects.get()
    assert row.client_secret == "GOCSPX-kelp"
    page = f"{PROJECT}{row.pk}/change/"
    assert "GOCSPX" not in admin_client.get(page).content.decode()
    told = {**KELP, "client_secret": "", "consent_status": "production"}
    assert admin_client.post(page, told).status_code == 302
    row.refresh_from_db()
    assert (row.client_secret, row.consent_status) == ("GOCSPX-kelp", "production")
    assert admin_client.post(page, {**KELP, "client_secret": "GOCSPX-new"}).status_code == 302
    row.refresh_from_db()
    assert row.client_secret == "GOCSPX-new"


def test_there_is_one_project_at_google(admin_client):
    admin_client.post(f"{PROJECT}add/", KELP)
    answer = admin_client.post(f"{PROJECT}add/", {**KELP, "client_id": "tang"})
    assert "switch that one off first" in answer.content.decode()
    assert admin_client.post(f"{PROJECT}add/", {**KELP, "client_secret": ""}).status_code == 200
    assert GoogleProject.objects.count() == 1


def test_a_connection_shows_no_token(admin_client, channel):
    tokens = {"refresh_token": "1//0kelp", "access_token": "ya29.kelp"}
    row = Credential.objects.create(team=channel.team, channel=channel, youtube_id="UC1", **tokens)
    for page in ("", f"{row.pk}/change/"):
        shown = admin_client.get(f"/admin/channels_app/credential/{page}").content.decode()
        assert "UC1" in shown or not page
        for token in ("1//0kelp", "ya29.kelp"):
            assert token not in shown
