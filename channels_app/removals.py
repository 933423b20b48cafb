"""What may leave: brand kits that no channel wears."""

from channels_app.models import BrandKit
from channels_app.news import BrandKitDeleted
from config.kit import files, rows
from config.kit.database import verb
from config.kit.errors import Refused
from teams.access import Actor, team_for_edit
from teams.events import publish


class Worn(Refused):
    code = "brand_kit_in_use"


@verb
def delete_brand_kit(*, by: Actor, kit: BrandKit, version: int | None = None) -> None:
    """Videos that were ordered keep the look that they were ordered with. Raises Worn, Stale."""
    team = team_for_edit(by, kit.team_id)
    locked = BrandKit.objects.select_for_update(no_key=True).get(pk=kit.pk)
    rows.refuse_stale(locked, version)
    channel = locked.channels.order_by("id").first()
    if channel is not None:
        raise Worn(f"The channel “{channel}” wears this brand kit: give it another one first.")
    news = BrandKitDeleted(locked.pk, locked.name)
    files.release("channels_app.brandkit", [locked.pk])
    locked.delete()
    publish(team, news)
