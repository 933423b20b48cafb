"""Operators change channels and looks through the verbs, and see in words what is refused."""

import pytest
from django.contrib.auth.models import Permission
from django.forms.models import model_to_dict

from channels_app.actions import LOOK, SETTINGS, create_channel
from channels_app.models import BrandKit, Channel
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
