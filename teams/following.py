"""The topic "team": everything that happens in a team."""

from collections.abc import Mapping
from typing import Any

from config.kit.registry import Topic
from teams.access import Actor, team_for_view
from teams.brakes import sentence
from teams.models import Brake


def sees(by: Actor, team_id: int) -> bool:
    return by.team_id == team_id


def snapshot(by: Actor, team_id: int) -> Mapping[str, Any]:
    team = team_for_view(by, team_id)
    brakes = [sentence(one) for one in Brake.objects.over(team_id).order_by("id")]
    return {"name": team.name, "role": by.role, "brakes": brakes}


TOPIC = Topic("team", scope="", field="", sees=sees, snapshot=snapshot)
