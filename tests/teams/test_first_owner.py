import re

from django.core.management import call_command

from teams.models import User


def test_the_password_is_shown_once(db, capsys, client):
    call_command("first_owner")
    password = re.search(r"with (\S+)", capsys.readouterr().out).group(1)
    assert client.login(username="owner@localhost", password=password)
    call_command("first_owner")
    assert capsys.readouterr().out == ""
    assert User.objects.count() == 1
