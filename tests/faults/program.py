"""What a production's processes run: ours, in an installation that knows the metered voice.

python -m tests.faults.program order | reap | qscale CLUSTER ..
"""

import os
import sys
import time
from pathlib import Path

import django
from django.core.management import execute_from_command_line

TEXTS = {
    "Kelp": "Kelp grows half a metre a day. Otters guard it from the urchins. "
    "Divers plant new forests every spring. Whales bring their calves to rest in the shade.",
    "Tides": "The moon pulls the sea up twice a day. Crabs wait for it under the stones. "
    "Mussels close their shells until it comes. Gulls know the hour better than the harbour.",
}
GO, READY = "go", "ready"


def order() -> None:
    """Two videos: while one is worked on, the other waits."""
    from channels_app.actions import home_channel  # noqa: PLC0415 - models need Django
    from teams.access import operator  # noqa: PLC0415
    from teams.actions import home_team  # noqa: PLC0415
    from videos import actions  # noqa: PLC0415

    by = operator(home_team())
    channel = home_channel(by=by)
    for title, text in TEXTS.items():
        wish = actions.Wish(
            source=text, title=title, seconds=10, format="square", voice="metered", publish=True
        )
        actions.create_video(by=by, channel=channel, wish=wish)


def reap() -> None:
    """All that wait reap at the same moment; each prints how many it has reaped."""
    from django.conf import settings  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415

    from videos import runs  # noqa: PLC0415

    connection.ensure_connection()
    folder = Path(settings.VAR_DIR)
    (folder / f"{READY}-{os.getpid()}").touch()
    while not (folder / GO).exists():
        time.sleep(0.001)
    print(runs.reap())  # noqa: T201


def main(words: list[str]) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from tests.faults import metered  # noqa: F401, PLC0415 - registers itself

    if words[0] == "order":
        order()
    elif words[0] == "reap":
        reap()
    else:
        execute_from_command_line(["manage.py", *words])


if __name__ == "__main__":
    main(sys.argv[1:])
