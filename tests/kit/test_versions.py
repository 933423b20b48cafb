import pytest

from channels_app.actions import change_brand_kit, change_channel
from config.kit.errors import Stale
from teams.actions import change_role, change_team
from teams.models import Membership, Role, Team
from videos.actions import change_order, edit_script
from videos.models import Scene, Video
from videos.writing import scripts

TWO = """{"title": "Kelp", "language": "en", "scenes": [
 {"id": "4f2a91c0", "narration": "Kelp grows.", "headline": "Growth"},
 {"id": "4f2a91c1", "narration": "Otters guard it.", "headline": "Guards"}]}"""


def test_each_change_of_a_channel_counts_its_version_up(by_ana, channel):
    changed = change_channel(by=by_ana, channel=channel, settings={"name": "Sea"}, version=1)
    assert changed.version == 2
    channel.refresh_from_db()
    assert (channel.name, channel.version) == ("Sea", 2)


def test_what_changes_nothing_keeps_its_version(by_ana, channel):
    assert change_channel(by=by_ana, channel=channel, settings={"name": "Kelp"}).version == 1


def test_of_two_edits_of_one_version_the_second_is_refused(by_ana, channel):
    change_channel(by=by_ana, channel=channel, settings={"name": "Sea"}, version=1)
    with pytest.raises(Stale):
        change_channel(by=by_ana, channel=channel, settings={"language": "de"}, version=1)
    channel.refresh_from_db()
    assert (channel.name, channel.language) == ("Sea", "")


def test_a_stale_look_is_refused(by_ana, channel):
    change_brand_kit(by=by_ana, kit=channel.brand_kit, look={"ink": "#000000"}, version=1)
    with pytest.raises(Stale):
        change_brand_kit(by=by_ana, kit=channel.brand_kit, look={"ink": "#111111"}, version=1)


def test_a_stale_team_and_a_stale_member_are_refused(by_ana, team, ben):
    change_team(by=by_ana, team=team, name="Sea", email=team.email, version=1)
    with pytest.raises(Stale):
        change_team(by=by_ana, team=team, name="Lake", email=team.email, version=1)
    member = Membership.objects.get(user=ben)
    change_role(by=by_ana, membership=member, role=Role.VIEWER, version=1)
    with pytest.raises(Stale):
        change_role(by=by_ana, membership=member, role=Role.ADMIN, version=1)
    assert Team.objects.get(pk=team.pk).name == "Sea"


def test_a_stale_order_is_refused_and_nothing_is_sent_back(by_ana, video):
    change_order(by=by_ana, video=video, version=1, seconds=20)
    with pytest.raises(Stale):
        change_order(by=by_ana, video=video, version=1, seconds=30)
    video.refresh_from_db()
    assert (video.seconds, video.version) == (20, 2)


def test_a_scenes_version_counts_its_own_changes_alone(by_ana, video):
    edit_script(by=by_ana, video=video, script=scripts.from_json(TWO), version=1)
    other = scripts.from_json(TWO.replace("Otters guard it.", "Otters eat urchins."))
    edit_script(by=by_ana, video=video, script=other, version=2)
    versions = list(Scene.objects.order_by("position").values_list("version", flat=True))
    assert versions == [1, 2]
    assert Video.objects.get(pk=video.pk).version == 3


def test_a_stale_script_is_refused_and_keeps_the_first(by_ana, video):
    edit_script(by=by_ana, video=video, script=scripts.from_json(TWO), version=1)
    other = scripts.from_json(TWO.replace("Growth", "Speed"))
    with pytest.raises(Stale):
        edit_script(by=by_ana, video=video, script=other, version=1)
    assert Scene.objects.order_by("position").first().headline == "Growth"
