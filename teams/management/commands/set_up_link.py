"""`manage.py set_up_link`: where the first owner begins, while there is none."""

from typing import Any

from django.core.management.base import BaseCommand

from teams import setting_up
from teams.models import User


class Command(BaseCommand):
    help = "On an installation without users, prints the link to its one-time set-up page."

    def handle(self, *args: Any, **options: Any) -> None:
        if not User.objects.exists():
            self.stdout.write(f"Set up the studio, once: {setting_up.link()}")
