"""`manage.py first_owner`: the way into an empty installation."""

import secrets
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from teams.actions import create_owner, home_team
from teams.models import User


class Command(BaseCommand):
    help = "On an installation without users, makes the owner and prints the password once."

    def handle(self, *args: Any, **options: Any) -> None:
        if User.objects.exists():
            return
        password = secrets.token_urlsafe(12)
        owner = create_owner(email="owner@localhost", password=password, team=home_team())
        self.stdout.write(f"Sign in at {settings.PUBLIC_URL} as {owner.email} with {password}")
        self.stdout.write("(shown once; change it with: manage.py changepassword owner@localhost)")
