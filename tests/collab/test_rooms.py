"""Rooms over real sockets: who writes, who only reads, and who is shown the door."""

import pytest

from tests.collab.typist import Typist
from tests.live.server import Server

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]


def test_two_people_write_one_script(server: Server, ana, ben, written):
    with Typist(server, written.pk, ana) as one, Typist(server, written.pk, ben) as other:
        assert "Divers replant it." in one.text
        one.type(" By hand.")
        other.until(lambda: other.text.endswith("By hand."))
        other.type(" And by boat.")
        one.until(lambda: one.text.endswith("By hand. And by boat."))
        one.until(lambda: one.is_saved)
        other.until(lambda: other.is_saved)
    with Typist(server, written.pk, ana) as again:
        assert again.text.endswith("By hand. And by boat.")
